import RecurTensors

/// The kind of numbers of a value.
package enum NumberKind: Sendable {
  /// Floating-point numbers.
  case floatingPoint
  /// Integers.
  case integer
  /// Booleans.
  case boolean
}

/// The kinds of numbers of all values of a model, found node by node.
package struct NumberKinds: Sendable {
  private var kinds: [Model.Value: NumberKind] = [:]

  /// Kinds of no nodes yet.
  package init() {}

  /// The kinds of all values of a model.
  package init(_ model: Model) { for node in model.nodes { add(node) } }

  /// Finds the kinds of one more node; the nodes that it reads were added before.
  package mutating func add(_ node: Model.Node) {
    let inputs = node.inputs.map { self[$0] }
    kinds[Model.Value(node.name)] = Self.kind(node.layer.traits.outputType, inputs)
    if node.layer.ports.makesMask {
      kinds[Model.Value(node.name, node.layer.outputCount - 1)] = .boolean
    }
  }

  /// The kind of an output.
  package subscript(value: Model.Value) -> NumberKind { kinds[value] ?? .floatingPoint }

  /// The kind of an output of a given type, for the kinds of the inputs.
  package static func kind(
    _ type: LayerTraits.OutputType, _ inputs: [NumberKind]
  ) -> NumberKind {
    let isFloatingPoint = inputs.contains(.floatingPoint)
    switch type {
    case .declared(let type):
      return type == .bool ? .boolean : type.isFloatingPoint ? .floatingPoint : .integer
    case .ofInput: return inputs.first ?? .floatingPoint
    case .floatingPoint: return .floatingPoint
    case .joined:
      return isFloatingPoint ? .floatingPoint : Set(inputs).count == 1 ? inputs[0] : .integer
    case .arithmetic: return isFloatingPoint ? .floatingPoint : .integer
    case .boolean: return .boolean
    }
  }
}
