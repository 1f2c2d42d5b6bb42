/// The smallest piece of a source that has a meaning.
struct Token {
  enum Kind: UInt8 {
    case name
    case keyword
    case integer
    case float
    case imaginary
    case string
    case mark
    case newline
    case indent
    case dedent
    /// A line that is a command of a notebook.
    case magic
    /// Text that is no token of Python; `word` is `.none`, and the message is in the tokenizer.
    case problem
    case end
  }

  var kind: Kind
  /// The keyword or the punctuation mark.
  var word: Word
  var start: Int32
  var end: Int32

  var span: SourceSpan { SourceSpan(start, end) }
}

/// Keywords and punctuation marks.
enum Word: String, CaseIterable {
  case none = ""
  case `false` = "False"
  case noValue = "None"
  case `true` = "True"
  case and, `as`, assert, async, await, `break`, `class`, `continue`, def, del, elif, `else`
  case except, finally, `for`, from, global, `if`, `import`, `in`, `is`, lambda, nonlocal, not, or
  case pass, raise, `return`, `try`, `while`, with, yield

  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBracket = "["
  case rightBracket = "]"
  case leftBrace = "{"
  case rightBrace = "}"
  case comma = ","
  case colon = ":"
  case semicolon = ";"
  case dot = "."
  case ellipsis = "..."
  case arrow = "->"
  case walrus = ":="
  case at = "@"
  case assign = "="
  case plus = "+"
  case minus = "-"
  case star = "*"
  case doubleStar = "**"
  case slash = "/"
  case doubleSlash = "//"
  case percent = "%"
  case ampersand = "&"
  case bar = "|"
  case caret = "^"
  case tilde = "~"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case less = "<"
  case greater = ">"
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="
  case exclamation = "!"
  case plusAssign = "+="
  case minusAssign = "-="
  case starAssign = "*="
  case slashAssign = "/="
  case doubleSlashAssign = "//="
  case percentAssign = "%="
  case ampersandAssign = "&="
  case barAssign = "|="
  case caretAssign = "^="
  case shiftRightAssign = ">>="
  case shiftLeftAssign = "<<="
  case doubleStarAssign = "**="
  case atAssign = "@="

  private static let byText: [String: Word] = Dictionary(
    uniqueKeysWithValues: allCases.filter { $0 != .none }.map { ($0.rawValue, $0) })

  /// The keyword written `text`, or nil when that is a name.
  static func keyword(_ text: String) -> Word? { byText[text] }

  /// The punctuation mark written `text`.
  static func mark(_ text: String) -> Word? { byText[text] }
}
