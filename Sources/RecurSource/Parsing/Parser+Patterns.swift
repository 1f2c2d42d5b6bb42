extension Parser {
  /// Whether a `match` statement begins here and not an expression with a name `match`.
  var isMatch: Bool {
    guard atSoftKeyword("match") else { return false }
    var offset = 1
    while true {
      let kind = token(ahead: offset).kind
      if kind == .end { return false }
      if kind == .newline { break }
      offset += 1
    }
    return token(ahead: offset - 1).word == .colon && token(ahead: offset + 1).kind == .indent
      && atSoftKeyword("case", ahead: offset + 2)
  }

  mutating func parseMatch() throws(Problem) -> Statement.Kind {
    position += 1
    let subject = try parseExpressions()
    try expect(.colon)
    guard token.kind == .newline else { throw unexpected("the end of the line was expected") }
    position += 1
    guard token.kind == .indent else { throw unexpected("an indented block was expected") }
    position += 1
    var cases: [MatchCase] = []
    while atSoftKeyword("case") {
      position += 1
      let pattern = try parsePatterns()
      let condition = take(.if) ? try parseNamed() : nil
      cases.append(MatchCase(pattern: pattern, condition: condition, body: try parseBlock()))
    }
    guard token.kind == .dedent else { throw unexpected("'case' was expected") }
    position += 1
    return .match(subject, cases)
  }

  private mutating func parsePatterns() throws(Problem) -> Pattern {
    let first = try parsePattern()
    guard at(.comma) else {
      if case .star = first { return .sequence([first]) }
      return first
    }
    var patterns = [first]
    while take(.comma), !at(.colon), !at(.if) { patterns.append(try parsePattern()) }
    return .sequence(patterns)
  }

  private mutating func parsePattern() throws(Problem) -> Pattern {
    if take(.star) {
      let name = try expectName()
      return .star(name == "_" ? nil : name)
    }
    var patterns: [Pattern] = []
    repeat {
      patterns.append(try nested { parser throws(Problem) in try parser.parseClosedPattern() })
    } while take(.bar)
    let pattern = patterns.count == 1 ? patterns[0] : .anyOf(patterns)
    guard take(.as) else { return pattern }
    return .named(pattern, try expectName())
  }

  private mutating func parseClosedPattern() throws(Problem) -> Pattern {
    if at(.leftBracket) || at(.leftParenthesis) { return try parseGroupPattern() }
    if take(.leftBrace) { return try parseMappingPattern() }
    guard token.kind == .name else { return .value(try parseBinary(level: 4)) }
    let start = start
    let name = try expectName()
    guard at(.dot) || at(.leftParenthesis) else {
      return .capture(name == "_" ? nil : name)
    }
    var value = try make(.name(name), from: start)
    while take(.dot) {
      let member = try expectName()
      value = try make(.attribute(value, member), from: start, over: value.depth)
    }
    guard take(.leftParenthesis) else { return .value(value) }
    var patterns: [Pattern] = []
    var keywords: [(name: String, pattern: Pattern)] = []
    while !at(.rightParenthesis) {
      if token.kind == .name, token(ahead: 1).word == .assign {
        let name = try expectName()
        position += 1
        keywords.append((name, try parsePattern()))
      } else {
        patterns.append(try parsePattern())
      }
      guard take(.comma) else { break }
    }
    try expect(.rightParenthesis)
    return .instance(value, patterns, keywords)
  }

  private mutating func parseGroupPattern() throws(Problem) -> Pattern {
    let end: Word = at(.leftBracket) ? .rightBracket : .rightParenthesis
    position += 1
    var patterns: [Pattern] = []
    var isSequence = end == .rightBracket
    while !at(end) {
      patterns.append(try parsePattern())
      guard take(.comma) else { break }
      isSequence = true
    }
    try expect(end)
    return patterns.count == 1 && !isSequence ? patterns[0] : .sequence(patterns)
  }

  private mutating func parseMappingPattern() throws(Problem) -> Pattern {
    var entries: [(key: Expression, pattern: Pattern)] = []
    var rest: String?
    while !at(.rightBrace) {
      if take(.doubleStar) {
        rest = try expectName()
      } else {
        let key = try parseBinary(level: 4)
        try expect(.colon)
        entries.append((key, try parsePattern()))
      }
      guard take(.comma) else { break }
    }
    try expect(.rightBrace)
    return .mapping(entries, rest: rest)
  }
}
