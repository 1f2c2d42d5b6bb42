import RecurTensors
import RecurVerification

extension HTMLReport.Section {
  /// What a recording shows and what it hides.
  static func audit(_ audit: GoldenAudit) -> Self {
    var table = HTMLTable(["mistake", "effect", "shows"], numeric: [1])
    for mistake in audit.mistakes.sorted(by: { !$0.isVisible && $1.isVisible }) {
      table.add([
        mistake.claim, mistake.effect.isFinite ? scientific(mistake.effect) : "other shapes",
        mistake.isVisible ? "yes" : "HIDDEN",
      ])
    }
    let shown = audit.mistakes.count - audit.invisible.count
    let advice = audit.advice.map { "<li>\(markup($0))</li>" }.joined()
    return Self(
      title: "What the recording can and can't see",
      content:
        "<p>\(shown) of \(audit.mistakes.count) mistakes that people make would show"
        + (audit.untried > 0 ? "; \(audit.untried) were not made" : "") + ".</p>"
        + (advice.isEmpty ? "" : "<p>To see all of them, record:</p><ul>\(advice)</ul>")
        + "<details><summary>every mistake</summary>\(table.html)</details>")
  }

  /// What was tried to explain a difference.
  static func diagnosis(_ diagnosis: Diagnosis) -> Self {
    var table = HTMLTable(["remaining difference", "reading"], numeric: [0])
    table.add([
      diagnosis.storedError.isFinite ? scientific(diagnosis.storedError) : "other shapes",
      "as the file is read",
    ])
    for reading in diagnosis.matching.prefix(12) {
      table.add([scientific(reading.error), "explains every number: \(reading.claim)"])
    }
    if let nearest = diagnosis.nearest {
      table.add([scientific(nearest.error), "next best: \(nearest.claim)"])
    }
    let margin = diagnosis.margin.map { ", margin \(short($0, digits: 2))" } ?? ""
    return Self(
      title: "Diagnosis",
      content:
        "<p>\(markup(diagnosis.verdict.rawValue)): \(diagnosis.tried) readings tried, "
        + "\(diagnosis.matching.count) explain every number\(margin).</p>" + table.html)
  }
}
