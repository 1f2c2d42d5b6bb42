#if CommandLine
  import RecurTensors

  /// A report as Markdown for a comment or the summary of a step: a table, and the details folded.
  enum MarkdownReport {
    /// GitHub takes 65 536 characters in a comment.
    private static let limit = 60_000

    static func text(_ report: CommandReport) -> String {
      let hasErrors = report.count(.error) > 0 || report.failed > 0
      var text = "### recur \(report.command): \(hasErrors ? "FAIL" : "PASS")\n\n"
      if report.isFleet { text += "\(report.summaryLine)\n\n" }
      if let suppressed = report.suppressed.text { text += "\(suppressed)\n\n" }
      var (shown, omitted) = ("", 0)
      for file in rows(report) {
        if text.utf8.count + shown.utf8.count > limit / 2 {
          omitted += 1
        } else {
          shown += row(file)
        }
      }
      text += "| | file | errors | warnings | notes |\n|---|---|---:|---:|---:|\n" + shown
      if omitted > 0 { text += "\n\(omitted) more files are not listed here.\n" }
      return text + details(report, room: limit - text.utf8.count)
    }

    /// Failing files come first, because a long table is cut off.
    private static func rows(_ report: CommandReport) -> [FileReport] {
      let own = FileReport(lines: ["all files"], diagnostics: report.findings)
      let files = report.files.filter(hasErrors) + report.files.filter { !hasErrors($0) }
      return files + (report.findings.isEmpty ? [] : [own])
    }

    private static func hasErrors(_ file: FileReport) -> Bool {
      file.verdict == "FAIL" || file.diagnostics.contains { $0.severity == .error }
    }

    private static func row(_ file: FileReport) -> String {
      func number(_ severity: Diagnostic.Severity) -> String {
        "\(file.diagnostics.reduce(0) { $0 + ($1.severity == severity ? 1 : 0) })"
      }
      let name = file.file.map { "<code>\(escaped($0))</code>" } ?? file.lines.first ?? ""
      return "| \(file.verdict ?? (hasErrors(file) ? "FAIL" : "PASS")) | \(name) | "
        + "\(number(.error)) | \(number(.warning)) | \(number(.note)) |\n"
    }

    private static func details(_ report: CommandReport, room: Int) -> String {
      var text = ""
      var omitted = 0
      for file in rows(report) where !file.diagnostics.isEmpty {
        let open =
          "\n<details><summary>"
          + (file.file.map { "<code>\(escaped($0))</code>" } ?? "all files") + ": "
          + count(file.diagnostics.count, "finding") + "</summary>\n\n"
        var items = ""
        let sorted = file.diagnostics.enumerated().sorted {
          ($0.element.severity.rank, $0.offset) < ($1.element.severity.rank, $1.offset)
        }
        for (_, diagnostic) in sorted {
          let item = item(diagnostic)
          if text.utf8.count + open.utf8.count + items.utf8.count + item.utf8.count > room - 200 {
            omitted += 1
          } else {
            items += item
          }
        }
        if !items.isEmpty { text += open + items + "\n</details>\n" }
      }
      return omitted == 0 ? text : text + "\n\(count(omitted, "more finding")) not shown here.\n"
    }

    private static func item(_ diagnostic: Diagnostic) -> String {
      var item = "- **\(diagnostic.severity.rawValue)** `\(diagnostic.code)` "
      item += escaped(diagnostic.message)
      if let object = diagnostic.location.object { item += " at <code>\(escaped(object))</code>" }
      for line in diagnostic.detailLines { item += "<br>\n  \(escaped(line))" }
      return item + "\n"
    }

    /// Text without special characters of Markdown and HTML, for cells and lists.
    static func escaped(_ text: String) -> String {
      var result = ""
      for scalar in RecurTensors.escaped(text).unicodeScalars {
        switch scalar {
        case "&", "<", ">", "|", "*", "_", "`", "[", "]", "~", "@", "\\", "#", "$":
          result += "&#\(scalar.value);"
        case "/":
          // An escaped slash behind a colon keeps GitHub from making links.
          result += result.hasSuffix(":") ? "&#47;" : "/"
        default: result.unicodeScalars.append(scalar)
        }
      }
      return result
    }
  }
#endif
