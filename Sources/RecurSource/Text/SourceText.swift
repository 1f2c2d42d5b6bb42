/// The text of a Python program: a file, or the code cells of a notebook one behind the other.
package struct SourceText: Sendable {
  /// A piece of the text that is a program of its own: a file, or one cell of a notebook.
  package struct Part: Sendable {
    /// The name of the cell; nil for a file.
    package let cell: String?
    /// The bytes of this part in ``SourceText/bytes``.
    package let range: Range<Int>
  }

  /// The name of the file, for messages.
  package let name: String
  /// The whole text in UTF-8.
  package let bytes: [UInt8]
  /// The parts in their order, without gaps.
  package let parts: [Part]
  /// Whether lines that begin with `%` or `!` are commands of the notebook.
  package let allowsMagics: Bool

  /// The text of a file.
  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    parts = [Part(cell: nil, range: 0..<bytes.count)]
    allowsMagics = false
  }

  /// The text of the code cells of a notebook; each has the number that it has in the file.
  package init(name: String, cells: [(number: Int, bytes: [UInt8])]) {
    self.name = name
    var bytes: [UInt8] = []
    var parts: [Part] = []
    for cell in cells where Notebook.isPython(cell.bytes) {
      let start = bytes.count
      bytes += cell.bytes
      if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
      parts.append(Part(cell: "cell \(cell.number)", range: start..<bytes.count))
    }
    self.bytes = bytes
    self.parts = parts
    allowsMagics = true
  }

  /// Whether a piece of the text, or the whole, has a word of ASCII characters in it.
  package func contains(_ word: String, in span: SourceSpan? = nil) -> Bool {
    let wanted = Array(word.utf8)
    let start = min(max(0, span.map { Int($0.start) } ?? 0), bytes.count)
    let end = min(max(start, span.map { Int($0.end) } ?? bytes.count), bytes.count)
    guard let first = wanted.first, end - start >= wanted.count else { return wanted.isEmpty }
    for position in start...end - wanted.count where bytes[position] == first {
      var length = 1
      while length < wanted.count, bytes[position + length] == wanted[length] { length += 1 }
      if length == wanted.count { return true }
    }
    return false
  }

  /// The text of `span`, as it stands in the source.
  package func text(_ span: SourceSpan) -> String {
    let start = min(max(0, Int(span.start)), bytes.count)
    let end = min(max(start, Int(span.end)), bytes.count)
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }
}

/// What is Python in a notebook and what is not.
package enum Notebook {
  private static let pythonMagics: Set<String> = ["time", "timeit", "capture", "prun", "script"]

  /// Whether a code cell holds Python: a cell magic such as `%%bash` says that it does not.
  static func isPython(_ bytes: [UInt8]) -> Bool {
    let line = bytes.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
      .prefix { $0 != 0x0A }
    guard line.starts(with: [0x25, 0x25]) else { return true }
    let words = String(decoding: line.dropFirst(2), as: UTF8.self).split(separator: " ")
    guard let magic = words.first else { return true }
    return pythonMagics.contains(String(magic))
      || (magic == "writefile" && words.last?.hasSuffix(".py") == true)
  }
}
