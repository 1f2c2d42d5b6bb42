import RecurModel
import RecurTensors

// Rows of the table of torch's functions, applied to values of a graph.
extension PyTorchFunctions {
  /// Parameters whose known arrays the functions take as values of the model.
  private static let values: Set = ["self", "input", "tensors", "query", "key", "value", "x"]

  /// Adds what a function of the table computes to a graph.
  ///
  /// - Throws: `graph.unsupported`, naming the operator and the reason.
  static func results(
    _ name: String, _ target: String, _ arguments: [(name: String, value: GraphValue)],
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    guard has(name) else {
      throw builder.problem("the operator '\(target)' is not supported")
    }
    var keywords: [(name: String, value: PyTorchArgument)] = []
    for (parameter, value) in arguments
    where !PyTorchSignature.changesNothing.contains(parameter) && !value.isNothing {
      let own = values.contains(parameter)
      keywords.append((parameter, try argument(value, isComputed: own, &builder)))
    }
    let nodes: [Node]
    let result: PyTorchArgument
    do throws(CheckpointError) {
      (nodes, result) = try call(name, [], keywords, named: "\u{1}result")
    } catch {
      throw builder.problem("'\(target)' is not supported here: \(error.diagnostic.message)")
    }
    let weights = arguments.map { ($0.name, $0.value.known) }
    let place = builder.place(
      Dictionary(weights, uniquingKeysWith: { one, _ in one }).compactMapValues { $0 })
    // The nodes have names of their own here and get those of the graph.
    var values: [Model.Value: Model.Value] = [:]
    for node in nodes {
      let hasWeights = node.layer.parameterCount > 0
      let outputs = try builder.add(
        node.layer, node.inputs.map { values[$0] ?? $0 }, place: hasWeights ? place : nil,
        precision: hasWeights ? node.layer.tensors.first?.tensor.elementType : nil)
      for (index, output) in outputs.enumerated() { values[Model.Value(node.name, index)] = output }
    }
    return [GraphValue(result, values)]
  }

  private static func argument(
    _ value: GraphValue, isComputed: Bool, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> PyTorchArgument {
    switch value {
    case .computed: return .tensor(try tensor(value, builder))
    case .known(let known):
      guard !isComputed else {
        return .tensor(try tensor(.computed(builder.computed(value)), builder))
      }
      guard known.isStored else {
        try builder.count(known: known.storedCount)
        let stored = try known.stored()
        guard stored.isStored else {
          return .tensor(try tensor(.computed(builder.computed(value)), builder))
        }
        return .array(stored.array)
      }
      return .array(known.array)
    case .size(let extent): return extent.value.map { .integer($0) } ?? .extent(extent)
    case .number(let number): return .number(number)
    case .flag(let flag): return .bool(flag)
    case .text(let text): return .text(text)
    case .type(let type): return .type(type)
    case .nothing: return .none
    case .range: throw builder.problem("\(value.title) are used as an array")
    case .list(let elements):
      var list: [PyTorchArgument] = []
      for element in elements {
        list.append(try argument(element, isComputed: isComputed, &builder))
      }
      return .list(list)
    }
  }

  private static func tensor(
    _ value: GraphValue, _ builder: GraphBuilder
  ) throws(CheckpointError) -> PyTorchTensor {
    guard case .computed(let own) = value else {
      throw builder.problem("\(value.title) is used as an array")
    }
    let type = builder.type(value) ?? .float32
    return PyTorchTensor(
      own, shape: builder.shape(value),
      kind: type == .bool ? .boolean : type.isFloatingPoint ? .floatingPoint : .integer)
  }
}

extension GraphValue {
  /// A value of the table of functions; `outputs` has the values of the graph for those of the table.
  init(_ argument: PyTorchArgument, _ outputs: [Model.Value: Model.Value]) {
    switch argument {
    case .tensor(let tensor): self = .computed(outputs[tensor.value] ?? tensor.value)
    case .array(let array): self = .known(KnownArray(array))
    case .integer(let value): self = .integer(value)
    case .extent(let value): self = .size(value)
    case .number(let value): self = .number(value)
    case .bool(let value): self = .flag(value)
    case .text(let value): self = .text(value)
    case .type(let value): self = .type(value)
    case .list(let elements): self = .list(elements.map { GraphValue($0, outputs) })
    case .none, .slice, .ellipsis, .unavailable: self = .nothing
    }
  }
}
