import RecurTensors

// Free extents as numbers that the model computes.
extension GraphBuilder {
  /// A whole number as an array without axes, int64: ones along an axis of this extent, summed.
  ///
  /// - Throws: `graph.unsupported` for an extent that no value of the model has and that is no sum or
  ///   product of such ones.
  mutating func counted(_ size: Dimension) throws(CheckpointError) -> Model.Value {
    guard case .free(let formula) = size else {
      return try computed(.known(KnownArray(repeating: Double(size.value ?? 0), .int64, shape: [])))
    }
    if nodes.contains(where: { shape(.computed(Model.Value($0.name)))?.contains(size) ?? false }) {
      let ones = try ones(size)
      return try add(.reduction(Reduction(.sum, axes: [0], keepsAxes: false)), [ones])[0]
    }
    var sum = GraphValue.known(
      try KnownArray(repeating: Double(formula.constant), .int64, shape: []))
    for term in formula.terms {
      var product = GraphValue.known(
        try KnownArray(repeating: Double(term.coefficient), .int64, shape: []))
      for factor in term.factors {
        product = try binary(.multiply, product, counted(factor))
      }
      sum = try binary(.add, sum, product)
    }
    return try computed(sum)
  }

  private mutating func counted(_ factor: Formula.Factor) throws(CheckpointError) -> GraphValue {
    switch factor {
    case .name:
      let extent = Dimension.free(Formula(factor))
      let isThere = nodes.contains {
        shape(.computed(Model.Value($0.name)))?.contains(extent) ?? false
      }
      guard isThere else { throw problem("no value of the graph has the extent \(extent)") }
      return .computed(try counted(extent))
    case .quotient(let inner, let divisor, let roundsUp):
      let number = GraphValue.computed(try counted(inner.dimension))
      let more = try binary(.add, number, .integer(roundsUp ? divisor - 1 : 0))
      let quotient = try cast(
        binary(.floorDivide, cast(more, to: .float64), .integer(divisor)), to: .int64)
      return quotient
    }
  }

  /// Whole numbers as an array of one axis, int64.
  mutating func counted(_ sizes: [Dimension]) throws(CheckpointError) -> Model.Value {
    var parts: [GraphValue] = []
    for size in sizes { parts.append(.computed(try counted(size))) }
    return try computed(stacked(parts, axis: 0))
  }

  /// The whole numbers from 0 up to an extent, int64: sums of ones.
  mutating func numbers(below extent: Dimension) throws(CheckpointError) -> Model.Value {
    let sums = Cumulation(.sum, axis: 0, isExclusive: true, isReversed: false)
    return try add(.cumulation(sums), [ones(extent)])[0]
  }

  /// Ones along one axis.
  private mutating func ones(_ extent: Dimension) throws(CheckpointError) -> Model.Value {
    try computed(.known(KnownArray(repeating: 1, .int64, shape: [extent])))
  }

  /// A Boolean value of any numbers that has extents which no value has at once, or in this order;
  /// nil for one extent that is no product of others.
  mutating func joinedAnchors(_ pattern: [Dimension]) throws(CheckpointError) -> Model.Value? {
    let free = pattern.indices.filter { pattern[$0].value == nil }
    guard free.count > 1 else {
      guard let axis = free.first, let factors = pattern[axis].factors else { return nil }
      let whole = try anchor(factors)
      let extents = pattern.indices.map { $0 == axis ? Reshaping.Extent.rest : .fixed(1) }
      return try add(.reshaping(.reshapeAll(extents)), [whole])[0]
    }
    var result: Model.Value?
    for axis in free {
      var own = [Dimension](repeating: .fixed(1), count: pattern.count)
      own[axis] = pattern[axis]
      let part = try anchor(own)
      guard let before = result else {
        result = part
        continue
      }
      result = try add(.binary(Binary(.and, .input, .input)), [before, part])[0]
    }
    return result
  }
}

extension Dimension {
  /// The free extents whose product the extent is, several; nil for other extents.
  fileprivate var factors: [Dimension]? {
    guard case .free(let formula) = self, formula.constant == 0, formula.terms.count == 1,
      let term = formula.terms.first, term.coefficient == 1, term.factors.count > 1
    else { return nil }
    return term.factors.map { .free(Formula($0)) }
  }
}
