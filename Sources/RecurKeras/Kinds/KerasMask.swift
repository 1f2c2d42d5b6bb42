import RecurModel

/// A mask by the way it is computed, so that two equal masks are recognised as equal.
///
/// For example, `Masking` puts out the mask that `NotEqual` and `Any` compute from the same input.
indirect enum KerasMask: Hashable {
  /// A timestep counts where `value` differs from a number: in any of its features, or as a number
  /// itself.
  case differs(Model.Value, from: UInt64, inAnyFeature: Bool)
  /// A timestep counts if it counts in any of these masks.
  case any([KerasMask])
  /// A timestep counts if it counts in all of these masks.
  case all([KerasMask])
  /// These masks one behind the other, along the timesteps.
  case concatenated([KerasMask])
  /// Any other value.
  case value(Model.Value)

  /// A mask in which every timestep of `value` counts, because no number equals NaN.
  static func every(_ value: Model.Value) -> KerasMask {
    .differs(value, from: Double.nan.bitPattern, inAnyFeature: true)
  }

  /// The mask of timesteps in which `value` differs from `number`.
  static func comparing(_ value: Model.Value, with number: Double, inAnyFeature: Bool) -> KerasMask
  {
    // 0 and −0 are one number here, and so are all NaN.
    let plain = number == 0 ? 0 : number.isNaN ? .nan : number
    return .differs(value, from: plain.bitPattern, inAnyFeature: inAnyFeature)
  }
}

/// How a layer makes a mask of its input: a timestep counts if it differs from a number.
struct KerasMaskComparison: Hashable, Sendable {
  var number: Double
  /// Whether one differing feature is enough; if not, each timestep is a single number.
  var inAnyFeature: Bool
}

/// The condition under which a node computes nothing but masks.
enum KerasMaskSource: Hashable, Sendable {
  /// It never does.
  case none
  /// It always does.
  case itself
  /// It does when all its inputs are masks.
  case inputs
}

/// The way to write a node that computes nothing but masks.
enum KerasMaskWriting: Hashable, Sendable {
  /// As one operation.
  case operation
  /// As nothing: the output is the input.
  case nothing
  /// As operations of two masks each, one after the other.
  case inPairs
}

/// The masks of one model.
struct KerasMaskReader {
  private let nodes: [String: Model.Node]

  init(_ model: Model) {
    nodes = Dictionary(model.nodes.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
  }

  /// The layer that puts out `value`, and the inputs of this layer.
  func origin(_ value: Model.Value) -> (layer: Layer, inputs: [Model.Value])? {
    nodes[value.node].map { ($0.layer, $0.inputs) }
  }

  /// `value` as a mask.
  func mask(_ value: Model.Value) -> KerasMask {
    guard let node = nodes[value.node] else { return .value(value) }
    if value.output == 1, let made = node.layer.maskComparison {
      return .comparing(node.inputs[0], with: made.number, inAnyFeature: made.inAnyFeature)
    }
    return node.layer.maskComputing?.mask(of: node.inputs, self) ?? .value(value)
  }

  /// The mask of timesteps in which any feature of `value` is true; nil for masks that Keras 3 does
  /// not compute for merged inputs.
  func featureMask(_ value: Model.Value) -> KerasMask? {
    guard let node = nodes[value.node] else { return nil }
    return node.layer.maskComputing?.featureMask(of: node.inputs, self)
  }

  /// Whether a node computes nothing but masks.
  ///
  /// Such a node is written only where a mask must be explicit.
  func isMaskNode(_ node: Model.Node) -> Bool {
    switch node.layer.maskComputing?.maskSource ?? .none {
    case .none: false
    case .itself: true
    case .inputs: !node.inputs.isEmpty && node.inputs.allSatisfy(isMaskValue)
    }
  }

  private func isMaskValue(_ value: Model.Value) -> Bool {
    // A node that is not in the model was added to compute a mask.
    guard let node = nodes[value.node] else { return true }
    return node.layer.keras is any KerasMaskMaking ? value.output == 1 : isMaskNode(node)
  }
}

extension Layer {
  /// The layer as a kind that computes masks; nil for other kinds.
  var maskComputing: (any KerasMaskComputing)? { keras as? any KerasMaskComputing }

  /// The comparison by which the layer makes a mask of its input; nil when it makes none.
  var maskComparison: KerasMaskComparison? { (keras as? any KerasMaskMaking)?.comparison }
}
