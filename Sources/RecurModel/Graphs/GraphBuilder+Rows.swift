package import RecurTensors

// Elements of which every row of a batch takes its own.
extension GraphBuilder {
  /// One element of every row: `x[i, positions[i]]`, as NumPy's indexing by two arrays has it.
  ///
  /// - Parameters:
  ///   - x: the rows, `[rows, extent, …]`.
  ///   - positions: a position of each row, `[rows]`; negative ones count from the end.
  /// - Returns: `[rows, …]`.
  /// - Throws: `model.shape-mismatch`, `bytes.limit-exceeded`.
  package mutating func elementsOfRows(
    _ x: GraphValue, at positions: GraphValue
  ) throws(CheckpointError) -> GraphValue {
    var wanted = try extents(x)
    var places = positions
    for _ in wanted.indices.dropFirst() { places = try insertingAxis(places, -1) }
    wanted[1] = .fixed(1)
    places = try expanded(places, to: wanted)
    let inputs = [try computed(x), try computed(places)]
    let found = try add(.gathering(Gathering(axis: 1, positions: .input)), inputs)[0]
    return try selected(.computed(found), axis: 1, 0)
  }

  /// The first elements of every row in the opposite order, and the others where they were
  /// (onnx/defs/tensor/defs.cc, "ReverseSequence").
  ///
  /// - Parameters:
  ///   - x: the rows, `[rows, extent, …]`.
  ///   - lengths: how many elements of each row are turned around, `[rows]`.
  /// - Returns: an array of the shape of `x`.
  /// - Throws: `model.shape-mismatch`, `bytes.limit-exceeded`.
  package mutating func turningAround(
    _ x: GraphValue, lengths: GraphValue
  ) throws(CheckpointError) -> GraphValue {
    let shape = try extents(x)
    let numbers = try numbers(alongRowsOf: x)
    let counts = try insertingAxis(lengths, 1)
    let isBefore = try binary(.less, numbers, counts)
    let last = try binary(.subtract, counts, .integer(1))
    var places = try conditional(isBefore, binary(.subtract, last, numbers), numbers)
    for _ in shape.indices.dropFirst(2) { places = try insertingAxis(places, -1) }
    places = try expanded(places, to: shape)
    let inputs = [try computed(x), try computed(places)]
    return .computed(try add(.gathering(Gathering(axis: 1, positions: .input)), inputs)[0])
  }

  /// The numbers 0, 1, … of the positions of axis 1: `[1, extent]` where the extent is known, and
  /// `[rows, extent]` otherwise, so that nothing is computed across the rows.
  private mutating func numbers(
    alongRowsOf x: GraphValue
  ) throws(CheckpointError) -> GraphValue {
    let shape = try extents(x)
    if let count = shape[1].value {
      try self.count(known: count)
      return .known(try KnownArray(whole: Array(0..<count), shape: [1, count]))
    }
    var row = x
    for _ in shape.indices.dropFirst(2) { row = try selected(row, axis: -1, 0) }
    let condition = try binary(.greaterOrEqual, row, .integer(0))
    let one = Operand.number(1, isWhole: true)
    let ones = try apply(.conditional(Where(one, one)), computed(condition))
    let sums = Cumulation(.sum, axis: 1, isExclusive: true, isReversed: false)
    return try apply(.cumulation(sums), computed(ones))
  }

  // MARK: positions of rows

  /// The columns of a matrix that columns were joined to; nil for others.
  package mutating func columns(of matrix: GraphValue) throws(CheckpointError) -> [GraphValue]? {
    guard case .computed(let value) = matrix, let node = producer(value),
      case .merge(.concatenate(let axis)) = node.layer, axis == 1 || axis == -1,
      node.inputs.allSatisfy({ shape(.computed($0))?.dropFirst() == [.fixed(1)] })
    else { return nil }
    var columns: [GraphValue] = []
    for column in node.inputs { columns.append(try selected(.computed(column), axis: 1, 0)) }
    return columns
  }

  /// Whether a value holds the numbers 0, 1, … of all positions of an axis of this extent.
  package func counts(_ value: GraphValue, everyPositionOf extent: Dimension) -> Bool {
    switch value {
    case .range(let own): return own == extent
    case .known(let known):
      guard known.isStored, known.array.rank == 1, known.array.count == extent.value ?? -1
      else { return false }
      return known.array.doubles().enumerated().allSatisfy { Double($0) == $1 }
    case .computed(let value):
      guard let node = producer(value), case .cumulation(let sums) = node.layer,
        sums == Cumulation(.sum, axis: 0, isExclusive: true, isReversed: false)
      else { return false }
      return isOnes(node.inputs[0], extent)
    case .size, .number, .flag, .text, .type, .list, .nothing: return false
    }
  }

  /// The rows that a table of joined rows holds, and one position in every row; nil where `positions`
  /// are no such ones.
  ///
  /// They are `i·extent + p[i]` of `[rows·extent, …]`, or `p[i]·rows + i` where the rows are axis 1. `p`
  /// must be a length less 1: with a negative one, the sum would be a position in another row.
  package mutating func rows(
    ofJoined table: GraphValue, at positions: GraphValue
  ) throws(CheckpointError) -> (rows: GraphValue, positions: GraphValue)? {
    guard case .computed(let joined) = table, case .computed(let sum) = positions,
      let own = shape(table), let count = shape(positions), count.count == 1
    else { return nil }
    let source = GraphValue.computed(root(joined))
    guard let whole = shape(source), whole.count == own.count + 1,
      Array(whole[2...]) == Array(own[1...]), let parts = operands(.add, sum)
    else { return nil }
    for (numbers, rest) in [(parts.0, parts.1), (parts.1, parts.0)] {
      // i·extent + p[i]
      if whole[0] == count[0], let scaled = scaled(numbers, by: whole[1]),
        counts(scaled, everyPositionOf: whole[0]), isLengthLessOne(rest)
      {
        return (source, .computed(rest))
      }
      // p[i]·rows + i
      if whole[1] == count[0], counts(.computed(numbers), everyPositionOf: whole[1]),
        let scaled = scaled(rest, by: whole[1]), case .computed(let place) = scaled,
        isLengthLessOne(place)
      {
        return (try transposed(source, 0, 1), scaled)
      }
    }
    return nil
  }

  private func producer(_ value: Model.Value) -> Model.Node? {
    nodes.last { $0.name == value.node }
  }

  /// The operands of a function of two arrays.
  private func operands(
    _ function: Binary.Function, _ value: Model.Value
  ) -> (Model.Value, Model.Value)? {
    guard let node = producer(value), case .binary(Binary(function, .input, .input)) = node.layer
    else { return nil }
    return (node.inputs[0], node.inputs[1])
  }

  /// The other factor of a product with an extent.
  private func scaled(_ value: Model.Value, by extent: Dimension) -> GraphValue? {
    if let (one, other) = operands(.multiply, value) {
      if isNumber(other, extent) { return .computed(one) }
      return isNumber(one, extent) ? .computed(other) : nil
    }
    guard let number = extent.value, let node = producer(value),
      case .binary(let product) = node.layer, product.function == .multiply,
      product.allOperands.contains(where: { $0.constant?.elements == [Double(number)] })
    else { return nil }
    return .computed(node.inputs[0])
  }

  /// Whether a value is the number of elements of an axis, with or without axes of its own.
  private func isNumber(_ value: Model.Value, _ extent: Dimension) -> Bool {
    guard let node = producer(root(value)), case .reduction(let sum) = node.layer,
      sum == Reduction(.sum, axes: [0], keepsAxes: false)
    else { return false }
    return isOnes(node.inputs[0], extent)
  }

  private func isOnes(_ value: Model.Value, _ extent: Dimension) -> Bool {
    guard shape(.computed(value)) == [extent],
      case .conditional(let choice)? = producer(value)?.layer
    else { return false }
    return choice.onTrue == choice.onFalse
      && choice.onTrue.constant?.elements.allSatisfy { $0 == 1 } ?? false
  }

  private func isLengthLessOne(_ value: Model.Value) -> Bool {
    guard let node = producer(value), case .binary(let difference) = node.layer else {
      return false
    }
    return difference.function == .subtract && difference.left == .input
      && difference.right.constant?.elements == [1]
  }
}
