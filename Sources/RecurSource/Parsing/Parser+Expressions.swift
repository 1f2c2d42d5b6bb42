extension Parser {
  /// One expression, or a tuple without brackets; starred parts are allowed.
  mutating func parseExpressions() throws(Problem) -> Expression {
    let start = start
    let first = try parseStarredOrNamed()
    guard at(.comma) else { return first }
    var elements = [first]
    while take(.comma), beginsExpression { elements.append(try parseStarredOrNamed()) }
    return try make(.tuple(elements), from: start, over: depth(elements))
  }

  /// Whether the token can begin an expression.
  var beginsExpression: Bool {
    switch token.kind {
    case .name, .integer, .float, .imaginary, .string: true
    case .keyword:
      at(.true) || at(.false) || at(.noValue) || at(.not) || at(.lambda) || at(.await)
        || at(.yield)
    case .mark:
      at(.leftParenthesis) || at(.leftBracket) || at(.leftBrace) || at(.minus) || at(.plus)
        || at(.tilde) || at(.ellipsis) || at(.star)
    default: false
    }
  }

  mutating func parseStarredOrNamed() throws(Problem) -> Expression {
    at(.star) ? try parseStarredOrExpression() : try parseNamed()
  }

  mutating func parseStarredOrExpression() throws(Problem) -> Expression {
    let start = start
    guard take(.star) else { return try parseExpression() }
    let value = try parseBinary()
    return try make(.starred(value), from: start, over: value.depth)
  }

  /// `expression` or `name := expression`.
  mutating func parseNamed() throws(Problem) -> Expression {
    let start = start
    guard token.kind == .name, token(ahead: 1).word == .walrus else { return try parseExpression() }
    let name = try expectName()
    position += 1
    let value = try parseExpression()
    return try make(.walrus(name, value), from: start, over: value.depth)
  }

  /// The targets of a loop: one or several, up to `in`.
  mutating func parseTargets() throws(Problem) -> Expression {
    let start = start
    let first = try parseTarget()
    guard at(.comma) else { return first }
    var elements = [first]
    while take(.comma), beginsExpression { elements.append(try parseTarget()) }
    return try make(.tuple(elements), from: start, over: depth(elements))
  }

  mutating func parseTarget() throws(Problem) -> Expression {
    let start = start
    guard take(.star) else { return try parseBinary() }
    let value = try parseBinary()
    return try make(.starred(value), from: start, over: value.depth)
  }

  mutating func parseYield() throws(Problem) -> Expression {
    let start = start
    try expect(.yield)
    if take(.from) {
      let value = try parseExpression()
      return try make(.yieldFrom(value), from: start, over: value.depth)
    }
    guard beginsExpression else { return try make(.yield(nil), from: start) }
    let value = try parseExpressions()
    return try make(.yield(value), from: start, over: value.depth)
  }

  /// An expression without a tuple, a star or an assignment: conditional, lambda, or operators.
  mutating func parseExpression() throws(Problem) -> Expression {
    let start = start
    if at(.lambda) { return try nested { parser throws(Problem) in try parser.parseLambda() } }
    let value = try parseDisjunction()
    guard take(.if) else { return value }
    let test = try parseDisjunction()
    try expect(.else)
    let otherwise = try nested { parser throws(Problem) in try parser.parseExpression() }
    return try make(
      .conditional(test: test, then: value, otherwise: otherwise), from: start,
      over: depth(test, value, otherwise))
  }

  private mutating func parseLambda() throws(Problem) -> Expression {
    let start = start
    position += 1
    let parameters = try parseParameters(until: .colon, areTyped: false)
    try expect(.colon)
    let body = try parseExpression()
    return try make(.lambda(parameters, body), from: start, over: body.depth)
  }

  mutating func parseDisjunction() throws(Problem) -> Expression {
    let start = start
    let first = try parseConjunction()
    guard at(.or) else { return first }
    var operands = [first]
    while take(.or) { operands.append(try parseConjunction()) }
    return try make(.anyOf(operands), from: start, over: depth(operands))
  }

  private mutating func parseConjunction() throws(Problem) -> Expression {
    let start = start
    let first = try parseInversion()
    guard at(.and) else { return first }
    var operands = [first]
    while take(.and) { operands.append(try parseInversion()) }
    return try make(.allOf(operands), from: start, over: depth(operands))
  }

  private mutating func parseInversion() throws(Problem) -> Expression {
    let start = start
    guard take(.not) else { return try parseComparison() }
    let value = try nested { parser throws(Problem) in try parser.parseInversion() }
    return try make(.unary(.not, value), from: start, over: value.depth)
  }

  private mutating func parseComparison() throws(Problem) -> Expression {
    let start = start
    let first = try parseBinary()
    var operands: [(operation: ComparisonOperator, operand: Expression)] = []
    while let operation = takeComparison() { operands.append((operation, try parseBinary())) }
    guard !operands.isEmpty else { return first }
    return try make(
      .comparison(first, operands), from: start,
      over: max(first.depth, depth(operands.map(\.operand))))
  }

  private mutating func takeComparison() -> ComparisonOperator? {
    if at(.not), token(ahead: 1).word == .in {
      position += 2
      return .notIn
    }
    if at(.is), token(ahead: 1).word == .not {
      position += 2
      return .isNot
    }
    guard let operation = ComparisonOperator(token.word) else { return nil }
    position += 1
    return operation
  }

  // MARK: arithmetic

  /// Operators from `|` to `*`, each binding tighter than those of a lower level.
  mutating func parseBinary(level: Int = 0) throws(Problem) -> Expression {
    let start = start
    var left = try parseUnary()
    while let operation = BinaryOperator(token.word),
      let binding = operation.level, binding >= level
    {
      position += 1
      let right = try parseBinary(level: binding + 1)
      left = try make(
        .binary(operation, left, right), from: start, over: max(left.depth, right.depth))
    }
    return left
  }

  mutating func parseUnary() throws(Problem) -> Expression {
    let start = start
    let operation: UnaryOperator
    switch token.word {
    case .minus: operation = .minus
    case .plus: operation = .plus
    case .tilde: operation = .invert
    default: return try parsePower()
    }
    position += 1
    let value = try nested { parser throws(Problem) in try parser.parseUnary() }
    return try make(.unary(operation, value), from: start, over: value.depth)
  }

  private mutating func parsePower() throws(Problem) -> Expression {
    let start = start
    let isAwaited = take(.await)
    var base = try parsePrimary()
    if isAwaited { base = try make(.await(base), from: start, over: base.depth) }
    guard take(.doubleStar) else { return base }
    let exponent = try nested { parser throws(Problem) in try parser.parseUnary() }
    return try make(
      .binary(.power, base, exponent), from: start, over: max(base.depth, exponent.depth))
  }
}

extension BinaryOperator {
  /// How tight the operator binds; nil for the power, which binds tighter than a sign.
  fileprivate var level: Int? {
    switch self {
    case .bitOr: 0
    case .bitXor: 1
    case .bitAnd: 2
    case .shiftLeft, .shiftRight: 3
    case .add, .subtract: 4
    case .multiply, .matrixMultiply, .divide, .floorDivide, .modulo: 5
    case .power: nil
    }
  }
}
