import RecurModel
import RecurTensors

// Elements put at positions that are known: what is read from where is known too, and nothing is
// compared when the model runs.
extension ONNXOperators {
  /// An array with a part of one axis replaced; nil where the positions are no such part.
  ///
  /// `updates` has the shape of the part, and `positions`, `[…, axes]`, the position of every vector of it.
  static func replacedPart(
    _ updates: GraphValue, at positions: GraphValue, of x: GraphValue,
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue? {
    let (shape, own) = (try builder.extents(x), try builder.extents(positions))
    guard let known = try whole(positions, &builder), own.count >= 2,
      own.count - 1 == own[own.count - 1].value ?? 0, own.count - 1 <= shape.count,
      known.array.count > 0
    else { return nil }
    let depth = own.count - 1
    let (numbers, extents) = (known.wholeNumbers, known.array.shape)
    // The first vector names the corner; the others follow it in every axis by one.
    let corner = (0..<depth).map { axis -> Int in
      guard numbers[axis] < 0, let extent = shape[axis].value else { return numbers[axis] }
      return numbers[axis] &+ extent
    }
    guard
      (0..<numbers.count / depth).allSatisfy({ vector in
        var rest = vector
        return (0..<depth).reversed().allSatisfy { axis in
          let index = rest % extents[axis]
          rest /= extents[axis]
          return numbers[vector * depth + axis] == numbers[axis] &+ index
        }
      })
    else { return nil }
    let cut = (0..<depth).filter { shape[$0] != .fixed(extents[$0]) || corner[$0] != 0 }
    guard cut.count <= 1,
      try builder.extents(updates) == extents.prefix(depth).map({ .fixed($0) })
        + shape[depth...]
    else { return nil }
    guard let axis = cut.first else { return updates }
    guard let extent = shape[axis].value, extents[axis] <= extent,
      0...extent - extents[axis] ~= corner[axis]
    else { return nil }
    let (start, end) = (corner[axis], corner[axis] + extents[axis])
    var parts: [GraphValue] = []
    if start > 0 { parts.append(try builder.sliced(x, axis: axis, from: 0, to: start)) }
    parts.append(updates)
    if end < extent { parts.append(try builder.sliced(x, axis: axis, from: end, to: extent)) }
    return try builder.concatenated(parts, axis: axis)
  }

  /// Known positions with all numbers stored; nil for others.
  static func whole(
    _ positions: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> KnownArray? {
    guard let known = positions.known else { return nil }
    if known.isStored { return known }
    guard known.shape.allSatisfy({ $0.value != nil }) else { return nil }
    try builder.count(known: known.storedCount)
    return try known.stored()
  }

  /// Rows with updates at known positions, each at its own; nil for other positions and functions.
  ///
  /// `updates` is `[updates, width]`, `places` `[updates]`, counted from the first row, and `rows`
  /// `[rows, width]`; `reduction` says how a row and its update become one.
  static func placedRows(
    _ updates: GraphValue, at places: GraphValue, in rows: GraphValue, _ reduction: String,
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue? {
    guard ["none", "add"].contains(reduction), let known = try whole(places, &builder),
      let count = try builder.extents(rows)[0].value
    else { return nil }
    let numbers = known.wholeNumbers
    guard !numbers.isEmpty, numbers.allSatisfy({ 0..<count ~= $0 }),
      Set(numbers).count == numbers.count
    else { return nil }
    try builder.count(known: count)
    // Rows stand in front of their updates, or a row of zeros behind them.
    let isSum = reduction == "add"
    var sources = isSum ? [Int](repeating: numbers.count, count: count) : Array(0..<count)
    for (update, row) in numbers.enumerated() { sources[row] = isSum ? update : count + update }
    let table = try KnownArray(whole: sources, shape: [count])
    guard isSum else {
      let all = try builder.concatenated([rows, updates], axis: 0)
      return try elements(of: all, at: .known(table), axis: 0, &builder)
    }
    let width = try builder.extents(rows)[1]
    let zeros = try GraphValue.known(
      KnownArray(repeating: 0, builder.type(rows) ?? .float32, shape: [.fixed(1), width]))
    let all = try builder.concatenated([updates, zeros], axis: 0)
    return try builder.binary(
      .add, rows, elements(of: all, at: .known(table), axis: 0, &builder))
  }
}
