import RecurModel
import RecurTensors

// Elements chosen by positions.
extension ONNXOperators {
  static let choice: [ONNXOperator] = [
    ONNXOperator("Gather", 2...2, "axis") { call, builder throws(CheckpointError) in
      try gathered(call, &builder)
    },
    ONNXOperator("CumSum", 2...2, "exclusive reverse") { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let axis = try builder.axis(call.integers(1, builder).first ?? 0, of: x)
      let isExclusive = try call.int("exclusive", builder) != 0
      let isReversed = try call.int("reverse", builder) != 0
      guard let extent = try builder.extents(x)[axis].value, extent <= 2048 else {
        let sum = Cumulation(
          .sum, axis: axis, isExclusive: isExclusive, isReversed: isReversed)
        return [try builder.apply(.cumulation(sum), builder.computed(x))]
      }
      // A product with a triangle of ones; element [i, j] says whether i counts for sum j.
      let ones = (0..<extent).flatMap { i in
        (0..<extent).map { j in
          let (one, other) = isReversed ? (j, i) : (i, j)
          return one < other || one == other && !isExclusive ? 1.0 : 0
        }
      }
      let type = builder.type(x) ?? .float32
      // Whole numbers are summed exactly.
      let wide = type.isArithmetic ? type : .float64
      let kernel = try Tensor.numbers(ones, wide, shape: [extent, extent])
      let rank = try builder.extents(x).count
      let floating = try builder.cast(x, to: wide)
      let row = try builder.transposed(floating, axis, rank - 1)
      let sums = try product(row, .known(KnownArray(kernel)), &builder)
      return [try builder.cast(builder.transposed(sums, axis, rank - 1), to: type)]
    },
  ]

  private static func gathered(
    _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    if call[0].isSymbolic || call[1].known != nil && GraphSizes(call[0]) != nil,
      let own = GraphSizes(call[0]), !own.isSingle
    {
      let positions = try call.sizes(1, builder)
      var chosen: [Dimension] = []
      for position in positions.elements {
        guard let index = position.value, -own.elements.count..<own.elements.count ~= index else {
          throw call.problem("takes element \(position) of \(own.elements.count)", builder)
        }
        chosen.append(own.elements[index < 0 ? index + own.elements.count : index])
      }
      return [GraphSizes(chosen, isSingle: positions.isSingle).value]
    }
    let x = try call.array(0, builder)
    let axis = try builder.axis(call.int("axis", builder), of: x)
    if call[1].isSymbolic, let position = GraphSizes(call[1]), position.isSingle {
      // The last one, counted from a free extent.
      let less = position.elements[0].plus(try builder.extents(x)[axis].times(-1))
      if let index = less.value, index < 0 { return [try builder.selected(x, axis: axis, index)] }
    }
    if let indices = call[1].known {
      if indices.array.count == 1, indices.shape.contains(where: { $0.value == nil }) {
        // One position for every sequence of a batch, such as the first token of a decoder.
        var element = try builder.selected(x, axis: axis, indices.wholeNumbers[0])
        for _ in indices.shape { element = try builder.insertingAxis(element, axis) }
        let shape = try builder.extents(x)
        return [
          try builder.expanded(element, to: shape[..<axis] + indices.shape + shape[(axis + 1)...])
        ]
      }
      let stored = try call.weight(1, builder)
      guard indices.shape.count == stored.array.rank, stored.array.count <= 4096 || x.known != nil
      else {
        throw call.problem("takes \(stored.array.count) elements", builder)
      }
      let numbers = stored.wholeNumbers
      if stored.array.rank == 0 { return [try builder.selected(x, axis: axis, numbers[0])] }
      if numbers.count > 1, try builder.extents(x)[axis].value == nil {
        // Several positions of a free axis: as many as there are, whatever the extent is.
        return [try elements(of: x, at: .known(stored), axis: axis, &builder)]
      }
      let rows = try chosen(numbers, of: x, axis: axis, call, &builder)
      let shape = try builder.extents(rows)
      return [
        try builder.reshaped(
          rows, shape[..<axis] + stored.array.shape.map { .fixed($0) } + shape[(axis + 1)...])
      ]
    }
    return [try elements(of: x, at: call.array(1, builder), axis: axis, &builder)]
  }

  /// Known positions along an axis: neighbours are one slice.
  private static func chosen(
    _ numbers: [Int], of x: GraphValue, axis: Int, _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let extent = try builder.extents(x)[axis].value
    var positions: [Int] = []
    for number in numbers {
      let position = number < 0 ? extent.map { number + $0 } ?? number : number
      guard extent.map({ 0..<$0 ~= position }) ?? true else {
        throw call.problem("takes element \(number) of an axis of \(extent ?? 0)", builder)
      }
      positions.append(position)
    }
    var (parts, index): ([GraphValue], Int) = ([], 0)
    while index < positions.count {
      var end = index + 1
      while end < positions.count, positions[end] == positions[end - 1] + 1, positions[index] >= 0,
        positions[end] >= 0
      {
        end += 1
      }
      let last = positions[end - 1]
      parts.append(
        try builder.sliced(
          x, axis: axis, from: positions[index], to: last == -1 ? nil : last + 1))
      index = end
    }
    guard !parts.isEmpty else { return try builder.sliced(x, axis: axis, from: 0, to: 0) }
    return try builder.concatenated(parts, axis: axis)
  }
}
