/// Builds the syntax tree from tokens, by recursive descent with bounded depth.
struct Parser {
  let text: SourceText
  let limits: SourceLimits
  let tokens: [Token]
  let problems: [Int: String]
  var position = 0
  /// How many brackets and blocks are open.
  var nesting = 0
  /// How many formatted strings this parser stands in.
  var formattedStrings = 0

  init(_ tokenizer: Tokenizer) {
    text = tokenizer.text
    limits = tokenizer.limits
    tokens = tokenizer.tokens
    problems = tokenizer.problems
  }

  /// Why a statement can't be parsed.
  struct Problem: Error {
    let message: String
    let span: SourceSpan
  }

  // MARK: tokens

  var token: Token { tokens[min(position, tokens.count - 1)] }

  func token(ahead offset: Int) -> Token { tokens[min(position + offset, tokens.count - 1)] }

  var start: Int32 { token.start }

  /// The end of the last token that was taken.
  var lastEnd: Int32 { position > 0 ? tokens[min(position, tokens.count) - 1].end : 0 }

  func at(_ word: Word) -> Bool { token.word == word }

  mutating func take(_ word: Word) -> Bool {
    guard token.word == word else { return false }
    position += 1
    return true
  }

  mutating func expect(_ word: Word) throws(Problem) {
    guard take(word) else { throw unexpected("'\(word.rawValue)' was expected") }
  }

  mutating func expectName() throws(Problem) -> String {
    guard token.kind == .name else { throw unexpected("a name was expected") }
    defer { position += 1 }
    return spelling(token)
  }

  func spelling(_ token: Token) -> String {
    String(decoding: text.bytes[Int(token.start)..<Int(token.end)], as: UTF8.self)
  }

  /// Whether the token is the name `text`, which is a keyword in some places only.
  func atSoftKeyword(_ text: String, ahead offset: Int = 0) -> Bool {
    let token = token(ahead: offset)
    return token.kind == .name && Int(token.end - token.start) == text.utf8.count
      && self.text.bytes[Int(token.start)..<Int(token.end)].elementsEqual(text.utf8)
  }

  func unexpected(_ message: String) -> Problem {
    Problem(message: problems[position] ?? message, span: token.span)
  }

  // MARK: depth

  /// Runs `body` one bracket deeper.
  mutating func nested<Value>(
    _ body: (inout Parser) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    guard nesting < limits.nesting else { throw unexpected("it is nested too deep") }
    nesting += 1
    defer { nesting -= 1 }
    return try body(&self)
  }

  /// An expression that ends with the last token, over children of that depth.
  func make(
    _ kind: Expression.Kind, from start: Int32, over depth: Int32 = 0
  ) throws(Problem) -> Expression {
    guard Int(depth) < limits.depth else {
      throw Problem(
        message: "an expression has too many operators", span: SourceSpan(start, lastEnd))
    }
    return Expression(span: SourceSpan(start, lastEnd), depth: depth + 1, kind: kind)
  }

  func depth(_ expressions: [Expression]) -> Int32 { expressions.map(\.depth).max() ?? 0 }

  func depth(_ expressions: Expression?...) -> Int32 {
    expressions.map { $0?.depth ?? 0 }.max() ?? 0
  }
}
