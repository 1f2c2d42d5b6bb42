extension Parser {
  /// Functions and classes with their decorators, and what `async` may stand in front of.
  mutating func parseDefinition() throws(Problem) -> Statement.Kind {
    var decorators: [Expression] = []
    while take(.at) {
      decorators.append(try parseNamed())
      guard token.kind == .newline else { throw unexpected("the end of the line was expected") }
      position += 1
    }
    let start = start
    let isAsync = take(.async)
    if isAsync, decorators.isEmpty {
      if at(.for) { return try parseLoop(isAsync: true) }
      if at(.with) { return try parseWith(isAsync: true) }
    }
    if take(.def) {
      let name = try expectName()
      try skipTypeParameters()
      try expect(.leftParenthesis)
      let parameters = try parseParameters(until: .rightParenthesis, areTyped: true)
      try expect(.rightParenthesis)
      let returns = take(.arrow) ? try parseExpressions() : nil
      let body = try parseBlock()
      return .function(
        FunctionDefinition(
          name: name, parameters: parameters, returns: returns, body: body,
          decorators: decorators, isAsync: isAsync, span: SourceSpan(start, lastEnd)))
    }
    try expect(.class)
    let name = try expectName()
    try skipTypeParameters()
    let arguments = at(.leftParenthesis) ? try parseArguments() : []
    let body = try parseBlock()
    return .classDefinition(
      ClassDefinition(
        name: name, arguments: arguments, body: body, decorators: decorators,
        span: SourceSpan(start, lastEnd)))
  }

  /// `[T, *Ts]` behind a name: types say nothing about values.
  mutating func skipTypeParameters() throws(Problem) {
    guard at(.leftBracket) else { return }
    var depth = 0
    repeat {
      if at(.leftBracket) { depth += 1 }
      if at(.rightBracket) { depth -= 1 }
      guard token.kind != .newline, token.kind != .end else {
        throw unexpected("']' was expected")
      }
      position += 1
    } while depth > 0
  }

  /// The parameters of a function, or of a lambda, which has no types.
  mutating func parseParameters(
    until end: Word, areTyped: Bool
  ) throws(Problem) -> [FunctionParameter] {
    var parameters: [FunctionParameter] = []
    var kind = FunctionParameter.Kind.standard
    while !at(end) {
      let start = start
      if take(.slash) {
        parameters = parameters.map { $0.asPositionalOnly }
      } else if take(.doubleStar) {
        parameters.append(try parseParameter(.keywords, from: start, areTyped: areTyped))
      } else if take(.star) {
        if !at(.comma) {
          parameters.append(try parseParameter(.rest, from: start, areTyped: areTyped))
        }
        kind = .keywordOnly
      } else {
        parameters.append(try parseParameter(kind, from: start, areTyped: areTyped))
      }
      guard take(.comma) else { break }
    }
    return parameters
  }

  private mutating func parseParameter(
    _ kind: FunctionParameter.Kind, from start: Int32, areTyped: Bool
  ) throws(Problem) -> FunctionParameter {
    let name = try expectName()
    var annotation: Expression?
    if areTyped, take(.colon) { annotation = try parseStarredOrExpression() }
    let value = take(.assign) ? try parseExpression() : nil
    return FunctionParameter(
      kind: kind, name: name, annotation: annotation, value: value,
      span: SourceSpan(start, lastEnd))
  }
}

extension FunctionParameter {
  fileprivate var asPositionalOnly: FunctionParameter {
    FunctionParameter(
      kind: .positionalOnly, name: name, annotation: annotation, value: value, span: span)
  }
}
