import RecurModel

/// Extents as `torch.export` writes them: the text of a SymPy expression, such as
/// `Mul(Integer(4), Symbol('s77', positive=True, integer=True))`.
struct ExportedExtent {
  private let characters: [Character]
  private var position = 0
  private var depth = 0

  private init(_ text: String) { characters = Array(text) }

  /// The extent; nil for an expression that is not understood.
  static func parse(_ text: String) -> Dimension? {
    guard text.utf8.count <= 2_000 else { return nil }
    var parser = ExportedExtent(text)
    guard let result = parser.expression(), parser.position == parser.characters.count else {
      return nil
    }
    return result
  }

  private mutating func skipBlanks() {
    while position < characters.count, characters[position] == " " { position += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    skipBlanks()
    guard position < characters.count, characters[position] == character else { return false }
    position += 1
    return true
  }

  private mutating func word() -> String {
    skipBlanks()
    let start = position
    while position < characters.count,
      characters[position].isASCII
        && (characters[position].isLetter || characters[position].isNumber
          || "_-".contains(characters[position]))
    { position += 1 }
    return String(characters[start..<position])
  }

  private mutating func expression() -> Dimension? {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 32 else { return nil }
    let name = word()
    guard take("(") else {
      // Releases before 2.6 write formulas of plain names: `s0`, `2*s0`.
      return Int(name).map { .fixed($0) } ?? (name.isEmpty ? nil : .free("\(name)"))
    }
    if name == "Symbol" { return symbol() }
    if name == "Integer" {
      let number = Int(word())
      return take(")") ? number.map { .fixed($0) } : nil
    }
    var operands: [Dimension] = []
    repeat {
      guard let operand = expression() else { return nil }
      operands.append(operand)
    } while take(",")
    guard take(")"), let first = operands.first else { return nil }
    switch name {
    case "Add": return operands.dropFirst().reduce(first) { $0.plus($1) }
    case "Mul": return operands.dropFirst().reduce(first) { $0.times($1) }
    case "FloorDiv", "CleanDiv":
      guard operands.count == 2, let divisor = operands[1].value, divisor > 0 else { return nil }
      return first.divided(by: divisor, roundsUp: false)
    default: return nil
    }
  }

  /// `'s77', positive=True, integer=True)` behind `Symbol(`.
  private mutating func symbol() -> Dimension? {
    guard take("'") else { return nil }
    let name = word()
    guard take("'"), !name.isEmpty else { return nil }
    while position < characters.count, characters[position] != ")" { position += 1 }
    return take(")") ? .free("\(name)") : nil
  }
}
