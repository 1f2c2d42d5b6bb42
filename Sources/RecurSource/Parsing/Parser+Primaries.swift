extension Parser {
  /// An atom with calls, attributes and subscripts behind it.
  mutating func parsePrimary() throws(Problem) -> Expression {
    let start = start
    var value = try parseAtom()
    while true {
      if take(.dot) {
        let name = try expectName()
        value = try make(.attribute(value, name), from: start, over: value.depth)
      } else if at(.leftParenthesis) {
        let arguments = try parseArguments()
        value = try make(
          .call(value, arguments), from: start,
          over: max(value.depth, depth(arguments.map(\.value))))
      } else if at(.leftBracket) {
        let index = try nested { parser throws(Problem) in try parser.parseSubscript() }
        value = try make(.item(value, index), from: start, over: max(value.depth, index.depth))
      } else {
        return value
      }
    }
  }

  /// `(…)` behind something that is called.
  mutating func parseArguments() throws(Problem) -> [Argument] {
    try nested { parser throws(Problem) in
      let openBracket = parser.start
      parser.position += 1
      var arguments: [Argument] = []
      while !parser.at(.rightParenthesis) {
        arguments.append(try parser.parseArgument(openBracket: openBracket))
        guard parser.take(.comma) else { break }
      }
      try parser.expect(.rightParenthesis)
      return arguments
    }
  }

  private mutating func parseArgument(openBracket: Int32) throws(Problem) -> Argument {
    if take(.star) { return Argument(kind: .spread, value: try parseExpression()) }
    if take(.doubleStar) { return Argument(kind: .keywords, value: try parseExpression()) }
    if token.kind == .name, token(ahead: 1).word == .assign {
      let name = try expectName()
      position += 1
      return Argument(kind: .keyword(name), value: try parseExpression())
    }
    let value = try parseNamed()
    guard at(.for) || at(.async) else { return Argument(kind: .positional, value: value) }
    // the brackets of the call are those of the generator
    let generator = try parseComprehension(.generator, value, from: openBracket)
    return Argument(kind: .positional, value: generator)
  }

  private mutating func parseSubscript() throws(Problem) -> Expression {
    position += 1
    let start = start
    let first = try parseSlice()
    var result = first
    if at(.comma) {
      var elements = [first]
      while take(.comma), !at(.rightBracket) { elements.append(try parseSlice()) }
      result = try make(.tuple(elements), from: start, over: depth(elements))
    } else if case .starred = first.kind {
      result = try make(.tuple([first]), from: start, over: first.depth)
    }
    try expect(.rightBracket)
    return result
  }

  private mutating func parseSlice() throws(Problem) -> Expression {
    let start = start
    if at(.star) { return try parseStarredOrExpression() }
    let lower = at(.colon) ? nil : try parseNamed()
    guard take(.colon) else {
      guard let lower else { throw unexpected("an index was expected") }
      return lower
    }
    var upper: Expression?
    var step: Expression?
    if !at(.colon), !at(.comma), !at(.rightBracket) { upper = try parseExpression() }
    if take(.colon), !at(.comma), !at(.rightBracket) { step = try parseExpression() }
    return try make(.slice(lower, upper, step), from: start, over: depth(lower, upper, step))
  }

  // MARK: atoms

  private mutating func parseAtom() throws(Problem) -> Expression {
    let start = start
    switch token.kind {
    case .name:
      let name = try expectName()
      return try make(.name(name), from: start)
    case .string: return try parseStrings()
    case .integer, .float, .imaginary: return try parseNumber()
    default: break
    }
    switch token.word {
    case .leftParenthesis:
      return try nested { parser throws(Problem) in try parser.parseParentheses() }
    case .leftBracket: return try nested { parser throws(Problem) in try parser.parseList() }
    case .leftBrace: return try nested { parser throws(Problem) in try parser.parseBraces() }
    case .ellipsis:
      position += 1
      return try make(.ellipsis, from: start)
    default: return try parseConstant()
    }
  }

  private mutating func parseConstant() throws(Problem) -> Expression {
    let start = start
    let kind: Expression.Kind
    switch token.word {
    case .true: kind = .boolean(true)
    case .false: kind = .boolean(false)
    case .noValue: kind = .none
    default: throw unexpected("an expression was expected")
    }
    position += 1
    return try make(kind, from: start)
  }

  private mutating func parseNumber() throws(Problem) -> Expression {
    let token = token
    let digits = spelling(token).filter { $0 != "_" }
    position += 1
    let kind: Expression.Kind
    if token.kind == .integer {
      let prefix = digits.dropFirst().first?.lowercased()
      let radix = prefix == "x" ? 16 : prefix == "o" ? 8 : prefix == "b" ? 2 : 10
      let text = radix == 10 ? digits[...] : digits.dropFirst(2)
      kind = Int(text, radix: radix).map { .integer($0) } ?? .largeInteger(digits)
    } else {
      let text = token.kind == .imaginary ? digits.dropLast() : digits[...]
      // Swift wants digits on both sides of the point
      var padded = text.hasPrefix(".") ? "0" + text : String(text)
      if let point = padded.firstIndex(of: "."),
        padded.index(after: point) == padded.endIndex
          || !padded[padded.index(after: point)].isNumber
      {
        padded.insert("0", at: padded.index(after: point))
      }
      guard let value = Double(padded) else { throw unexpected("a number can't be read") }
      kind = token.kind == .imaginary ? .imaginary(value) : .float(value)
    }
    return try make(kind, from: token.start)
  }

  private mutating func parseParentheses() throws(Problem) -> Expression {
    let start = start
    position += 1
    if take(.rightParenthesis) { return try make(.tuple([]), from: start) }
    if at(.yield) {
      let value = try parseYield()
      try expect(.rightParenthesis)
      return value
    }
    let first = try parseStarredOrNamed()
    if at(.for) || at(.async) {
      let value = try parseComprehension(.generator, first, from: start)
      try expect(.rightParenthesis)
      return value
    }
    guard at(.comma) else {
      try expect(.rightParenthesis)
      return first
    }
    var elements = [first]
    while take(.comma), !at(.rightParenthesis) { elements.append(try parseStarredOrNamed()) }
    try expect(.rightParenthesis)
    return try make(.tuple(elements), from: start, over: depth(elements))
  }

  private mutating func parseList() throws(Problem) -> Expression {
    let start = start
    position += 1
    var elements: [Expression] = []
    while !at(.rightBracket) {
      elements.append(try parseStarredOrNamed())
      if elements.count == 1, at(.for) || at(.async) {
        let value = try parseComprehension(.list, elements[0], from: start)
        try expect(.rightBracket)
        return value
      }
      guard take(.comma) else { break }
    }
    try expect(.rightBracket)
    return try make(.list(elements), from: start, over: depth(elements))
  }

  private mutating func parseBraces() throws(Problem) -> Expression {
    let start = start
    position += 1
    var entries: [(key: Expression?, value: Expression)] = []
    var elements: [Expression] = []
    while !at(.rightBrace) {
      if take(.doubleStar) {
        entries.append((nil, try parseBinary()))
      } else {
        let first = try parseStarredOrNamed()
        if take(.colon) {
          let value = try parseExpression()
          if entries.isEmpty, at(.for) || at(.async) {
            let result = try parseComprehension(.dictionary(key: first), value, from: start)
            try expect(.rightBrace)
            return result
          }
          entries.append((first, value))
        } else if elements.isEmpty, at(.for) || at(.async) {
          let result = try parseComprehension(.set, first, from: start)
          try expect(.rightBrace)
          return result
        } else {
          elements.append(first)
        }
      }
      guard take(.comma) else { break }
    }
    try expect(.rightBrace)
    guard entries.isEmpty || elements.isEmpty else {
      throw unexpected("a dictionary with an element that has no key")
    }
    if elements.isEmpty {
      return try make(
        .dictionary(entries), from: start,
        over: max(depth(entries.map(\.value)), depth(entries.compactMap(\.key))))
    }
    return try make(.set(elements), from: start, over: depth(elements))
  }

  private mutating func parseComprehension(
    _ result: Comprehension.Result, _ element: Expression, from start: Int32
  ) throws(Problem) -> Expression {
    var clauses: [Comprehension.Clause] = []
    var deepest = element.depth
    while at(.for) || at(.async) {
      let isAsync = take(.async)
      try expect(.for)
      let target = try parseTargets()
      try expect(.in)
      let iterable = try parseDisjunction()
      var conditions: [Expression] = []
      while take(.if) { conditions.append(try parseCondition()) }
      deepest = max(deepest, max(target.depth, iterable.depth), depth(conditions))
      clauses.append(
        Comprehension.Clause(
          target: target, iterable: iterable, conditions: conditions, isAsync: isAsync))
    }
    if case .dictionary(let key) = result { deepest = max(deepest, key.depth) }
    return try make(
      .comprehension(Comprehension(result: result, element: element, clauses: clauses)),
      from: start, over: deepest)
  }

  /// A condition of a comprehension: no conditional expression, for its `if` would be ambiguous.
  private mutating func parseCondition() throws(Problem) -> Expression {
    let start = start
    guard token.kind == .name, token(ahead: 1).word == .walrus else {
      return try parseDisjunction()
    }
    let name = try expectName()
    position += 1
    let value = try parseDisjunction()
    return try make(.walrus(name, value), from: start, over: value.depth)
  }
}
