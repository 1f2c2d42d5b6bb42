extension Parser {
  /// A statement without blocks.
  mutating func parseSimple() throws(Problem) -> Statement {
    let start = start
    let kind = try parseSimpleKind()
    return Statement(span: SourceSpan(start, lastEnd), kind: kind)
  }

  private var endsStatement: Bool {
    token.kind == .newline || token.kind == .end || at(.semicolon)
  }

  private mutating func parseSimpleKind() throws(Problem) -> Statement.Kind {
    if token.kind == .magic {
      position += 1
      return .pass
    }
    guard token.kind == .keyword else { return try parseAssignment() }
    switch token.word {
    case .pass, .break, .continue: return parseJump()
    case .return:
      position += 1
      return .returned(endsStatement ? nil : try parseExpressions())
    case .import, .from: return try parseImport()
    default: return try parseRareStatement()
    }
  }

  private mutating func parseJump() -> Statement.Kind {
    defer { position += 1 }
    return at(.pass) ? .pass : at(.break) ? .breakLoop : .continueLoop
  }

  private mutating func parseRareStatement() throws(Problem) -> Statement.Kind {
    if take(.raise) {
      guard !endsStatement else { return .raise(nil, cause: nil) }
      let error = try parseExpression()
      return .raise(error, cause: take(.from) ? try parseExpression() : nil)
    }
    if take(.assert) {
      let test = try parseExpression()
      return .assertion(test, message: take(.comma) ? try parseExpression() : nil)
    }
    if take(.del) {
      var targets: [Expression] = []
      repeat {
        if endsStatement { break }
        targets.append(try parseTarget())
      } while take(.comma)
      return .delete(targets)
    }
    if at(.global) || at(.nonlocal) {
      let isGlobal = at(.global)
      position += 1
      var names: [String] = []
      repeat { names.append(try expectName()) } while take(.comma)
      return isGlobal ? .global(names) : .nonlocal(names)
    }
    return try parseAssignment()
  }

  private mutating func parseAssignment() throws(Problem) -> Statement.Kind {
    if atSoftKeyword("type"), token(ahead: 1).kind == .name,
      token(ahead: 2).word == .assign || token(ahead: 2).word == .leftBracket
    {
      position += 1
      let name = try expectName()
      try skipTypeParameters()
      try expect(.assign)
      return .typeAlias(name, try parseExpression())
    }
    let first = at(.yield) ? try parseYield() : try parseExpressions()
    if take(.colon) {
      let annotation = try parseExpression()
      let value = take(.assign) ? try parseAssigned() : nil
      return .annotated(first, annotation: annotation, value: value)
    }
    if let operation = BinaryOperator(augmenting: token.word) {
      position += 1
      return .augmented(first, operation, try parseAssigned())
    }
    guard at(.assign) else { return .expression(first) }
    var targets: [Expression] = []
    var value = first
    while take(.assign) {
      targets.append(value)
      value = try parseAssigned()
    }
    return .assignment(targets, value)
  }

  private mutating func parseAssigned() throws(Problem) -> Expression {
    at(.yield) ? try parseYield() : try parseExpressions()
  }

  private mutating func parseImport() throws(Problem) -> Statement.Kind {
    if take(.import) {
      var names: [Statement.ImportedName] = []
      repeat {
        let name = try parseModuleName()
        names.append(Statement.ImportedName(name: name, alias: take(.as) ? try expectName() : nil))
      } while take(.comma)
      return .importModules(names)
    }
    position += 1
    var level = 0
    while at(.dot) || at(.ellipsis) {
      level += at(.dot) ? 1 : 3
      position += 1
    }
    let module = at(.import) ? nil : try parseModuleName()
    try expect(.import)
    if take(.star) { return .importNames(module: module, level: level, names: []) }
    let isBracketed = take(.leftParenthesis)
    var names: [Statement.ImportedName] = []
    repeat {
      if isBracketed, at(.rightParenthesis) { break }
      let name = try expectName()
      names.append(Statement.ImportedName(name: name, alias: take(.as) ? try expectName() : nil))
    } while take(.comma)
    if isBracketed { try expect(.rightParenthesis) }
    return .importNames(module: module, level: level, names: names)
  }

  private mutating func parseModuleName() throws(Problem) -> String {
    var name = try expectName()
    while take(.dot) { name += "." + (try expectName()) }
    return name
  }
}

extension BinaryOperator {
  /// The operator of an augmented assignment, or nil for another word.
  init?(augmenting word: Word) {
    guard word.rawValue.utf8.last == UInt8(ascii: "="), word.rawValue.utf8.count > 1 else {
      return nil
    }
    self.init(rawValue: String(word.rawValue.dropLast()))
  }
}
