extension Parser {
  /// Strings that stand side by side are one string.
  mutating func parseStrings() throws(Problem) -> Expression {
    let start = start
    var pieces: [FormattedPiece] = []
    var isFormatted = false
    var bytes: [UInt8] = []
    var isBytes = false
    var deepest: Int32 = 0
    while token.kind == .string {
      let literal = StringLiteral(text.bytes, token.span)
      isBytes = isBytes || literal.prefix.isBytes
      if literal.prefix.isBytes {
        bytes += literal.bytesValue(text.bytes)
      } else if literal.prefix.isFormatted {
        isFormatted = true
        try parseFormatted(literal, into: &pieces, deepest: &deepest)
      } else {
        try append(literal.body, of: literal, to: &pieces)
      }
      position += 1
    }
    if isBytes { return try make(.bytes(bytes), from: start) }
    guard !isFormatted else { return try make(.formatted(pieces), from: start, over: deepest) }
    if case .text(let value)? = pieces.first { return try make(.string(value), from: start) }
    return try make(.string(""), from: start)
  }

  private func append(
    _ range: Range<Int>, of literal: StringLiteral, to pieces: inout [FormattedPiece]
  ) throws(Problem) {
    guard let value = literal.stringValue(text.bytes, range) else {
      throw Problem(message: "a character given by its Unicode name", span: token.span)
    }
    append(value, to: &pieces)
  }

  private func append(_ value: String, to pieces: inout [FormattedPiece]) {
    guard !value.isEmpty else { return }
    if case .text(let before)? = pieces.last {
      pieces[pieces.count - 1] = .text(before + value)
    } else {
      pieces.append(.text(value))
    }
  }

  // MARK: formatted strings

  private mutating func parseFormatted(
    _ literal: StringLiteral, into pieces: inout [FormattedPiece], deepest: inout Int32
  ) throws(Problem) {
    guard formattedStrings < limits.formattedStrings else {
      throw unexpected("formatted strings are nested too deep")
    }
    var position = literal.body.lowerBound
    try parsePieces(
      literal, &position, until: literal.body.upperBound, isFormat: false, level: 0,
      into: &pieces, deepest: &deepest)
  }

  /// Texts and fields up to `end`, or up to the `}` that ends a format.
  private mutating func parsePieces(
    _ literal: StringLiteral, _ position: inout Int, until end: Int, isFormat: Bool, level: Int,
    into pieces: inout [FormattedPiece], deepest: inout Int32
  ) throws(Problem) {
    let left = UInt8(ascii: "{")
    let right = UInt8(ascii: "}")
    var begin = position
    while position < end {
      let byte = text.bytes[position]
      let next = position + 1 < end ? text.bytes[position + 1] : 0
      if byte == UInt8(ascii: "\\"), !literal.prefix.isRaw {
        position += next == UInt8(ascii: "N") ? 3 : 2
      } else if byte == left || byte == right, byte == next, !isFormat {
        try append(begin..<position + 1, of: literal, to: &pieces)
        position += 2
        begin = position
      } else if byte == left {
        try append(begin..<position, of: literal, to: &pieces)
        try parseField(
          literal, &position, until: end, level: level, into: &pieces, deepest: &deepest)
        begin = position
      } else if byte == right {
        guard isFormat else { throw unexpected("a '}' without a '{' in a formatted string") }
        break
      } else {
        position += 1
      }
    }
    try append(begin..<min(position, end), of: literal, to: &pieces)
  }

  private mutating func parseField(
    _ literal: StringLiteral, _ position: inout Int, until end: Int, level: Int,
    into pieces: inout [FormattedPiece], deepest: inout Int32
  ) throws(Problem) {
    let start = position + 1
    var tokenizer = FieldScanner(bytes: text.bytes, position: start, end: end)
    let expressionEnd = tokenizer.skipExpression()
    var inner = Parser(
      Tokenizer.tokens(ofExpression: start..<expressionEnd, in: text, limits: limits))
    inner.nesting = nesting + 1
    inner.formattedStrings = formattedStrings + 1
    guard inner.nesting < limits.nesting else { throw unexpected("it is nested too deep") }
    let value = inner.at(.yield) ? try inner.parseYield() : try inner.parseExpressions()
    deepest = max(deepest, value.depth)
    let showsText = inner.take(.assign)
    guard inner.token.kind == .end else { throw inner.unexpected("'}' was expected") }
    position = expressionEnd
    if showsText {
      append(String(decoding: text.bytes[start..<expressionEnd], as: UTF8.self), to: &pieces)
    }
    var conversion: Character?
    if position < end, text.bytes[position] == UInt8(ascii: "!") {
      conversion = position + 1 < end ? Character(Unicode.Scalar(text.bytes[position + 1])) : nil
      position += 2
      while position < end, text.bytes[position] == 0x20 { position += 1 }
    }
    var format: [FormattedPiece]?
    if position < end, text.bytes[position] == UInt8(ascii: ":") {
      position += 1
      guard level < 2 else { throw unexpected("formats are nested too deep") }
      var inside: [FormattedPiece] = []
      try parsePieces(
        literal, &position, until: end, isFormat: true, level: level + 1, into: &inside,
        deepest: &deepest)
      format = inside
    }
    guard position < end, text.bytes[position] == UInt8(ascii: "}") else {
      throw unexpected("'}' was expected in a formatted string")
    }
    position += 1
    if showsText, conversion == nil, format == nil { conversion = "r" }
    pieces.append(.value(value, conversion: conversion, format: format))
  }
}
