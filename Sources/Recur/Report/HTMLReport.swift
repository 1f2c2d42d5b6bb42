public import RecurTensors

/// A report on a model as one HTML file: pictures are in it as SVG, it needs no script and no network,
/// and it reads in light, in dark and on paper.
///
/// The same model and recording give the same bytes: the page holds no date and no path but the given
/// ones.
public struct HTMLReport: Sendable {
  /// A part of the page.
  package struct Section: Sendable {
    /// The heading.
    package var title: String
    /// What stands below it, as HTML.
    package var content: String
  }

  /// What the page is about: the model's file.
  public var title: String
  /// The verdict, such as `PASS`.
  public var verdict: String
  /// Whether the verdict is a good one.
  public var isGood: Bool
  /// What was found, the most important first; fixes are shown with it.
  public var findings: [Diagnostic]
  /// Lines of text below the verdict.
  public var lines: [String]
  package var sections: [Section]

  /// Makes a page without pictures.
  public init(
    title: String, verdict: String, isGood: Bool, findings: [Diagnostic], lines: [String]
  ) {
    self.title = title
    self.verdict = verdict
    self.isGood = isGood
    self.findings = findings
    self.lines = lines
    sections = []
  }

  /// The page.
  public var html: String {
    let sorted = findings.enumerated().sorted {
      (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset)
    }.map(\.element)
    let first = sorted.first.map { finding in
      "<p>\(markup(finding.message))</p>" + Self.fixes(finding)
    }
    let text = lines.isEmpty ? "" : "<pre>\(markup(lines.joined(separator: "\n")))</pre>"
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(markup(title)): \(markup(verdict))</title>
      <style>\(ReportStyle.css)</style></head>
      <body><main>
      <h1>\(markup(title))</h1>
      <div class="verdict\(isGood ? "" : " bad")"><p><strong>\(markup(verdict))</strong></p>\(first ?? "")</div>
      \(text)
      \(sorted.isEmpty ? "" : Self.section("Findings", sorted.map(Self.article).joined(separator: "\n")))
      \(sections.map { Self.section($0.title, $0.content) }.joined(separator: "\n"))
      </main></body></html>

      """
  }

  private static func rank(_ finding: Diagnostic) -> Int {
    switch finding.severity {
    case .error: 0
    case .warning: 1
    case .note: 2
    }
  }

  private static func section(_ title: String, _ content: String) -> String {
    "<section><h2>\(markup(title))</h2>\n\(content)</section>"
  }

  private static func fixes(_ finding: Diagnostic) -> String {
    finding.fixes.map { fix in
      "<p>fix in \(markup(fix.tool.rawValue)):</p><pre>\(markup(fix.code))</pre>"
    }.joined()
  }

  private static func article(_ finding: Diagnostic) -> String {
    var text =
      "<article class=\"\(finding.severity.rawValue)\"><p><b>\(finding.severity.rawValue)</b> "
      + "<code>\(markup(finding.code.rawValue))</code> \(markup(finding.message))</p>"
    let place = [finding.location.file, finding.location.object].compactMap { $0 }
    if !place.isEmpty { text += "<p><code>\(markup(place.joined(separator: ":")))</code></p>" }
    for (name, value) in [
      ("expected", finding.expected), ("found", finding.found), ("why", finding.reason),
      ("help", finding.hint),
    ] {
      if let value { text += "<p>\(name): \(markup(value))</p>" }
    }
    text += finding.notes.map { "<p>note: \(markup($0))</p>" }.joined()
    return text + fixes(finding) + "</article>"
  }
}
