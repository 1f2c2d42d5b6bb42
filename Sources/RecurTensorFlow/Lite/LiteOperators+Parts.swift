import RecurModel
import RecurTensors

// Parts of arrays, and arrays of parts.
extension LiteOperators {
  static let parts: [LiteOperatorRow] = [
    LiteOperatorRow(2, "CONCATENATION") { call, builder throws(CheckpointError) in
      var values: [GraphValue] = []
      // What has no elements is no part.
      for index in call.inputs.indices where call.has(index) {
        values.append(try call.array(index, builder))
      }
      let joined = try builder.concatenated(values, axis: call.option(0))
      return [try call.activated(joined, 1, &builder)]
    },
    LiteOperatorRow(83, "PACK") { call, builder throws(CheckpointError) in
      var values: [GraphValue] = []
      for index in call.inputs.indices { values.append(try call.array(index, builder)) }
      return [try builder.stacked(values, axis: call.option(1))]
    },
    LiteOperatorRow(88, "UNPACK") { call, builder throws(CheckpointError) in
      let (x, axis) = (try call.array(0, builder), try call.option(1))
      var values: [GraphValue] = []
      for index in call.own.outputs.indices {
        values.append(try builder.selected(x, axis: axis, index))
      }
      return values
    },
    LiteOperatorRow(49, "SPLIT") { call, builder throws(CheckpointError) in
      let (x, count) = (try call.array(1, builder), call.own.outputs.count)
      let axis = try builder.axis(call.integer(0, builder), of: x)
      guard let extent = try builder.extents(x)[axis].value, count > 0, extent % count == 0 else {
        throw call.problem("makes \(count) parts", builder)
      }
      return try builder.split(
        x, axis: axis, sizes: [Int](repeating: extent / count, count: count))
    },
    LiteOperatorRow(102, "SPLIT_V") { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let axis = try builder.axis(call.integer(2, builder), of: x)
      return try builder.parts(x, axis: axis, sizes: call.integers(1, builder))
    },
    LiteOperatorRow(36, "GATHER", gathered),
    LiteOperatorRow(7, "EMBEDDING_LOOKUP") { call, builder throws(CheckpointError) in
      [try embedded(call, table: 1, indices: 0, &builder)]
    },
    LiteOperatorRow(45, "STRIDED_SLICE", stridedSlice),
    LiteOperatorRow(65, "SLICE") { call, builder throws(CheckpointError) in
      var x = try call.array(0, builder)
      let (starts, sizes) = (try call.integers(1, builder), try call.integers(2, builder))
      guard starts.count == sizes.count, try builder.extents(x).count == starts.count else {
        throw call.problem("has \(starts.count) starts and \(sizes.count) sizes", builder)
      }
      for (axis, (start, size)) in zip(starts, sizes).enumerated() {
        let (end, overflow) = start.addingReportingOverflow(size)
        guard start >= 0, size >= -1, !overflow else {
          throw call.problem("begins at \(start) with \(size) elements", builder)
        }
        if let extent = try builder.extents(x)[axis].value, start == extent || size == 0 {
          return [.nothing]
        }
        x = try builder.sliced(x, axis: axis, from: start, to: size == -1 ? nil : end)
      }
      return [x]
    },
    LiteOperatorRow(105, "REVERSE_V2") { call, builder throws(CheckpointError) in
      var x = try call.array(0, builder)
      for axis in try call.integers(1, builder) {
        x = try builder.sliced(x, axis: axis, from: nil, to: nil, step: -1)
      }
      return [x]
    },
    LiteOperatorRow(151, "DYNAMIC_UPDATE_SLICE", updated),
    LiteOperatorRow(34, "PAD") { call, builder throws(CheckpointError) in
      [try builder.padded(call.array(0, builder), call.integers(1, builder), with: 0)]
    },
  ]

  @Sendable private static func gathered(
    _ call: LiteCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    guard try call.option(1) == 0 else {
      throw call.problem("has batch axes", builder)
    }
    let axis = try call.option(0)
    guard call[1].known != nil else {
      guard axis == 0, call[0].known != nil else {
        throw call.problem("takes elements at positions that are computed", builder)
      }
      return [try embedded(call, table: 0, indices: 1, &builder)]
    }
    let x = try call.array(0, builder)
    let positions = try call.weight(1, builder)
    let indices = try call.integers(1, builder)
    guard positions.array.rank <= 1, indices.count <= 4_096 else {
      throw call.problem("takes elements at an array of positions", builder)
    }
    if positions.array.rank == 0 { return [try builder.selected(x, axis: axis, indices[0])] }
    var parts: [GraphValue] = []
    for index in indices { parts.append(try builder.selected(x, axis: axis, index)) }
    guard !parts.isEmpty else { throw call.problem("takes nothing", builder) }
    return [try builder.stacked(parts, axis: axis)]
  }

  /// Rows of a table of weights.
  private static func embedded(
    _ call: LiteCall, table: Int, indices: Int, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let rows = try call.weight(table, builder)
    guard rows.array.rank == 2 else {
      throw call.problem("reads a table of \(rows.array.rank) axes", builder)
    }
    let layer = Embedding(table: rows.array, masksZero: false, cutsFractions: true)
    return .computed(
      try builder.add(
        .embedding(layer), [builder.computed(call.array(indices, builder))],
        precision: rows.type)[0])
  }

  @Sendable private static func stridedSlice(
    _ call: LiteCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    var x = try call.array(0, builder)
    let starts = try call.integers(1, builder)
    let (ends, steps) = (try call.integers(2, builder), try call.integers(3, builder))
    let (noStart, noEnd) = (try call.option(0), try call.option(1))
    let (ellipsis, added, removed) = (
      try call.option(2), try call.option(3), try call.option(4)
    )
    guard ellipsis == 0, added == 0, try call.byteOption(5) == 0 else {
      throw call.problem("has an ellipsis or new axes", builder)
    }
    guard ends.count == starts.count, steps.count == starts.count, starts.count <= 32,
      try builder.extents(x).count >= starts.count
    else { throw call.problem("has different numbers of starts, ends and steps", builder) }
    // From the last axis on, so that axes that go do not move the others.
    for axis in starts.indices.reversed() {
      let bit = 1 << axis
      if removed & bit != 0 {
        x = try builder.selected(x, axis: axis, starts[axis])
        continue
      }
      x = try builder.sliced(
        x, axis: axis, from: noStart & bit != 0 ? nil : starts[axis],
        to: noEnd & bit != 0 ? nil : ends[axis], step: steps[axis])
    }
    return [x]
  }

  /// An array with a part of it replaced along one axis, at a known place.
  @Sendable private static func updated(
    _ call: LiteCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let (x, part) = (try call.array(0, builder), try call.array(1, builder))
    let starts = try call.integers(2, builder)
    let (whole, own) = (try builder.extents(x), try builder.extents(part))
    let axes = zip(whole, own).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
    guard starts.count == whole.count, own.count == whole.count, axes.count <= 1 else {
      throw call.problem("replaces a part along several axes", builder)
    }
    guard let axis = axes.first else { return [part] }
    guard let extent = whole[axis].value, let count = own[axis].value, count <= extent else {
      throw call.problem("replaces a part of a free extent", builder)
    }
    let start = min(max(starts[axis], 0), extent - count)
    var parts: [GraphValue] = []
    if start > 0 { parts.append(try builder.sliced(x, axis: axis, from: 0, to: start)) }
    parts.append(part)
    if start + count < extent {
      parts.append(try builder.sliced(x, axis: axis, from: start + count, to: nil))
    }
    return [try builder.concatenated(parts, axis: axis)]
  }
}
