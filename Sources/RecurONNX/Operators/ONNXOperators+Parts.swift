import RecurModel
import RecurTensors

// Parts of arrays, and arrays put together.
extension ONNXOperators {
  static let parts: [ONNXOperator] = [
    ONNXOperator("Concat", 1...8192, "axis") { call, builder throws(CheckpointError) in
      if call.inputs.contains(where: \.isSymbolic) || call.inputs.allSatisfy(\.isListOfSizes) {
        var sizes: [Dimension] = []
        for index in call.inputs.indices { sizes += try call.sizes(index, builder).elements }
        return [GraphSizes(sizes).value]
      }
      let parts = try call.arrays(builder)
      return [try builder.concatenated(parts, axis: call.int("axis", builder))]
    },
    ONNXOperator("Split", 1...2, "axis split num_outputs") {
      call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let axis = try builder.axis(call.int("axis", builder), of: x)
      if let sizes = try call.ints("split", orInput: 1, builder) {
        guard sizes.count == call.outputCount else {
          throw call.problem("has \(sizes.count) sizes for \(call.outputCount) results", builder)
        }
        if let extent = try builder.extents(x)[axis].value,
          sizes.reduce(0, { $0.addingReportingOverflow($1).partialValue }) != extent
        {
          throw call.problem("divides \(extent) elements into \(sizes)", builder)
        }
        return try divided(x, axis: axis, sizes: sizes, call, &builder)
      }
      guard let extent = try builder.extents(x)[axis].value, extent <= 1 << 60, call.outputCount > 0
      else {
        throw call.problem("divides an axis of a free extent", builder)
      }
      // All parts of one size but the last, which may be smaller.
      let size = (extent + call.outputCount - 1) / call.outputCount
      let sizes = (0..<call.outputCount).map { max(min(size, extent - $0 * size), 0) }
      return try divided(x, axis: axis, sizes: sizes, call, &builder)
    },
    ONNXOperator("Slice", 1...5, "starts ends axes") { call, builder throws(CheckpointError) in
      try sliced(call, &builder)
    },
    ONNXOperator("Pad", 1...4, "mode pads value") { call, builder throws(CheckpointError) in
      try padded(call, &builder)
    },
    ONNXOperator("Trilu", 1...2, "upper") { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let shape = try builder.extents(x)
      let shift = call.has(1) ? try call.integers(1, builder).first ?? 0 : 0
      if shape.count >= 2, shape.suffix(2).contains(where: { $0.value == nil }),
        abs(Double(shift)) < 1e6
      {
        let isLower = try call.int("upper", builder, default: 1) == 0
        return [
          try builder.apply(
            .triangle(Triangle(isLower: isLower, diagonal: shift)), builder.computed(x))
        ]
      }
      guard shape.count >= 2, let rows = shape[shape.count - 2].value,
        let columns = shape[shape.count - 1].value, 1...4096 ~= rows, 1...4096 ~= columns,
        abs(Double(shift)) < 1e6
      else { throw call.problem("cuts matrices of \(text(shape))", builder) }
      let isUpper = try call.int("upper", builder, default: 1) != 0
      let kept = (0..<rows).flatMap { row in
        (0..<columns).map { isUpper ? $0 >= row + shift : $0 <= row + shift }
      }
      let mask = try Tensor.numbers(kept.map { $0 ? 1 : 0 }, .bool, shape: [rows, columns])
      return [try folding(.known(KnownArray(mask)), x, &builder)]
    },
  ]

  /// The elements where a known mask is 1, and zeros elsewhere, also where they are infinite.
  private static func folding(
    _ mask: GraphValue, _ x: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let zero = try GraphValue.known(
      KnownArray(repeating: 0, builder.type(x) ?? .float32, shape: []))
    guard let known = x.known, known.isStored, let kept = mask.known else {
      return try builder.conditional(mask, x, zero)
    }
    let pattern = kept.array.doubles()
    let values = known.array.doubles().enumerated().map { index, value in
      pattern[index % pattern.count] != 0 ? value : 0
    }
    return .known(KnownArray(try Tensor.numbers(values, known.type, shape: known.array.shape)))
  }

  /// The parts that are used; one without elements is not made.
  private static func divided(
    _ x: GraphValue, axis: Int, sizes: [Int], _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    var (parts, start): ([GraphValue], Int) = ([], 0)
    for (index, size) in sizes.enumerated() {
      let (end, overflow) = start.addingReportingOverflow(size)
      guard size >= 0, !overflow else { throw call.problem("makes parts of \(sizes)", builder) }
      parts.append(
        call.uses(index) && size > 0
          ? try part(x, .init(axis: axis, start: start, stop: end), &builder) : .nothing)
      start = end
    }
    return parts
  }

  /// A part along an axis; one element is one position of the axis, which stays.
  private static func part(
    _ x: GraphValue, _ part: Slicing.Part, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    if let extent = try builder.extents(x)[part.axis].value, extent > 1, x.known == nil,
      part.step != 0, part.step != .min, part.positions(in: extent).count == 1
    {
      let position = part.positions(in: extent).first
      return try builder.insertingAxis(
        builder.selected(x, axis: part.axis, position), part.axis)
    }
    return try builder.sliced(
      x, axis: part.axis, from: part.start, to: part.stop, step: part.step)
  }

  private static func sliced(
    _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    func bounds(_ name: String, _ index: Int) throws(CheckpointError) -> [Dimension] {
      if let values = try call.ints(name, builder) { return values.map { .fixed($0) } }
      return try call.sizes(index, builder).elements
    }
    let (starts, ends) = (try bounds("starts", 1), try bounds("ends", 2))
    let axes =
      try call.ints("axes", orInput: 3, builder) ?? Array(starts.indices)
    let steps =
      call.has(4) ? try call.integers(4, builder) : [Int](repeating: 1, count: starts.count)
    guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count else {
      throw call.problem("has different numbers of starts, ends, axes and steps", builder)
    }
    if call[0].isSymbolic, let own = GraphSizes(call[0]) {
      guard starts.count == 1, let start = starts[0].value, let end = ends[0].value, steps[0] != 0,
        steps[0] != .min
      else { throw call.problem("takes a part of sizes that depends on the call", builder) }
      let part = Slicing.Part(axis: 0, start: start, stop: end.pythonStop(steps[0]), step: steps[0])
      let (first, count) = part.positions(in: own.elements.count)
      return [GraphSizes((0..<count).map { own.elements[first + $0 * steps[0]] }).value]
    }
    var x = try call.array(0, builder)
    for index in starts.indices {
      let axis = try builder.axis(axes[index], of: x)
      let extent = try builder.extents(x)[axis]
      /// A bound that equals the free extent is the end; one that is less by a number counts from it.
      func bound(_ value: Dimension, isEnd: Bool) throws(CheckpointError) -> Int? {
        if let known = value.value { return known }
        if value == extent { return isEnd ? nil : .max }
        if let less = value.plus(extent.times(-1)).value, less < 0 { return less }
        throw call.problem("takes a part up to \(value) of \(extent) elements", builder)
      }
      if let known = x.known, known.shape.count > 1, steps[index] == 1, ends[index].value == nil,
        let first = starts[index].value, first >= 0
      {
        // As many rows of a table as an extent says.
        var rows = try ONNXRange.array(
          ONNXRange.value(ends[index].plus(-first)), &builder)
        if first > 0 { rows = try builder.binary(.add, rows, .integer(first)) }
        x = try elements(of: x, at: rows, axis: axis, &builder)
        continue
      }
      let step = steps[index]
      let start = try bound(starts[index], isEnd: false)
      let end = try bound(ends[index], isEnd: true)
      // From the last element on backwards.
      let isWhole = step < 0 && (start == -1 || start ?? 0 >= Int(Int32.max) - 1)
      let part = Slicing.Part(
        axis: axis, start: isWhole || start == .min ? nil : start, stop: end?.pythonStop(step),
        step: step)
      x = try self.part(x, part, &builder)
    }
    return [x]
  }

  private static func padded(
    _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    var x = try call.array(0, builder)
    let shape = try builder.extents(x)
    let rank = shape.count
    guard let pads = try call.ints("pads", orInput: 1, builder) else {
      throw call.problem("has no numbers of added elements", builder)
    }
    let axes = call.has(3) ? try call.integers(3, builder) : Array(0..<rank)
    guard pads.count == 2 * axes.count, pads.allSatisfy({ abs(Double($0)) < 1e6 }) else {
      throw call.problem("has \(pads.count) numbers for \(axes.count) axes", builder)
    }
    let mode = try call.text("mode", builder, default: "constant")
    let value =
      call.has(2) ? try call.number(2, builder) : try call.float("value", builder, default: 0)
    let type = builder.type(x) ?? .float32
    for (index, given) in axes.enumerated() {
      let axis = try builder.axis(given, of: x)
      let (before, after) = (pads[index], pads[index + axes.count])
      guard before != 0 || after != 0 else { continue }
      if before < 0 || after < 0 {
        x = try builder.sliced(
          x, axis: axis, from: before < 0 ? -before : nil, to: after < 0 ? after : nil)
      }
      var parts = [x]
      for (count, isFirst) in [(before, true), (after, false)] where count > 0 {
        let part: GraphValue
        switch mode {
        case "constant":
          var extents = try builder.extents(x)
          extents[axis] = .fixed(count)
          part = .known(try KnownArray(repeating: value, type, shape: extents))
        case "edge" where count <= 4_096:
          let edge = try builder.sliced(
            x, axis: axis, from: isFirst ? 0 : -1, to: isFirst ? 1 : nil)
          part = try builder.concatenated([GraphValue](repeating: edge, count: count), axis: axis)
        case "reflect":
          guard try builder.extents(x)[axis].value ?? .max > count else {
            throw call.problem("reflects \(count) elements of a shorter axis", builder)
          }
          part = try builder.sliced(
            x, axis: axis, from: isFirst ? count : -2, to: isFirst ? 0 : -2 - count, step: -1)
        default: throw call.problem("fills with the mode '\(mode)'", builder)
        }
        parts.insert(part, at: isFirst ? 0 : parts.count)
      }
      x = try builder.concatenated(parts, axis: axis)
    }
    return [x]
  }
}

extension Int {
  /// The end of a slice for negative steps: one before the first element is none in Python.
  fileprivate func pythonStop(_ step: Int) -> Int? {
    // Exporters write the largest number of 32 or 64 bits for the end of an axis.
    if self >= Int(Int32.max) - 1 { return step > 0 ? nil : self }
    // Numbers far below zero mean: before the first element.
    return step < 0 && self < -(1 << 31) + 2 ? nil : self
  }
}
