import RecurModel
import RecurTensors

// Elements chosen by positions.
extension GraphFunctions {
  static let choice: [GraphFunction] = [
    GraphFunction("embedding(weight, indices, padding_idx=-1)") {
      call, builder throws(CheckpointError) in
      // The padding index changes gradients alone.
      [try rows(call.array("weight", builder), call.array("indices", builder), &builder)]
    },
    GraphFunction("index_select(self, dim, index)") { call, builder throws(CheckpointError) in
      let x = try call.array("self", builder)
      let axis = try builder.axis(call.integer("dim", builder), of: x)
      if axis == 0, x.known != nil, call["index"].known == nil {
        return [try rows(x, call.array("index", builder), &builder)]
      }
      return [try taken(x, axis: axis, call.weight("index", builder), &builder)]
    },
    GraphFunction("index(self, indices)", indexed),
    GraphFunction("gather(self, dim, index)", gathered),
  ]

  /// The most parts into which an array is taken apart.
  static let partLimit = 1_024

  /// Rows of a table of weights.
  private static func rows(
    _ table: GraphValue, _ indices: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    guard let weights = table.known, weights.isStored, weights.array.rank == 2 else {
      throw builder.problem("a table that is computed when the model runs")
    }
    if let known = indices.known {
      let rows = try taken(table, axis: 0, known, &builder)
      return try builder.reshaped(rows, known.shape + [.fixed(weights.array.shape[1])])
    }
    let layer = Embedding(table: weights.array, masksZero: false, cutsFractions: false)
    return try builder.apply(
      .embedding(layer), builder.computed(indices), place: builder.place(["weight": weights]))
  }

  /// The positions of an axis that a known array names, in its order: as few slices as there are
  /// evenly spaced runs.
  private static func taken(
    _ x: GraphValue, axis: Int, _ index: KnownArray, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    guard let extent = try builder.extents(x)[axis].value,
      let total = index.storedCount, total <= builder.limits.knownElements
    else { throw builder.problem("positions of an axis whose extent is not known") }
    var places: [Int] = []
    for number in try index.stored().array.doubles() {
      guard let place = Int(exactly: number), -extent..<extent ~= place else {
        throw builder.problem("an axis of \(extent) elements has no element \(number)")
      }
      places.append(place < 0 ? place + extent : place)
    }
    return try taken(x, axis: axis, places, &builder)
  }

  /// The positions of an axis, in their order.
  static func taken(
    _ x: GraphValue, axis: Int, _ places: [Int], _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    var (parts, first): ([GraphValue], Int) = ([], 0)
    while first < places.count {
      var last = first
      let step = first + 1 < places.count ? places[first + 1] - places[first] : 1
      while step != 0, last + 1 < places.count, places[last + 1] - places[last] == step {
        last += 1
      }
      let stop = places[last] + (step > 0 || step == 0 ? 1 : -1)
      parts.append(
        try builder.sliced(
          x, axis: axis, from: places[first], to: stop < 0 ? nil : stop,
          step: last == first || step == 0 ? 1 : step))
      guard parts.count <= partLimit else {
        throw builder.problem("an array is taken apart into more than \(partLimit) parts")
      }
      first = last + 1
    }
    return try builder.concatenated(parts, axis: axis)
  }

  /// `x[indices]`: known positions of one axis, or a position of the second axis for every element of
  /// the first one.
  private static let indexed: GraphFunction.Apply = { call, builder throws(CheckpointError) in
    let x = try call.array("self", builder)
    let shape = try builder.extents(x)
    let indices = call["indices"].list ?? []
    let given = indices.indices.filter { !indices[$0].isNothing }
    if given.count == 1, let known = indices[given[0]].known, given[0] < shape.count,
      known.type != .bool
    {
      let rows = try taken(x, axis: given[0], known, &builder)
      guard known.shape.count != 1 else { return [rows] }
      return [
        try builder.reshaped(rows, shape[..<given[0]] + known.shape + shape[(given[0] + 1)...])
      ]
    }
    if given == [0], x.known != nil, indices[0].isArray, builder.type(indices[0]) != .bool {
      return [try rows(x, indices[0], &builder)]
    }
    if given == [0, 1], case .range(let extent) = indices[0], shape.count >= 2,
      shape[0] == extent, indices[1].isArray, try builder.extents(indices[1]) == [extent]
    {
      if shape[1].value == nil {
        var index = indices[1]
        for _ in 1..<shape.count { index = try builder.insertingAxis(index, -1) }
        index = try builder.expanded(index, to: [shape[0], .fixed(1)] + shape[2...])
        let layer = Gathering(axis: 1, positions: .input)
        let rows = try builder.add(
          .gathering(layer), [builder.computed(x), builder.computed(index)],
          precision: builder.type(x))
        return [try builder.selected(.computed(rows[0]), axis: 1, 0)]
      }
      var index = try wrapped(indices[1], shape[1], &builder)
      for _ in 1..<shape.count { index = try builder.insertingAxis(index, -1) }
      let rows = try chosen(x, axis: 1, index, &builder)
      return [try builder.selected(rows, axis: 1, 0)]
    }
    throw builder.problem(
      "'\(call.name)' with indices of this form",
      expected: "known positions of one axis, or one position per sequence")
  }

  /// Negative positions count from the end.
  private static func wrapped(
    _ index: GraphValue, _ extent: Dimension, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let isNegative = try builder.binary(.less, index, .integer(0))
    return try builder.conditional(
      isNegative, builder.binary(.add, index, .size(extent)), index)
  }

  /// The element of an axis at one position, which may differ from sequence to sequence: the sum of
  /// all elements of which only this one is not replaced by zero.
  private static func chosen(
    _ x: GraphValue, axis: Int, _ index: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let hits = try builder.binary(.equal, index, places(of: x, axis: axis, builder))
    let kept = try builder.conditional(hits, x, .number(0))
    return try builder.apply(
      .reduction(Reduction(.sum, axes: [axis], keepsAxes: true)), builder.computed(kept))
  }

  /// The positions of an axis, with axes of extent 1 behind it.
  private static func places(
    of x: GraphValue, axis: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let shape = try builder.extents(x)
    guard let extent = shape[axis].value, extent <= builder.limits.knownElements else {
      throw builder.problem("positions of an axis whose extent is not known")
    }
    let ones = [Int](repeating: 1, count: shape.count - axis - 1)
    return .known(
      KnownArray(
        try Tensor.numbers((0..<extent).map { Double($0) }, .int64, shape: [extent] + ones)))
  }

  private static let gathered: GraphFunction.Apply = { call, builder throws(CheckpointError) in
    let (x, index) = (try call.array("self", builder), try call.array("index", builder))
    let axis = try builder.axis(call.integer("dim", builder), of: x)
    let (shape, own) = (try builder.extents(x), try builder.extents(index))
    guard own.count == shape.count,
      shape.indices.allSatisfy({ $0 == axis || own[$0] == shape[$0] })
    else {
      throw call.problem("index", "positions with the other axes of the array", builder)
    }
    guard let count = own[axis].value, 1...64 ~= count, shape[axis].value != nil else {
      let layer = Gathering(axis: axis, positions: .input)
      return [
        .computed(
          try builder.add(
            .gathering(layer), [builder.computed(x), builder.computed(index)],
            precision: builder.type(x))[0])
      ]
    }
    var parts: [GraphValue] = []
    for place in 0..<count {
      let one = try builder.sliced(index, axis: axis, from: place, to: place + 1)
      parts.append(try chosen(x, axis: axis, one, &builder))
    }
    return [try builder.concatenated(parts, axis: axis)]
  }
}
