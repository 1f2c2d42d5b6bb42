/// Cuts a source into tokens, with the indentation as tokens of its own.
///
/// What is no token becomes a token of kind `problem` that reaches to the end of its line.
struct Tokenizer {
  let text: SourceText
  let limits: SourceLimits
  var tokens: [Token] = []
  /// What is wrong with the tokens of kind `problem`, by their position in `tokens`.
  var problems: [Int: String] = [:]
  var position = 0
  var end = 0
  private var indents: [Int] = [0]
  private var brackets = 0

  init(_ text: SourceText, limits: SourceLimits) {
    self.text = text
    self.limits = limits
  }

  /// The tokens of all parts.
  static func tokens(of text: SourceText, limits: SourceLimits) -> Tokenizer {
    var tokenizer = Tokenizer(text, limits: limits)
    tokenizer.tokens.reserveCapacity(text.bytes.count / 4)
    for part in text.parts { tokenizer.readPart(part.range) }
    tokenizer.add(.end, from: text.bytes.count)
    return tokenizer
  }

  /// The tokens of an expression inside a formatted string; ends of lines count for nothing.
  static func tokens(
    ofExpression range: Range<Int>, in text: SourceText, limits: SourceLimits
  ) -> Tokenizer {
    var tokenizer = Tokenizer(text, limits: limits)
    tokenizer.position = range.lowerBound
    tokenizer.end = range.upperBound
    tokenizer.brackets = 1
    tokenizer.readLine()
    tokenizer.add(.end, from: range.upperBound)
    return tokenizer
  }

  private mutating func readPart(_ range: Range<Int>) {
    position = range.lowerBound
    end = range.upperBound
    brackets = 0
    indents = [0]
    if byte(0) == 0xEF, byte(1) == 0xBB, byte(2) == 0xBF { position += 3 }
    while position < end {
      if readIndentation() { readLine() }
    }
    if let last = tokens.last, last.kind != .newline, last.kind != .dedent, last.kind != .indent {
      // an end inside of the part: the next part has places of its own
      add(.newline, from: max(range.lowerBound, end - 1))
    }
    closeBlocks(to: 0)
  }

  /// The byte `offset` behind the position, or 0 at the end.
  func byte(_ offset: Int) -> UInt8 {
    position + offset < end ? text.bytes[position + offset] : 0
  }

  mutating func add(_ kind: Token.Kind, _ word: Word = .none, from start: Int) {
    tokens.append(
      Token(kind: kind, word: word, start: Int32(start), end: Int32(max(start, min(position, end))))
    )
  }

  /// Takes the rest of the line as a token that Python does not have.
  mutating func addProblem(_ message: String, from start: Int) {
    while position < end, text.bytes[position] != 0x0A { position += 1 }
    problems[tokens.count] = message
    add(.problem, from: start)
  }

  private mutating func closeBlocks(to width: Int) {
    while let last = indents.last, last > width {
      indents.removeLast()
      add(.dedent, from: position)
    }
  }

  /// Reads the blanks in front of a line; false for a line without a token.
  private mutating func readIndentation() -> Bool {
    var width = 0
    let start = position
    while position < end {
      let byte = text.bytes[position]
      if byte == 0x20 {
        width += 1
      } else if byte == 0x09 {
        width = (width / 8 + 1) * 8
      } else if byte == 0x0C {
        width = 0
      } else {
        break
      }
      position += 1
    }
    guard position < end else { return false }
    switch text.bytes[position] {
    case 0x0A:
      position += 1
      return false
    case 0x0D where byte(1) == 0x0A || byte(1) == 0:
      position += 2
      return false
    case 0x0D:
      position += 1
      return false
    case UInt8(ascii: "#"):
      while position < end, text.bytes[position] != 0x0A { position += 1 }
      position += 1
      return false
    case UInt8(ascii: "\\") where byte(1) == 0x0A:
      position += 2
      return readJoinedIndentation(width)
    default: break
    }
    block(width, from: start)
    return true
  }

  /// A backslash alone in the indentation joins the next line, whose own blanks don't count.
  private mutating func readJoinedIndentation(_ width: Int) -> Bool {
    while byte(0) == 0x20 || byte(0) == 0x09 { position += 1 }
    guard position < end, byte(0) != 0x0A, byte(0) != UInt8(ascii: "#") else { return false }
    block(width, from: position)
    return true
  }

  private mutating func block(_ width: Int, from start: Int) {
    guard let current = indents.last else { return }
    if width > current {
      indents.append(width)
      add(.indent, from: start)
    } else if width < current {
      closeBlocks(to: width)
      // a line between two blocks belongs to the outer one, and the parser is told
      if indents.last != width {
        problems[tokens.count] = "the indentation fits no block above it"
        tokens.append(
          Token(kind: .problem, word: .none, start: Int32(start), end: Int32(position)))
      }
    }
  }

  /// Reads one logical line with its end.
  private mutating func readLine() {
    if text.allowsMagics, brackets == 0,
      byte(0) == UInt8(ascii: "%") || byte(0) == UInt8(ascii: "!")
    {
      let start = position
      while position < end, text.bytes[position] != 0x0A { position += 1 }
      add(.magic, from: start)
    }
    while position < end {
      let byte = text.bytes[position]
      switch byte {
      case 0x20, 0x09, 0x0C, 0x0D:
        position += 1
      case 0x0A:
        let start = position
        position += 1
        if brackets == 0 {
          add(.newline, from: start)
          return
        }
      case UInt8(ascii: "#"):
        while position < end, text.bytes[position] != 0x0A { position += 1 }
      case UInt8(ascii: "\\"):
        readContinuation()
      default:
        readToken(byte)
      }
    }
  }

  private mutating func readContinuation() {
    let start = position
    if byte(1) == 0x0A {
      position += 2
    } else if byte(1) == 0x0D, byte(2) == 0x0A {
      position += 3
    } else {
      addProblem(
        "a backslash stands in front of something other than the end of its line", from: start)
    }
  }

  private mutating func readToken(_ byte: UInt8) {
    if byte < 0x80, CharacterClass.isNameStart(byte) {
      readName()
    } else if CharacterClass.isDigit(byte)
      || (byte == UInt8(ascii: ".") && CharacterClass.isDigit(self.byte(1)))
    {
      readNumber()
    } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      readString(from: position, prefix: StringPrefix())
    } else if byte >= 0x80 {
      readName()
    } else {
      readMark()
    }
  }

  private mutating func readName() {
    let start = position
    while position < end {
      let byte = text.bytes[position]
      if byte < 0x80 {
        guard CharacterClass.isNamePart(byte) else { break }
        position += 1
      } else {
        let scalar = CharacterClass.scalar(in: text.bytes, at: position, before: end)
        guard let scalar, scalar.value.properties.isXIDContinue else { break }
        position += scalar.length
      }
    }
    guard position > start else {
      addProblem("a character that no Python name has", from: start)
      return
    }
    let name = String(decoding: text.bytes[start..<position], as: UTF8.self)
    if byte(0) == UInt8(ascii: "\"") || byte(0) == UInt8(ascii: "'"),
      let prefix = StringPrefix(name)
    {
      readString(from: start, prefix: prefix)
    } else if position - start <= 8, let keyword = Word.keyword(name) {
      add(.keyword, keyword, from: start)
    } else {
      add(.name, from: start)
    }
  }

  private mutating func readMark() {
    let start = position
    // most marks are one character, and no longer one begins with them
    let longest = CharacterClass.isSecondOfMark(byte(1)) ? 3 : 1
    for length in stride(from: longest, through: 1, by: -1) where position + length <= end {
      let spelled = String(decoding: text.bytes[start..<start + length], as: UTF8.self)
      guard let mark = Word.mark(spelled) else { continue }
      position += length
      switch mark {
      case .leftParenthesis, .leftBracket, .leftBrace: brackets += 1
      case .rightParenthesis, .rightBracket, .rightBrace: brackets = max(0, brackets - 1)
      default: break
      }
      add(.mark, mark, from: start)
      return
    }
    addProblem("a character that Python does not have", from: start)
  }
}
