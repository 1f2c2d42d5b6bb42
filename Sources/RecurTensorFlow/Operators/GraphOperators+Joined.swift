import RecurModel
import RecurTensors

// Arrays of parts, and arrays with margins.
extension GraphOperators {
  static let joined: [GraphOperatorRow] = [
    GraphOperatorRow("ConcatV2") { call, builder throws(CheckpointError) in
      try concatenated(axisIsFirst: false, call, &builder)
    },
    GraphOperatorRow("Concat") { call, builder throws(CheckpointError) in
      try concatenated(axisIsFirst: true, call, &builder)
    },
    GraphOperatorRow("Pack") { call, builder throws(CheckpointError) in
      let axis = call.node.integer("axis") ?? 0
      let sizes = call.inputs.compactMap { GraphSizes($0) }
      if sizes.count == call.inputs.count, axis == 0, sizes.allSatisfy(\.isSingle) {
        return [GraphSizes(sizes.map { $0.elements[0] }).value]
      }
      return [
        try builder.stacked(
          call.arrays(call.inputs.indices, builder), axis: axis)
      ]
    },
    GraphOperatorRow("Pad") { call, builder throws(CheckpointError) in
      [try padded(call, with: 0, &builder)]
    },
    GraphOperatorRow("PadV2") { call, builder throws(CheckpointError) in
      let value = try call.weight(2, builder)
      guard value.array.count == 1 else { throw call.problem("fills with an array", builder) }
      return [try padded(call, with: value.array.doubles()[0], &builder)]
    },
  ]

  private static func concatenated(
    axisIsFirst: Bool, _ call: OperatorCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let count = call.inputs.count
    guard count > 1 else { throw call.problem("joins nothing", builder) }
    let range = axisIsFirst ? 1..<count : 0..<count - 1
    let axis = try call.integer(axisIsFirst ? 0 : count - 1, builder)
    let own = range.map { call[$0] }
    if own.contains(where: \.isSymbolic) {
      var sizes: [Dimension] = []
      for index in range { sizes += try call.sizes(index, builder).elements }
      return [GraphSizes(sizes).value]
    }
    return [try builder.concatenated(call.arrays(range, builder), axis: axis)]
  }

  private static func padded(
    _ call: OperatorCall, with value: Double, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let x = try call.array(0, builder)
    let pads = try call.weight(1, builder).array.shape
    guard try pads == [builder.extents(x).count, 2] else {
      throw call.problem("adds elements by an array of the shape \(tuple(pads))", builder)
    }
    return try builder.padded(x, call.integers(1, builder), with: value)
  }
}
