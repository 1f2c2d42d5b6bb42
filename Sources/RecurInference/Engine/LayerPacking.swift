import RecurModel
package import RecurTensors

/// Packs layers for one instruction set; weights that several nodes share are packed once.
struct LayerPacking {
  /// What makes packed weights those of another layer too.
  private struct Key: Hashable {
    let tensors: [TensorIdentity]
    let functions: [Activation]
    let kind: String
  }

  private let kernels: Kernels
  private var weights: [Key: any PackedWeights] = [:]

  init(_ kernels: Kernels) { self.kernels = kernels }

  /// The bytes that all packed weights take.
  var byteCount: Int { weights.values.reduce(0) { $0 + $1.byteCount } }

  /// The layer of a node; nil where the reference's code computes it.
  ///
  /// - Throws: `engine.precision` for a layer that computes in float64, and for an Embedding of more
  ///   rows than binary32 can count.
  mutating func pack(_ node: Model.Node) throws(CheckpointError) -> (any PlannedLayer)? {
    if let refusal = node.engineRefusal { throw refusal }
    return node.engineLayer?.packed(&self)
  }

  /// Packed weights, which are those of another layer where that has the same.
  ///
  /// - Parameters:
  ///   - tensors: the weights.
  ///   - functions: the activations that are packed with them.
  ///   - kind: how they are packed.
  ///   - pack: packs them, if nobody did yet.
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

/// Weights in the memory that kernels read.
protocol PackedWeights: Sendable {
  /// The bytes that they take.
  var byteCount: Int { get }
}

extension Model.Node {
  /// Why the engine can't run this node: it computes in float64, or an Embedding has more rows than
  /// binary32 can count; nil when it can.
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
