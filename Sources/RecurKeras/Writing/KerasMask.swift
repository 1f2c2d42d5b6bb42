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

/// The masks of one model.
struct KerasMaskReader {
  private let nodes: [String: Model.Node]

  init(_ model: Model) {
    nodes = Dictionary(model.nodes.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
  }

  /// What `value` is as a mask.
  func mask(_ value: Model.Value) -> KerasMask {
    guard let node = nodes[value.node] else { return .value(value) }
    switch node.layer {
    case .masking(let masking) where value.output == 1:
      return .comparing(node.inputs[0], with: masking.value, inAnyFeature: true)
    case .embedding where value.output == 1:
      return .comparing(node.inputs[0], with: 0, inAnyFeature: false)
    case .notEqual(let comparison):
      return .comparing(node.inputs[0], with: comparison.value, inAnyFeature: false)
    case .anyTrue(AnyTrue(axis: -1, keepsAxis: false)):
      return anyFeature(node.inputs[0]) ?? .value(value)
    // Keras 3 writes its conversions of masks into the graph.
    case .identity: return node.inputs.first.map(mask) ?? .value(value)
    case .merge(.maximum): return .any(node.inputs.map(mask))
    case .merge(.minimum): return .all(node.inputs.map(mask))
    case .merge(.concatenate(axis: 1)): return .concatenated(node.inputs.map(mask))
    default: return .value(value)
    }
  }

  /// The mask in which a timestep counts where any feature of `value` is true; nil when it is none
  /// of those that Keras 3 computes for merged inputs (keras/src/layers/merging/concatenate.py).
  private func anyFeature(_ value: Model.Value) -> KerasMask? {
    guard let node = nodes[value.node] else { return nil }
    switch node.layer {
    case .notEqual(let comparison):
      return .comparing(node.inputs[0], with: comparison.value, inAnyFeature: true)
    case .reshaping(.insertAxis(2)): return mask(node.inputs[0])
    case .merge(.maximum):
      let parts = node.inputs.filter { !isNowhereTrue($0) }
      return parts.count == 1 ? anyFeature(parts[0]) : nil
    case .merge(.concatenate(let axis)):
      var parts: [KerasMask] = []
      for input in node.inputs {
        guard let part = anyFeature(input) else { return nil }
        parts.append(part)
      }
      return axis == 1 ? .concatenated(parts) : .any(parts)
    default: return nil
    }
  }

  /// Whether a value is false throughout: what differs from 1 among ones (`ZerosLike`).
  private func isNowhereTrue(_ value: Model.Value) -> Bool {
    guard case .notEqual(NotEqual(value: 1)) = nodes[value.node]?.layer,
      let ones = nodes[value.node]?.inputs.first,
      case .notEqual(let comparison) = nodes[ones.node]?.layer
    else { return false }
    return comparison.value.isNaN
  }

  /// Whether a node computes nothing but masks: it is written only where a mask must be given.
  func isMaskNode(_ node: Model.Node) -> Bool {
    switch node.layer {
    case .notEqual, .lengthMask: true
    case .anyTrue, .merge, .identity, .reshaping(.insertAxis):
      !node.inputs.isEmpty && node.inputs.allSatisfy(isMaskValue)
    default: false
    }
  }

  private func isMaskValue(_ value: Model.Value) -> Bool {
    // What is not in the model was added to compute a mask.
    guard let node = nodes[value.node] else { return true }
    switch node.layer {
    case .masking, .embedding: return value.output == 1
    default: return isMaskNode(node)
    }
  }
}
