import RecurModel
package import RecurTensors

/// Packs layers for one instruction set; weights shared by several nodes are packed once.
struct LayerPacking {
  /// The key of packed weights: layers with equal keys share them.
  private struct Key: Hashable {
    let tensors: [TensorIdentity]
    let functions: [Activation]
    let kind: String
  }

  private let kernels: Kernels
  private var weights: [Key: any PackedWeights] = [:]
  private var ownByteCount = 0

  init(_ kernels: Kernels) { self.kernels = kernels }

  /// The size of all packed weights in bytes.
  var byteCount: Int { weights.values.reduce(ownByteCount) { $0 + $1.byteCount } }

  /// The packed layer of a node; nil when the reference's code runs the layer.
  ///
  /// - Throws: `engine.precision` for a layer that computes in float64, and for an Embedding with
  ///   more rows than float32 can count.
  mutating func pack(_ node: Model.Node) throws(CheckpointError) -> (any PlannedLayer)? {
    if let refusal = node.engineRefusal { throw refusal }
    return node.engineLayer?.packed(&self)
  }

  /// Packs numbers that belong to one layer alone.
  mutating func own(_ pack: (Kernels) -> PackedMatrix) -> PackedMatrix {
    let packed = pack(kernels)
    ownByteCount += packed.byteCount
    return packed
  }

  /// Packs weights, or returns weights that were packed before for the same tensors.
  ///
  /// - Parameters:
  ///   - tensors: the weights.
  ///   - functions: the activations that are packed with the weights.
  ///   - kind: the name of the packing.
  ///   - pack: packs the weights when they are needed for the first time.
  /// - Returns: the packed weights.
  mutating func shared<Weights: PackedWeights>(
    _ tensors: [Tensor], _ functions: [Activation], _ kind: String,
    _ pack: (Kernels) -> Weights
  ) -> Weights {
    let key = Key(
      tensors: tensors.map { TensorIdentity($0) }, functions: functions, kind: kind)
    if let packed = weights[key] as? Weights { return packed }
    let packed = pack(kernels)
    weights[key] = packed
    return packed
  }
}

/// Weights in the memory layout that kernels read.
protocol PackedWeights: Sendable {
  /// The size of the packed weights in bytes.
  var byteCount: Int { get }
}

extension Model.Node {
  /// The error when the engine can't run this node, because the layer computes in float64 or an
  /// Embedding has more rows than float32 can count; nil when the engine can run it.
  var engineRefusal: CheckpointError? {
    if case .input = layer { return nil }
    if precision == .float64 {
      return refusal(
        "\(layer.title) '\(layerName)' computes in float64, and the engine in float32",
        expected: "float32, float16 or bfloat16", found: "float64")
    }
    if case .embedding(let embedding) = layer, embedding.vocabularySize > 1 << 24,
      !precision.isHalfWidthFloat
    {
      return refusal(
        "'\(layerName)' has more rows than the engine's tokens can count in float32",
        expected: "at most \(1 << 24)", found: "\(embedding.vocabularySize)")
    }
    return nil
  }

  private func refusal(
    _ message: String, expected: String, found: String
  ) -> CheckpointError {
    CheckpointError(
      .enginePrecision, message, at: location, expected: expected, found: found,
      remedies: [.useReference])
  }
}

extension Diagnostic.Code {
  package static let enginePrecision = Self(rawValue: "engine.precision")
}
