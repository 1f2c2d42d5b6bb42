import RecurModel
import RecurTensors

// Elements at positions of several axes, and elements put at positions.
extension ONNXOperators {
  static let scattered: [ONNXOperator] = [
    ONNXOperator("GatherND", 2...2, "batch_dims") { call, builder throws(CheckpointError) in
      let (x, positions) = (try call.array(0, builder), try call.array(1, builder))
      let (shape, own) = (try builder.extents(x), try builder.extents(positions))
      let batch = try call.int("batch_dims", builder)
      guard batch >= 0, batch < own.count, batch < shape.count, let depth = own.last?.value,
        depth >= 1, depth <= shape.count - batch,
        (0..<batch).allSatisfy({ shape[$0].agrees(with: own[$0]) })
      else { throw call.problem("takes \(text(own)) elements of \(text(shape))", builder) }
      if let rows = try ownElements(of: x, at: positions, batch: batch, &builder) { return [rows] }
      let end = batch + depth
      let (row, rest) = (
        try joined(positions, of: Array(shape[batch..<end]), &builder), shape[end...]
      )
      let whole = shape[batch..<end].reduce(Dimension.fixed(1)) { $0.times($1) }
      guard batch > 0 else {
        let flat = try builder.reshaped(x, [whole] + rest)
        return [try elements(of: flat, at: row, axis: 0, &builder)]
      }
      let sequences = shape[..<batch].reduce(Dimension.fixed(1)) { $0.times($1) }
      let count = own[batch..<own.count - 1].reduce(Dimension.fixed(1)) { $0.times($1) }
      let width = rest.reduce(Dimension.fixed(1)) { $0.times($1) }
      let flat = try builder.reshaped(x, [sequences, whole, width])
      let places = try builder.expanded(
        builder.reshaped(row, [sequences, count, .fixed(1)]), to: [sequences, count, width])
      let found = try taken(flat, places, axis: 1, &builder)
      return [try builder.reshaped(found, own.dropLast() + rest)]
    },
    ONNXOperator("ScatterElements", 3...3, "axis reduction", scatteredElements),
    ONNXOperator("Scatter", 3...3, "axis", scatteredElements),
    ONNXOperator("ScatterND", 3...3, "reduction") { call, builder throws(CheckpointError) in
      let (x, positions) = (try call.array(0, builder), try call.array(1, builder))
      let (shape, own) = (try builder.extents(x), try builder.extents(positions))
      guard let depth = own.last?.value, depth >= 1, depth <= shape.count else {
        throw call.problem("puts elements at \(text(own)) of \(text(shape))", builder)
      }
      let (given, kind) = (
        try call.array(2, builder), try call.text("reduction", builder, default: "none")
      )
      if kind == "none", let whole = try replacedPart(given, at: positions, of: x, &builder) {
        return [whole]
      }
      let row = try joined(positions, of: Array(shape[..<depth]), &builder)
      func product(_ extents: ArraySlice<Dimension>) -> Dimension {
        extents.reduce(Dimension.fixed(1)) { $0.times($1) }
      }
      let (whole, width) = (product(shape[..<depth]), product(shape[depth...]))
      let count = product(own.dropLast()[...])
      let rows = try builder.reshaped(x, [whole, width])
      let each = try builder.reshaped(given, [count, width])
      if let placed = try placedRows(
        each, at: builder.reshaped(row, [count]), in: rows, kind, &builder)
      {
        return [try builder.reshaped(placed, shape)]
      }
      // [rows, width], [width, updates] and [updates]: the rows of an update are those of its column.
      let flat = try builder.transposed(rows, 0, 1)
      let updates = try builder.transposed(each, 0, 1)
      let places = try builder.reshaped(row, [.fixed(1), count])
      let result = try scattered(flat, places, updates, of: whole, call, &builder)
      return [try builder.reshaped(builder.transposed(result, 0, 1), shape)]
    },
    ONNXOperator("ReverseSequence", 2...2, "batch_axis time_axis") {
      call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let shape = try builder.extents(x)
      let time = try call.int("time_axis", builder)
      let batch = try call.int("batch_axis", builder, default: 1)
      guard shape.count >= 2, [[0, 1], [1, 0]].contains([time, batch]) else {
        throw call.problem("reverses axis \(time) of \(text(shape))", builder)
      }
      let extent = shape[time]
      if let sizes = GraphSizes(call[1]), sizes.elements.allSatisfy({ $0 == extent }) {
        return [try builder.sliced(x, axis: time, from: nil, to: nil, step: -1)]
      }
      if let known = call[1].known, known.array.count == 1 || known.isStored,
        let count = extent.value,
        known.array.doubles().allSatisfy({ $0 == Double(count) })
      {
        return [try builder.sliced(x, axis: time, from: nil, to: nil, step: -1)]
      }
      let lengths = try ONNXRange.array(call[1], &builder)
      guard time == 0 else { return [try builder.turningAround(x, lengths: lengths)] }
      let rows = try builder.transposed(x, 0, 1)
      return [try builder.transposed(builder.turningAround(rows, lengths: lengths), 0, 1)]
    },
  ]

  /// One element of every row, or of every column, where one part of the positions is the number of the
  /// row; nil for other positions.
  private static func ownElements(
    of x: GraphValue, at positions: GraphValue, batch: Int, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue? {
    let (shape, own) = (try builder.extents(x), try builder.extents(positions))
    guard batch == 0, positions.known == nil, own.count == 2, own[1] == .fixed(2) else {
      return nil
    }
    guard let columns = try builder.columns(of: positions), columns.count == 2 else { return nil }
    for axis in 0..<2
    where own[0] == shape[axis] && builder.counts(columns[axis], everyPositionOf: shape[axis]) {
      return try builder.elementsOfRows(
        axis == 0 ? x : builder.transposed(x, 0, 1), at: columns[1 - axis])
    }
    return nil
  }

  /// The whole numbers below an extent, known or computed.
  static func numbers(
    below extent: Dimension, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    guard let count = extent.value else {
      return .computed(try builder.computed(.range(extent)))
    }
    try builder.count(known: count)
    return .known(try KnownArray(whole: Array(0..<count), shape: [count]))
  }

  private static let scatteredElements: ONNXOperator.Apply = {
    call, builder throws(CheckpointError) in
    let (x, positions) = (try call.array(0, builder), try call.array(1, builder))
    let (shape, own) = (try builder.extents(x), try builder.extents(positions))
    let axis = try builder.axis(call.int("axis", builder), of: x)
    guard own.count == shape.count,
      shape.indices.allSatisfy({ $0 == axis || shape[$0] == own[$0] })
    else { throw call.problem("puts \(text(own)) elements into \(text(shape))", builder) }
    if let placed = try placedElements(call, axis, &builder) { return [placed] }
    let last = shape.count - 1
    let flat = try builder.transposed(x, axis, last)
    let places = try fromStart(
      builder.transposed(positions, axis, last), extent: shape[axis], &builder)
    let updates = try builder.transposed(call.array(2, builder), axis, last)
    let result = try scattered(flat, places, updates, of: shape[axis], call, &builder)
    return [try builder.transposed(result, axis, last)]
  }

  /// Single elements at known positions of an array of known extents; nil for others.
  private static func placedElements(
    _ call: ONNXCall, _ axis: Int, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue? {
    let (x, shape) = (try call.array(0, builder), try builder.extents(call.array(0, builder)))
    let extents = shape.compactMap(\.value)
    guard let known = try whole(call.array(1, builder), &builder),
      extents.count == shape.count, extents.allSatisfy({ $0 > 0 })
    else { return nil }
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      count = product
    }
    let own = known.array.shape
    let places = known.wholeNumbers.enumerated().map { element, position in
      var (rest, place, step) = (element, 0, 1)
      for (index, extent) in extents.enumerated().reversed() {
        let number = rest % own[index]
        rest /= own[index]
        let given = index != axis ? number : position < 0 ? position &+ extent : position
        guard 0..<extent ~= given else { return -1 }
        place += given * step
        step *= extent
      }
      return place
    }
    let (all, updates) = (Dimension.fixed(count), Dimension.fixed(places.count))
    let placed = try placedRows(
      builder.reshaped(call.array(2, builder), [updates, .fixed(1)]),
      at: .known(KnownArray(whole: places, shape: [places.count])),
      in: builder.reshaped(x, [all, .fixed(1)]),
      call.text("reduction", builder, default: "none"), &builder)
    guard let placed else { return nil }
    return try builder.reshaped(placed, shape)
  }

  /// Elements put at positions of the last axis; `places` and `updates` have one per column.
  ///
  /// Every element is compared with every position: an element with a position becomes its update.
  private static func scattered(
    _ x: GraphValue, _ places: GraphValue, _ updates: GraphValue, of extent: Dimension,
    _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let range = try builder.insertingAxis(numbers(below: extent, &builder), -1)
    let isPlace = try builder.binary(.equal, range, builder.insertingAxis(places, -2))
    let (columns, type) = (try builder.insertingAxis(updates, -2), builder.type(x) ?? .float32)
    func reduced(
      _ function: Reduction.Function, else value: Double
    ) throws(CheckpointError) -> GraphValue {
      let number = try GraphValue.known(KnownArray(repeating: value, type, shape: []))
      let chosen = try builder.conditional(isPlace, columns, number)
      return try builder.reduced(function, chosen, axes: [-1], keepsAxes: false)
    }
    let kind = try call.text("reduction", builder, default: "none")
    guard type.isFloatingPoint || ["none", "add"].contains(kind) else {
      throw call.problem("puts whole numbers by '\(kind)'", builder)
    }
    switch kind {
    case "none":
      let isAny = try builder.reduced(.any, isPlace, axes: [-1], keepsAxes: false)
      return try builder.conditional(isAny, reduced(.sum, else: 0), x)
    case "add": return try builder.binary(.add, x, reduced(.sum, else: 0))
    case "mul": return try builder.binary(.multiply, x, reduced(.product, else: 1))
    case "max": return try builder.binary(.maximum, x, reduced(.maximum, else: -.infinity))
    case "min": return try builder.binary(.minimum, x, reduced(.minimum, else: .infinity))
    default: throw call.problem("puts elements by '\(kind)'", builder)
    }
  }
}
