import RecurModel
import RecurTensors

// Arrays of tensors, which loops read and write one timestep at a time
// (tensorflow/core/ops/data_flow_ops.cc, "TensorArrayV3").
extension GraphModelReader {
  /// What a node does with an array of tensors; nil for other nodes.
  mutating func kept(
    _ node: GraphOperator, _ inputs: [NodeValue], _ scope: inout Scope
  ) throws(CheckpointError) -> [NodeValue]? {
    guard node.operation.hasPrefix("TensorArray") else { return nil }
    func title(_ index: Int) -> String {
      inputs.indices.contains(index) ? inputs[index].title : "nothing"
    }
    var operation = node.operation.dropFirst("TensorArray".count)
    if operation.hasSuffix("V2") || operation.hasSuffix("V3") { operation = operation.dropLast(2) }
    switch operation {
    case "": return [.handle(node.name), .tensors(node.name, nil)]
    case "Scatter", "Unpack":
      // The positions are all of them, in order.
      let isScatter = operation == "Scatter"
      guard inputs.count == (isScatter ? 4 : 3), case .handle(let name) = inputs[0] else { break }
      if isScatter, try !isWhole(inputs[1], inputs[2], scope) { break }
      return [.tensors(name, inputs[isScatter ? 2 : 1])]
    case "Gather", "Pack":
      guard case .tensors(_, let contents?)? = inputs.last else { break }
      if operation == "Gather" {
        guard inputs.count == 3, try isWhole(inputs[1], contents, scope) else { break }
      }
      return [contents]
    case "Size":
      guard case .tensors(_, let contents?)? = inputs.last,
        let extent = try extents(contents, scope)?.first
      else {
        guard case .handle(let name)? = inputs.first,
          let own = frames.nodes[Name(name)]?.dataInputs.first
        else { break }
        return [read(own, scope)]
      }
      return [.value(.size(extent))]
    case "Read":
      guard inputs.count == 3, case .round = inputs[1],
        case .tensors(let name, let contents?) = inputs[2]
      else { break }
      return [.value(try timestep(name, contents, &scope))]
    case "Write":
      guard inputs.count == 4, case .round = inputs[1], case .handle(let name) = inputs[0],
        scope.round?.written.contains(where: { $0.handle == name }) == false
      else { break }
      scope.round?.written.append((name, inputs[2]))
      return [.tensors(name, nil)]
    default: break
    }
    throw scope.builder.problem(
      "\(node.operation) '\(node.name)' is used otherwise than over timesteps: it reads \(title(1))"
    )
  }

  /// Whether positions are those of all timesteps, in order.
  private func isWhole(
    _ positions: NodeValue, _ contents: NodeValue, _ scope: Scope
  ) throws(CheckpointError) -> Bool {
    guard case .value(let value) = positions, let extent = try extents(contents, scope)?.first
    else {
      return false
    }
    if case .range(let own) = value { return own == extent }
    let numbers = GraphSizes(value)?.elements.compactMap(\.value) ?? []
    return .fixed(numbers.count) == extent && numbers == Array(numbers.indices)
  }

  private func extents(
    _ value: NodeValue, _ scope: Scope
  ) throws(CheckpointError) -> [Dimension]? {
    switch value {
    case .value(let own), .reversed(let own, _, _), .outer(let own):
      (scope.round?.outer ?? scope.builder).shape(own)
    default: nil
    }
  }

  /// One timestep of a sequence from outside of the loop.
  private mutating func timestep(
    _ handle: String, _ contents: NodeValue, _ scope: inout Scope
  ) throws(CheckpointError) -> GraphValue {
    if let known = scope.round?.sequences.first(where: { $0.handle == handle }) {
      return known.input
    }
    let (value, isReversed, lengths): (GraphValue, Bool, GraphValue?)
    switch contents {
    case .value(let own): (value, isReversed, lengths) = (own, false, nil)
    case .reversed(let own, let given, axis: 0): (value, isReversed, lengths) = (own, true, given)
    default: throw scope.builder.problem("a loop reads \(contents.title), one timestep at a time")
    }
    guard let outer = scope.round?.outer, let shape = outer.shape(value), !shape.isEmpty else {
      throw scope.builder.problem("a loop reads \(value.title), one timestep at a time")
    }
    let input = try scope.builder.input(
      "\(handle).timestep", shape: Array(shape.dropFirst()),
      type: outer.type(value) ?? .float32)
    guard case .computed(let node) = input else { return input }
    scope.round?.sequences.append(
      .init(
        handle: handle, input: input, name: node.node, value: value, isReversed: isReversed,
        lengths: lengths))
    return input
  }
}
