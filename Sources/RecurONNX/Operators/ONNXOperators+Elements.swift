import RecurModel
import RecurTensors

// Elements at positions that the model computes.
extension ONNXOperators {
  /// Elements along an axis, in whose place the axes of the positions stand.
  ///
  /// Rows of a table of weights are those of an embedding.
  static func elements(
    of x: GraphValue, at positions: GraphValue, axis: Int, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    if let known = x.known, known.isStored, axis == 0, known.array.rank >= 1,
      positions.known == nil, known.array.shape[0] > 0
    {
      return try rows(of: known, at: positions, &builder)
    }
    let (shape, own) = (try builder.extents(x), try builder.extents(positions))
    if let known = positions.known, known.isStored {
      let layer = Gathering(axis: axis, positions: known.operand)
      return try builder.apply(.gathering(layer), builder.computed(x))
    }
    if axis == 0, let found = try builder.rows(ofJoined: x, at: positions) {
      return try builder.elementsOfRows(found.rows, at: found.positions)
    }
    // Every vector along the axis has the same positions.
    let count = own.reduce(Dimension.fixed(1)) { $0.times($1) }
    var places = try builder.reshaped(positions, [count])
    for _ in 0..<axis { places = try builder.insertingAxis(places, 0) }
    for _ in axis + 1..<shape.count { places = try builder.insertingAxis(places, -1) }
    var wanted = shape
    wanted[axis] = count
    places = try builder.expanded(places, to: wanted)
    let found = try taken(x, places, axis: axis, &builder)
    return try builder.reshaped(found, shape[..<axis] + own + shape[(axis + 1)...])
  }

  /// Elements along an axis, at a position for every element of the result.
  static func taken(
    _ x: GraphValue, _ places: GraphValue, axis: Int, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let inputs = [try builder.computed(x), try builder.computed(places)]
    let layer = Gathering(axis: axis, positions: .input)
    return .computed(try builder.add(.gathering(layer), inputs)[0])
  }

  private static func rows(
    of known: KnownArray, at positions: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    guard !known.type.isComplex else { throw builder.problem("elements of complex weights") }
    // Whole numbers are looked up in floating point, and are whole numbers again.
    let isWhole = !known.type.isFloatingPoint
    let wide: ElementType = known.type.byteCount > 2 ? .float64 : .float32
    let table = isWhole ? try builder.cast(.known(known), to: wide).known ?? known : known
    let width = table.array.shape.dropFirst().reduce(1, *)
    guard width > 0 else { throw builder.problem("elements of an empty table") }
    let matrix =
      table.array.rank == 2
      ? table.array : try table.array.reshaped([table.array.shape[0], width])
    let layer = Embedding(table: matrix, masksZero: false, cutsFractions: false)
    var result = try builder.apply(.embedding(layer), builder.computed(positions))
    if isWhole { result = try builder.cast(result, to: known.type) }
    guard table.array.rank != 2 else { return result }
    return try builder.reshaped(
      result, builder.extents(positions) + table.array.shape.dropFirst().map { .fixed($0) })
  }

  /// Positions that count from the end below 0, counted from the first element.
  static func fromStart(
    _ positions: GraphValue, extent: Dimension, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    if let known = positions.known, known.array.doubles().allSatisfy({ $0 >= 0 }) {
      return positions
    }
    let isBehind = try builder.binary(.less, positions, .integer(0))
    let moved = try builder.binary(.add, positions, number(extent, &builder))
    return try builder.conditional(isBehind, moved, positions)
  }

  /// An extent as a number, or as an array without axes that the model computes.
  static func number(
    _ extent: Dimension, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    extent.value == nil ? .computed(try builder.computed(.size(extent))) : .size(extent)
  }

  /// One position in the elements of several axes for every vector of positions along the last axis.
  ///
  /// A vector with a position that its axis does not have gives the number of elements, which is no
  /// position.
  static func joined(
    _ positions: GraphValue, of extents: [Dimension], _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let whole = extents.reduce(Dimension.fixed(1)) { $0.times($1) }
    var sum: GraphValue?
    var isInside: GraphValue?
    for (index, extent) in extents.enumerated() {
      let own = try fromStart(
        builder.selected(positions, axis: -1, index), extent: extent, &builder)
      if extents.count > 1 {
        let isIn = try builder.binary(
          .and, builder.binary(.greaterOrEqual, own, .integer(0)),
          builder.binary(.less, own, number(extent, &builder)))
        isInside =
          try isInside.map { before throws(CheckpointError) in
            try builder.binary(.and, before, isIn)
          } ?? isIn
      }
      let rest = extents[(index + 1)...].reduce(Dimension.fixed(1)) { $0.times($1) }
      let part =
        rest == .fixed(1) ? own : try builder.binary(.multiply, own, number(rest, &builder))
      sum =
        try sum.map { before throws(CheckpointError) in
          try builder.binary(.add, before, part)
        } ?? part
    }
    guard let sum else { throw builder.problem("positions of no axis") }
    guard let isInside else { return sum }
    if let known = isInside.known, known.array.doubles().allSatisfy({ $0 != 0 }) { return sum }
    let outside = try number(whole, &builder)
    let zeros = try builder.binary(.multiply, sum, .integer(0))
    return try builder.conditional(isInside, sum, builder.binary(.add, zeros, outside))
  }
}
