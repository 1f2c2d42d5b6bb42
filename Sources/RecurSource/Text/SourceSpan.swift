/// The place of a token, an expression or a statement: byte offsets in the whole text.
package struct SourceSpan: Sendable, Hashable {
  /// The offset of the first byte.
  package let start: Int32
  /// The offset behind the last byte.
  package let end: Int32

  package init(_ start: Int32, _ end: Int32) {
    self.start = start
    self.end = end
  }
}

/// A place in a source as people count it.
package struct SourcePlace: Sendable, Hashable {
  /// The cell of the notebook; nil for a file.
  package let cell: String?
  /// The line in the file or the cell, from 1.
  package let line: Int
  /// The column in characters, from 1.
  package let column: Int
  /// The text of the line, without its end.
  package let lineText: String

  /// The place in short: `12:5`, `cell 3:12:5`.
  package var text: String {
    let place = "\(line):\(column)"
    return cell.map { "\($0):\(place)" } ?? place
  }
}

extension SourceText {
  /// The place at which `span` begins.
  package func place(of span: SourceSpan) -> SourcePlace {
    let offset = min(max(0, Int(span.start)), bytes.count)
    let part =
      parts.last { $0.range.lowerBound <= offset } ?? Part(cell: nil, range: 0..<bytes.count)
    var line = 1
    var lineStart = part.range.lowerBound
    for position in part.range where position < offset && bytes[position] == 0x0A {
      line += 1
      lineStart = position + 1
    }
    let lineEnd = bytes[lineStart...].firstIndex(of: 0x0A) ?? bytes.count
    let column = String(decoding: bytes[lineStart..<offset], as: UTF8.self).count + 1
    var text = String(decoding: bytes[lineStart..<max(lineStart, lineEnd)], as: UTF8.self)
    if text.hasSuffix("\r") { text.removeLast() }
    return SourcePlace(cell: part.cell, line: line, column: column, lineText: text)
  }
}
