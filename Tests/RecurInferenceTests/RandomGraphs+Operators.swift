import RecurModel
import RecurTensors

extension RandomGraphs {
  /// Adds one operator or layer that reads `x`, and possibly other values.
  mutating func addOperator(_ x: Value) throws {
    switch numbers.integer(0...20) {
    case 0: addUnary(x)
    case 1: addBinary(x)
    case 2: addChoice(x)
    case 3: addReduction(x)
    case 4:
      let axes = axes(of: x.shape)
      let isLogarithm = numbers.oneIn(2)
      add(
        .softmax(Softmax(axes: axes, isLogarithm: isLogarithm)), [x], bound: isLogarithm ? 9 : 1)
    case 5: addSlice(x)
    case 6: addMatrixProduct(x)
    case 7: try addEinsum(x)
    case 8: addCategories(x)
    case 9: addReshaping(x)
    case 10: addMerge(x)
    case 11, 12, 13: try addPositions(x)
    default: try addLayer(x)
    }
  }

  private mutating func addUnary(_ x: Value) {
    let smooth: [Unary] = [
      .expm1, .square, .absolute, .negative, .sine, .cosine, .inverseTangent, .hyperbolicSine,
      .hyperbolicCosine, .errorFunction,
    ]
    let ofPositive: [Unary] = [
      .log, .log1p, .log2, .log10, .squareRoot, .reciprocalSquareRoot, .reciprocal,
    ]
    let jumping: [Unary] = [
      .sign, .floor, .ceiling, .round, .truncate, .not, .isNaN, .isFinite,
    ]
    switch numbers.integer(0...3) {
    case 0: add(.unary(numbers.pick(ofPositive)), [positive(x)])
    case 1 where x.isExact: add(.unary(numbers.pick(jumping)), [x], isExact: true, bound: x.bound)
    case 2:
      guard
        let half = add(.activation(.tanh), [x], bound: 1).flatMap({
          add(.binary(Binary(.multiply, .input, .number(0.5))), [$0], bound: 0.5)
        })
      else { return }
      add(.unary(numbers.pick([.inverseSine, .inverseCosine, .tangent])), [half])
    default: add(.unary(numbers.pick(smooth)), [x], bound: 8)
    }
  }

  /// Another value that fits `x` by NumPy's rules, or a constant.
  private mutating func partner(_ x: Value, isExact: Bool) -> Value? {
    let fitting = values.filter { other in
      (!isExact || other.isExact)
        && zip(other.shape.reversed(), x.shape.reversed()).allSatisfy {
          $0 == $1 || $0 == 1 || $1 == 1
        }
    }
    return fitting.isEmpty || numbers.oneIn(3) ? nil : numbers.pick(fitting)
  }

  private mutating func addBinary(_ x: Value) {
    typealias Function = Binary.Function
    let smooth: [Function] = [.add, .subtract, .multiply, .maximum, .minimum]
    let jumping: [Function] = [
      .floorDivide, .modulo, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
      .and, .or, .exclusiveOr,
    ]
    var (function, x) = (numbers.pick(smooth), x)
    var isExact = false
    if numbers.oneIn(4) {
      (function, x) = (numbers.pick([.divide, .power]), positive(x))
    } else if x.isExact, numbers.oneIn(2) {
      (function, isExact) = (numbers.pick(jumping), true)
    }
    let bound = function == .floorDivide || function == .modulo ? 9.0 : 4
    if let other = partner(x, isExact: isExact), function != .power {
      let second = function == .divide ? positive(other) : other
      add(.binary(Binary(function, .input, .input)), [x, second], isExact: isExact, bound: bound)
    } else {
      let isDivisor = [.divide, .floorDivide, .modulo, .power].contains(function)
      let constant = constant(like: x.shape, above: isDivisor ? 1 : 0)
      let isFirst = numbers.oneIn(2) && !isDivisor
      add(
        .binary(Binary(function, isFirst ? constant : .input, isFirst ? .input : constant)), [x],
        isExact: isExact, bound: bound)
    }
  }

  private mutating func addChoice(_ x: Value) {
    switch numbers.integer(0...2) {
    case 0:
      add(
        .clamp(
          Clamp(
            minimum: numbers.oneIn(3) ? nil : -0.5, maximum: numbers.oneIn(3) ? nil : 0.75)), [x],
        isExact: x.isExact, bound: x.bound)
    case 1 where x.isExact:
      let types: [ElementType] = [.int32, .bool, .float16, .bfloat16, .float32, .uint8]
      add(.casting(Casting(to: numbers.pick(types))), [x], isExact: true, bound: x.bound)
    default:
      guard x.isExact,
        let holds = add(.binary(Binary(.greater, .input, .number(0.1))), [x], isExact: true)
      else { return }
      if let other = partner(x, isExact: false) {
        let isFirst = numbers.oneIn(2)
        add(
          .conditional(
            Where(isFirst ? .input : .number(0.5), isFirst ? constant(like: x.shape) : .input)),
          [holds, other])
      } else {
        add(.conditional(Where(constant(like: x.shape), .number(-1))), [holds])
      }
    }
  }

  private mutating func addReduction(_ x: Value) {
    let own = axes(of: x.shape)
    let function = numbers.pick(Reduction.Function.allCases)
    guard x.isExact || function != .any && function != .all else { return }
    // The root of a small variance would be far off.
    guard function != .standardDeviation || own.reduce(1, { $0 * x.shape[$1] }) > 3 else { return }
    let isLarge = [.sum, .product, .l1Norm, .l2Norm, .logSumExp, .variance].contains(function)
    let source = function == .product ? positive(x) : x
    let axes = own.map { numbers.oneIn(2) ? $0 : $0 - x.shape.count }
    add(
      .reduction(Reduction(function, axes: axes, keepsAxes: numbers.oneIn(2))), [source],
      bound: isLarge ? 9 : x.bound)
  }

  private mutating func addSlice(_ x: Value) {
    var parts: [Slicing.Part] = []
    for axis in axes(of: x.shape, from: 1) {
      let step = numbers.pick([1, 1, 2, 3, -1, -2])
      let extent = x.shape[axis]
      let (low, high) = (numbers.integer(0...extent - 1), numbers.integer(1...extent + 2))
      parts.append(
        step > 0
          ? .init(
            axis: axis, start: numbers.oneIn(2) ? nil : min(low, high - 1), stop: high, step: step)
          : .init(axis: axis, start: numbers.oneIn(2) ? nil : -1, stop: nil, step: step))
    }
    add(
      .slicing(Slicing(parts: parts)), [x], isExact: x.isExact, isPositive: x.isPositive,
      bound: x.bound)
  }

  private mutating func addMatrixProduct(_ x: Value) {
    let depth = x.shape[x.shape.count - 1]
    switch numbers.integer(0...2) {
    case 0:
      let columns = numbers.integer(1...40)
      let shape = numbers.oneIn(5) ? [depth] : [depth, columns]
      let elements = (0..<shape.reduce(1, *)).map { _ in
        Double(Float(Double.random(in: -0.5...0.5, using: &numbers)))
      }
      add(
        .matrixProduct(
          MatrixProduct(
            .input, .constant(Operand.Constant(shape: shape, elements: elements, isWhole: false)))),
        [x], bound: 9)
    case 1 where x.shape.count > 2:
      let rows = x.shape[x.shape.count - 2]
      let shape = [numbers.integer(1...5), rows]
      let elements = (0..<shape.reduce(1, *)).map { _ in
        Double(Float(Double.random(in: -0.5...0.5, using: &numbers)))
      }
      add(
        .matrixProduct(
          MatrixProduct(
            .constant(Operand.Constant(shape: shape, elements: elements, isWhole: false)), .input)),
        [x], bound: 9)
    default:
      guard x.shape.count > 2 else { return }
      var order = Array(1..<x.shape.count)
      order.swapAt(order.count - 1, order.count - 2)
      guard let turned = add(.reshaping(.permute(order)), [x], bound: x.bound) else { return }
      add(.matrixProduct(MatrixProduct(.input, .input)), [x, turned], bound: 9)
    }
  }

  private mutating func addEinsum(_ x: Value) throws {
    let equations: [Int: [String]] = [
      2: ["ab,bc->ac", "ab,cb->ca", "ab,abc->ac"],
      3: [
        "abc,cd->abd", "abc,cde->abde", "abc,dbc->ad", "abc,bcd->ad", "abc,cd->dba",
        "...c,cd->...d",
        "abc,cd->bda", "abc,bcd->abd", "abc,acd->bd",
      ],
      4: ["abcd,cde->abe", "abcd,de->abce", "abcd,dcef->aebf", "...d,de->...e"],
    ]
    if numbers.oneIn(3), x.shape.count == 3 {
      let pairs = ["abc,abd->acd", "abc,adc->abd", "abc,abc->ab", "abc,abc->b", "abc,abc,abc->ac"]
      let equation = numbers.pick(pairs)
      let count = equation.split(separator: ",").count
      add(
        .einsum(Einsum(equation: equation, kernel: nil, bias: nil, activation: .linear)),
        [Value](repeating: x, count: count), bound: 9)
      return
    }
    guard let choices = equations[x.shape.count] else {
      return
    }
    let equation = numbers.pick(choices)
    let sides = equation.split(separator: ">")
    let terms = sides[0].dropLast().split(separator: ",")
    var extents: [Character: Int] = [:]
    for (letter, extent) in zip(terms[0].filter { $0 != "." }.reversed(), x.shape.reversed()) {
      extents[letter] = extent
    }
    var shape: [Int] = []
    for letter in terms[1] {
      let extent = extents[letter] ?? numbers.integer(1...9)
      extents[letter] = extent
      shape.append(extent)
    }
    guard shape.reduce(1, *) < 5000 else { return }
    let bias =
      numbers.oneIn(2)
      ? try sides[1].last.map { letter in
        try numbers.tensor([extents[letter] ?? 1], bound: 0.5)
      } : nil
    add(
      .einsum(
        Einsum(
          equation: equation, kernel: try weights(shape, inputs: shape.reduce(1, *)), bias: bias,
          activation: numbers.pick([.linear, .tanh, .relu, .softmax]))), [x], bound: 9)
  }

  private mutating func addCategories(_ x: Value) {
    guard x.isExact else { return }
    let limits = (0..<numbers.integer(0...6)).map { _ in
      Double(Float(Double.random(in: -2...2, using: &numbers)))
    }
    guard
      let tokens = add(
        .bucketing(Bucketing(boundaries: limits.sorted())), [x], isExact: true, bound: 4)
    else { return }
    if numbers.oneIn(2), let table = try? numbers.tensor([limits.count + 1, 3], bound: 1) {
      add(
        .embedding(Embedding(table: table, masksZero: false, cutsFractions: false)), [tokens],
        isExact: true, bound: 1)
      return
    }
    add(
      .categoryEncoding(
        CategoryEncoding(
          categories: numbers.integer(2...5), mode: numbers.pick([.oneHot, .multiHot, .count]))),
      [tokens], isExact: true, bound: 4)
  }

  private mutating func addReshaping(_ x: Value) {
    let rest = Array(1..<x.shape.count)
    var choices: [Reshaping] = [
      .flatten, .permute(rest.shuffled(using: &numbers)),
      .insertAxis(numbers.integer(1...rest.count)),
    ]
    if x.shape.count == 2 { choices.append(.repeatVector(count: numbers.integer(1...4))) }
    if x.shape.count > 2 {
      let spatial = x.shape.count - 2
      choices += [
        .upsample((0..<spatial).map { _ in numbers.integer(1...2) }),
        .pad((0..<spatial).map { _ in .init(numbers.integer(0...2), numbers.integer(0...2)) }),
        .crop((0..<spatial).map { _ in .init(numbers.integer(0...1), numbers.integer(0...1)) }),
        .reshape([nil]), .reshape([nil, x.shape[1]]),
      ]
    }
    add(.reshaping(numbers.pick(choices)), [x], isExact: x.isExact, bound: x.bound)
  }

  private mutating func addMerge(_ x: Value) {
    let same = values.filter { $0.shape == x.shape }
    let other = numbers.pick(same)
    let last = x.shape.count - 1
    let merges: [Merge] = [
      .add, .subtract, .multiply, .average, .maximum, .minimum, .concatenate(axis: -1),
      .concatenate(axis: 1), .stack(axis: 1),
      .dot(axes: [last, last], isNormalized: numbers.oneIn(2)),
      .dot(axes: [1, 1], isNormalized: false),
    ]
    add(.merge(numbers.pick(merges)), [x, other], bound: 9)
  }
}
