/// Turns diagnostics into text.
///
/// Text that may come from a file is escaped.
public struct DiagnosticRenderer: Sendable {
  /// Whether severities are coloured for a terminal.
  public var isColored: Bool

  /// Makes a renderer.
  public init(isColored: Bool = false) { self.isColored = isColored }

  /// The diagnostic as a few lines of text, without a final newline.
  public func text(_ diagnostic: Diagnostic) -> String {
    let head = paint(
      "\(diagnostic.severity.rawValue)[\(diagnostic.code)]", as: diagnostic.severity)
    var lines = ["\(head): \(escaped(diagnostic.message))"]
    let place = place(of: diagnostic.location)
    if !place.isEmpty { lines.append("  --> \(place)") }
    if let expected = diagnostic.expected { lines.append("  expected: \(escaped(expected))") }
    if let found = diagnostic.found { lines.append("  found: \(escaped(found))") }
    if let reason = diagnostic.reason { lines.append("  why: \(escaped(reason))") }
    lines += diagnostic.notes.map { "  note: \(escaped($0))" }
    if let hint = diagnostic.hint { lines.append("  help: \(escaped(hint))") }
    lines += diagnostic.fixes.map { "  fix in \($0.tool.rawValue): \(escaped($0.code))" }
    return lines.joined(separator: "\n")
  }

  private func place(of location: Diagnostic.Location) -> String {
    var place = location.file.map { escaped($0) } ?? ""
    if let object = location.object {
      place += place.isEmpty ? escaped(object) : ":\(escaped(object))"
    }
    if let bytes = location.bytes {
      let range = "bytes \(bytes.lowerBound)..<\(bytes.upperBound)"
      place += place.isEmpty ? range : " (\(range))"
    }
    return place
  }

  private func paint(_ text: String, as severity: Diagnostic.Severity) -> String {
    guard isColored else { return text }
    let color =
      switch severity {
      case .error: "31"
      case .warning: "33"
      case .note: "36"
      }
    return "\u{1B}[1;\(color)m\(text)\u{1B}[0m"
  }
}
