import RecurModel

/// What a mask is, told from how it is computed: two values of a model may be one mask.
///
/// `Masking` puts out the mask that `NotEqual` and `Any` compute over the same input.
indirect enum KerasMask: Hashable {
  /// A timestep counts where a value differs from a number; in any feature, or as a number itself.
  case differs(Model.Value, from: UInt64, inAnyFeature: Bool)
  /// A timestep counts if it counts in any of these.
  case any([KerasMask])
  /// A timestep counts if it counts in all of these.
  case all([KerasMask])
  /// One after the other.
  case concatenated([KerasMask])
  /// Any other value.
  case value(Model.Value)

  /// A mask in which every timestep of `value` counts: no number equals NaN.
  static func every(_ value: Model.Value) -> KerasMask {
    .differs(value, from: Double.nan.bitPattern, inAnyFeature: true)
  }

  /// Where `value` differs from `number`.
  static func comparing(_ value: Model.Value, with number: Double, inAnyFeature: Bool) -> KerasMask
  {
    // Both zeros are one number, and so are all NaN.
    let plain = number == 0 ? 0 : number.isNaN ? .nan : number
    return .differs(value, from: plain.bitPattern, inAnyFeature: inAnyFeature)
  }
}

/// How a layer makes a mask of its input: a timestep counts where it differs from a number.
struct KerasMaskComparison: Hashable, Sendable {
  var number: Double
  /// Whether any feature may differ; else the timesteps are numbers themselves.
  var inAnyFeature: Bool
}

/// When a node computes nothing but masks.
enum KerasMaskSource: Hashable, Sendable {
  /// Never.
  case none
  /// Always.
  case itself
  /// When all its inputs are masks.
  case inputs
}

/// How a node that computes nothing but masks is written.
enum KerasMaskWriting: Hashable, Sendable {
  /// As one operation.
  case operation
  /// Not at all: its output is its input.
  case nothing
  /// As one operation of two masks after the other.
  case inPairs
}

/// The masks of one model.
struct KerasMaskReader {
  private let nodes: [String: Model.Node]

  init(_ model: Model) {
    nodes = Dictionary(model.nodes.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
  }

  /// The layer that puts out `value`, with its inputs.
  func origin(_ value: Model.Value) -> (layer: Layer, inputs: [Model.Value])? {
    nodes[value.node].map { ($0.layer, $0.inputs) }
  }

  /// What `value` is as a mask.
  func mask(_ value: Model.Value) -> KerasMask {
    guard let node = nodes[value.node] else { return .value(value) }
    if value.output == 1, let made = node.layer.maskComparison {
      return .comparing(node.inputs[0], with: made.number, inAnyFeature: made.inAnyFeature)
    }
    return node.layer.maskComputing?.mask(of: node.inputs, self) ?? .value(value)
  }

  /// The mask in which a timestep counts where any feature of `value` is true; nil when it is none of
  /// those that Keras 3 computes for merged inputs.
  func featureMask(_ value: Model.Value) -> KerasMask? {
    guard let node = nodes[value.node] else { return nil }
    return node.layer.maskComputing?.featureMask(of: node.inputs, self)
  }

  /// Whether a node computes nothing but masks: it is written only where a mask must be given.
  func isMaskNode(_ node: Model.Node) -> Bool {
    switch node.layer.maskComputing?.maskSource ?? .none {
    case .none: false
    case .itself: true
    case .inputs: !node.inputs.isEmpty && node.inputs.allSatisfy(isMaskValue)
    }
  }

  private func isMaskValue(_ value: Model.Value) -> Bool {
    // What is not in the model was added to compute a mask.
    guard let node = nodes[value.node] else { return true }
    return node.layer.keras is any KerasMaskMaking ? value.output == 1 : isMaskNode(node)
  }
}

extension Layer {
  /// The layer as one that computes masks; nil for other kinds.
  var maskComputing: (any KerasMaskComputing)? { keras as? any KerasMaskComputing }

  /// How the layer makes a mask of its input; nil when it makes none.
  var maskComparison: KerasMaskComparison? { (keras as? any KerasMaskMaking)?.comparison }
}
