import RecurModel
import RecurTensors

// Arrays of parts, and arrays with margins.
extension GraphOperators {
  static let joined: [GraphOperatorRow] = [
    GraphOperatorRow("ConcatV2") { call, builder throws(CheckpointError) in
      try concatenated(
        0..<call.inputs.count - 1, axis: call.integer(call.inputs.count - 1, builder), call,
        &builder)
    },
    GraphOperatorRow("Concat") { call, builder throws(CheckpointError) in
      try concatenated(
        1..<call.inputs.count, axis: call.integer(0, builder), call, &builder)
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
    _ range: Range<Int>, axis: Int, _ call: OperatorCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
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
    var x = try call.array(0, builder)
    let rank = try builder.extents(x).count
    let pads = try call.weight(1, builder)
    let counts = pads.array.doubles().map { Int(exactly: $0) ?? -1 }
    guard pads.array.shape == [rank, 2], counts.allSatisfy({ 0...(1 << 20) ~= $0 }) else {
      throw call.problem("adds \(counts) elements", builder)
    }
    for axis in 0..<rank {
      for (count, isFirst) in [(counts[2 * axis], true), (counts[2 * axis + 1], false)]
      where count > 0 {
        var extents = try builder.extents(x)
        extents[axis] = .fixed(count)
        let margin = GraphValue.known(
          try KnownArray(repeating: value, builder.type(x) ?? .float32, shape: extents))
        x = try builder.concatenated(isFirst ? [margin, x] : [x, margin], axis: axis)
      }
    }
    return x
  }
}
