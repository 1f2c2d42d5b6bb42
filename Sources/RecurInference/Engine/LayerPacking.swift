import RecurModel
public import RecurTensors

/// Packs layers for one instruction set and one type of weights; weights shared by several nodes are
/// packed once.
struct LayerPacking {
  /// The key of packed weights: layers with equal keys share them.
  private struct Key: Hashable {
    let tensors: [TensorIdentity]
    let functions: [Activation]
    let kind: String
    let type: WeightType
  }

  /// The form in which the current node's weights are packed.
  private var form: PanelForm
  private let storage: WeightStorage
  /// Whether the current node has weights in a narrow type, and whether all are within its range.
  private var isNarrow = false
  private var fits = true
  /// The layers with weights in a narrow type.
  private(set) var narrowLayers: [String] = []
  private var weights: [Key: any PackedWeights] = [:]
  private var ownByteCount = 0

  init(_ kernels: Kernels, _ storage: WeightStorage) {
    form = PanelForm(kernels: kernels, weights: storage.type)
    self.storage = storage
  }

  /// The size of all packed weights in bytes.
  var byteCount: Int { weights.values.reduce(ownByteCount) { $0 + $1.byteCount } }

  /// The packed layer of a node; nil when the reference's code runs the layer.
  ///
  /// - Throws: `engine.precision` for a layer that computes in float64, and for an Embedding with
  ///   more rows than float32 can count; `engine.weights` for weights beyond the range of their type.
  mutating func pack(_ node: Model.Node) throws(CheckpointError) -> (any PlannedLayer)? {
    if let refusal = node.engineRefusal { throw refusal }
    form = PanelForm(
      kernels: form.kernels, weights: storage.keeps(node) ? .float32 : storage.type)
    (isNarrow, fits) = (false, true)
    let packed = node.engineLayer?.packed(&self)
    guard fits else { throw node.rangeRefusal(storage.type) }
    if isNarrow, !narrowLayers.contains(node.layerName) { narrowLayers.append(node.layerName) }
    return packed
  }

  private mutating func note(_ packed: some PackedWeights) {
    isNarrow = isNarrow || packed.type != .float32
    fits = fits && packed.fits
  }

  /// Packs numbers that belong to one layer alone.
  mutating func own(_ pack: (PanelForm) -> PackedMatrix) -> PackedMatrix {
    let packed = pack(form)
    ownByteCount += packed.byteCount
    note(packed)
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
    _ pack: (PanelForm) -> Weights
  ) -> Weights {
    let key = Key(
      tensors: tensors.map { TensorIdentity($0) }, functions: functions, kind: kind,
      type: form.weights)
    let packed = weights[key] as? Weights ?? pack(form)
    weights[key] = packed
    note(packed)
    return packed
  }
}

/// Weights in the memory layout that kernels read.
protocol PackedWeights: Sendable {
  /// The size of the packed weights in bytes.
  var byteCount: Int { get }
  /// The type of the weights.
  var type: WeightType { get }
  /// Whether all weights are within the range of the type.
  var fits: Bool { get }
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
  /// A layer computes in a precision that the fast engine does not have.
  public static let enginePrecision = Self(rawValue: "engine.precision")
}
