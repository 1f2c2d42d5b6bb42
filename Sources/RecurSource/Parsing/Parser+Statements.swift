extension Parser {
  /// All statements up to the end of the source.
  mutating func parseFile() -> [Statement] {
    var statements: [Statement] = []
    while token.kind != .end {
      if token.kind == .newline {
        position += 1
      } else {
        parseStatement(into: &statements)
      }
    }
    return statements
  }

  /// Parses a statement, or several on one line; what can't be parsed becomes opaque.
  mutating func parseStatement(into statements: inout [Statement]) {
    let first = position
    let count = statements.count
    let depth = nesting
    do throws(Problem) {
      try parseLine(into: &statements)
    } catch {
      nesting = depth
      statements.removeSubrange(count...)
      skipStatement(from: first)
      let span = SourceSpan(error.span.start, max(error.span.end, lastEnd))
      statements.append(Statement(span: span, kind: .opaque(error.message)))
    }
  }

  /// Moves behind the statement that begins at token `first`, with all its blocks.
  private mutating func skipStatement(from first: Int) {
    position = first
    var blocks = 0
    while token.kind != .end {
      switch token.kind {
      case .indent: blocks += 1
      case .dedent:
        // the end of the block around belongs to the block around
        guard blocks > 0 else { return }
        blocks -= 1
        if blocks == 0 {
          position += 1
          if continuesStatement { continue }
          return
        }
      case .newline:
        if blocks == 0, token(ahead: 1).kind != .indent {
          position += 1
          return
        }
      default: break
      }
      position += 1
    }
  }

  /// Whether the token begins a further block of the statement before it.
  private var continuesStatement: Bool {
    at(.else) || at(.elif) || at(.except) || at(.finally)
  }

  private mutating func parseLine(into statements: inout [Statement]) throws(Problem) {
    if let statement = try parseCompound() {
      statements.append(statement)
      return
    }
    statements += try parseSimpleLine()
  }

  /// Simple statements up to the end of the line.
  private mutating func parseSimpleLine() throws(Problem) -> [Statement] {
    var statements: [Statement] = []
    repeat {
      statements.append(try parseSimple())
    } while take(.semicolon) && token.kind != .newline && token.kind != .end
    guard token.kind == .newline || token.kind == .end else {
      throw unexpected("the end of the statement was expected")
    }
    if token.kind == .newline { position += 1 }
    return statements
  }

  /// A block: indented lines, or simple statements behind the colon.
  mutating func parseBlock() throws(Problem) -> [Statement] {
    try expect(.colon)
    guard token.kind == .newline else { return try parseSimpleLine() }
    var statements: [Statement] = []
    position += 1
    guard token.kind == .indent else { throw unexpected("an indented block was expected") }
    position += 1
    guard nesting < limits.nesting else { throw unexpected("it is nested too deep") }
    nesting += 1
    defer { nesting -= 1 }
    while token.kind != .dedent, token.kind != .end {
      if token.kind == .newline {
        position += 1
      } else {
        parseStatement(into: &statements)
      }
    }
    if token.kind == .dedent { position += 1 }
    return statements
  }

  /// A statement with blocks, or nil when the line begins a simple statement.
  private mutating func parseCompound() throws(Problem) -> Statement? {
    let start = start
    let kind: Statement.Kind
    switch token.word {
    case .if: kind = try parseCondition()
    case .for: kind = try parseLoop(isAsync: false)
    case .while: kind = try parseWhile()
    case .with: kind = try parseWith(isAsync: false)
    case .try: kind = try parseAttempt()
    default:
      if at(.def) || at(.class) || at(.at) || at(.async) {
        kind = try parseDefinition()
      } else if isMatch {
        kind = try parseMatch()
      } else {
        return nil
      }
    }
    return Statement(span: SourceSpan(start, lastEnd), kind: kind)
  }

  private mutating func parseCondition() throws(Problem) -> Statement.Kind {
    var branches: [Statement.Branch] = []
    repeat {
      position += 1
      let test = try parseNamed()
      branches.append(Statement.Branch(test: test, body: try parseBlock()))
    } while at(.elif)
    return .condition(branches, otherwise: try parseElse())
  }

  private mutating func parseElse() throws(Problem) -> [Statement] {
    take(.else) ? try parseBlock() : []
  }

  mutating func parseLoop(isAsync: Bool) throws(Problem) -> Statement.Kind {
    position += 1
    let target = try parseTargets()
    try expect(.in)
    let iterable = try parseExpressions()
    let body = try parseBlock()
    return .loop(
      Statement.Loop(
        target: target, iterable: iterable, body: body, otherwise: try parseElse(),
        isAsync: isAsync))
  }

  private mutating func parseWhile() throws(Problem) -> Statement.Kind {
    position += 1
    let test = try parseNamed()
    let body = try parseBlock()
    return .whileLoop(test: test, body: body, otherwise: try parseElse())
  }

  private mutating func parseAttempt() throws(Problem) -> Statement.Kind {
    position += 1
    let body = try parseBlock()
    var handlers: [Statement.Handler] = []
    var takesGroups = false
    while take(.except) {
      if take(.star) { takesGroups = true }
      var type: Expression?
      var name: String?
      if !at(.colon) {
        type = try parseExpressions()
        if take(.as) { name = try expectName() }
      }
      handlers.append(Statement.Handler(type: type, name: name, body: try parseBlock()))
    }
    let otherwise = try parseElse()
    let final = take(.finally) ? try parseBlock() : []
    guard !handlers.isEmpty || !final.isEmpty else {
      throw unexpected("'except' or 'finally' was expected")
    }
    return .attempt(
      Statement.Attempt(
        body: body, handlers: handlers, otherwise: otherwise, final: final,
        takesGroups: takesGroups))
  }

  mutating func parseWith(isAsync: Bool) throws(Problem) -> Statement.Kind {
    position += 1
    let first = position
    // brackets around all items, or around the first item's expression: the colon decides
    if at(.leftParenthesis), let items = try? parseWithItems(inBrackets: true), at(.colon) {
      return .with(items, body: try parseBlock(), isAsync: isAsync)
    }
    position = first
    let items = try parseWithItems(inBrackets: false)
    return .with(items, body: try parseBlock(), isAsync: isAsync)
  }

  private mutating func parseWithItems(
    inBrackets: Bool
  ) throws(Problem) -> [(context: Expression, target: Expression?)] {
    if inBrackets { position += 1 }
    var items: [(context: Expression, target: Expression?)] = []
    repeat {
      if inBrackets, at(.rightParenthesis) { break }
      let context = try parseExpression()
      var target: Expression?
      if take(.as) { target = try parseTarget() }
      items.append((context, target))
    } while take(.comma)
    if inBrackets { try expect(.rightParenthesis) }
    return items
  }
}
