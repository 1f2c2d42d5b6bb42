extension Tokenizer {
  /// Reads a number: integers of four bases, fractions, exponents, and imaginary numbers.
  mutating func readNumber() {
    let start = position
    if byte(0) == 0x30, let base = Tokenizer.base(byte(1)) {
      position += 2
      while position < end,
        byte(0) == 0x5F || CharacterClass.hexadecimal(byte(0)).map({ $0 < base }) == true
      {
        position += 1
      }
      finishNumber(.integer, from: start)
      return
    }
    var kind = Token.Kind.integer
    skipDigits()
    if byte(0) == UInt8(ascii: ".") {
      kind = .float
      position += 1
      skipDigits()
    }
    if byte(0) | 0x20 == UInt8(ascii: "e") {
      let isSigned = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-")
      if CharacterClass.isDigit(byte(isSigned ? 2 : 1)) {
        kind = .float
        position += isSigned ? 2 : 1
        skipDigits()
      }
    }
    if byte(0) | 0x20 == UInt8(ascii: "j") {
      kind = .imaginary
      position += 1
    }
    finishNumber(kind, from: start)
  }

  private mutating func finishNumber(_ kind: Token.Kind, from start: Int) {
    // Python itself takes a keyword right behind a number: `1if x else 2`
    let word = text.bytes[position..<end].prefix { CharacterClass.isNamePart($0) }
    let isKeyword =
      !word.isEmpty && word.count < 5
      && Word.keyword(String(decoding: word, as: UTF8.self)) != nil
    if !word.isEmpty, !isKeyword {
      addProblem("a number that Python does not have", from: start)
    } else {
      add(kind, from: start)
    }
  }

  private mutating func skipDigits() {
    while position < end, CharacterClass.isDigit(byte(0)) || byte(0) == 0x5F { position += 1 }
  }

  private static func base(_ letter: UInt8) -> UInt32? {
    switch letter | 0x20 {
    case UInt8(ascii: "x"): 16
    case UInt8(ascii: "o"): 8
    case UInt8(ascii: "b"): 2
    default: nil
    }
  }
}
