import RecurModel
import RecurTensors

extension RandomGraphs {
  /// Adds an operator of positions along an axis.
  mutating func addPositions(_ x: Value) throws {
    let axis = numbers.integer(1...x.shape.count - 1)
    let extent = x.shape[axis]
    switch numbers.integer(0...9) {
    case 0 where x.isExact:
      add(
        .argReduction(
          ArgReduction(isMaximum: numbers.oneIn(2), axis: axis, keepsAxis: numbers.oneIn(2))), [x],
        isExact: true, bound: 9)
    case 1:
      add(
        .cumulation(
          Cumulation(
            .sum, axis: axis, isExclusive: numbers.oneIn(2), isReversed: numbers.oneIn(2))), [x],
        bound: 9)
    case 2:
      add(
        .sorting(
          Sorting(
            axis: axis, isDescending: numbers.oneIn(2),
            count: numbers.oneIn(2) ? nil : numbers.integer(1...extent),
            givesPositions: x.isExact && numbers.oneIn(2))), [x], isExact: x.isExact, bound: 9)
    case 3: addGathering(x, axis)
    case 4 where x.isExact:
      guard let whole = add(.casting(Casting(to: .int32)), [x], isExact: true) else { return }
      add(
        .oneHot(OneHot(count: numbers.integer(1...4), axis: numbers.integer(1...x.shape.count))),
        [whole], isExact: true, bound: 1)
      add(
        .lookup(Lookup(keys: [0, -1, 2], firstPosition: 2, unknownCount: 2, unknownPosition: 0)),
        [whole], isExact: true, bound: 4)
    case 5:
      add(
        .repetition(
          Repetition(axis: axis, count: numbers.integer(1...3), isWhole: numbers.oneIn(2))), [x],
        isExact: x.isExact, bound: x.bound)
    case 6:
      let content = numbers.pick([
        Bordering.Content.constant(0.5), .reflected, .symmetric, .edge,
      ])
      let parts = axes(of: x.shape, from: 1).map {
        Bordering.Part(axis: $0, before: numbers.integer(0...1), after: numbers.integer(0...1))
      }
      guard parts.allSatisfy({ x.shape[$0.axis] > 1 }) else { return }
      add(
        .bordering(Bordering(parts: parts, content: content)), [x], isExact: x.isExact,
        bound: x.bound)
    case 7:
      add(
        .triangle(Triangle(isLower: numbers.oneIn(2), diagonal: numbers.integer(-1...1))), [x],
        isExact: x.isExact, bound: x.bound)
    case 8 where x.shape.count > 2:
      add(
        .interpolation(
          Interpolation(factors: (2..<x.shape.count).map { _ in numbers.integer(1...3) })), [x],
        bound: x.bound)
    default:
      let width = x.shape[x.shape.count - 1]
      add(
        .rootMeanSquareNormalization(
          RootMeanSquareNormalization(
            gamma: numbers.oneIn(2) ? nil : try numbers.tensor([width], bound: 0.3, above: 1),
            width: width, epsilon: 0.1)), [x])
    }
  }

  private mutating func addGathering(_ x: Value, _ axis: Int) {
    let extent = x.shape[axis]
    if x.isExact, numbers.oneIn(2),
      let places = add(
        .sorting(
          Sorting(
            axis: axis, isDescending: true, count: numbers.integer(1...extent),
            givesPositions: true)), [x], isExact: true, bound: 4)
    {
      add(.gathering(Gathering(axis: axis, positions: .input)), [x, places], isExact: true)
      return
    }
    let shape = numbers.pick([[], [3], [2, 2]])
    let places = (0..<shape.reduce(1, *)).map { _ in
      Double(numbers.integer(-extent...extent - 1))
    }
    add(
      .gathering(
        Gathering(
          axis: axis,
          positions: .constant(
            Operand.Constant(shape: shape, elements: places, isWhole: true)))), [x],
      isExact: x.isExact, bound: x.bound)
  }
}
