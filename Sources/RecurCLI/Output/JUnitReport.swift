#if CommandLine
  import RecurTensors

  /// A report as JUnit XML: a suite per file, a case per check.
  ///
  /// The message of a failed case is its first error, and its text holds all errors. Warnings and
  /// notes are the output of the case.
  enum JUnitReport {
    static func text(_ report: CommandReport) -> String {
      let own = FileReport(diagnostics: report.findings, status: report.status)
      let suites = report.files + (report.findings.isEmpty ? [] : [own])
      var cases = (count: 0, failures: 0, errors: 0)
      var body = ""
      for suite in suites {
        let checked = suite.checked(report.command)
        var (failures, errors, text) = (0, 0, "")
        for (index, check) in checked.enumerated() {
          let worst = check.diagnostics.filter { $0.severity == .error }
          // A check that could not be made is an error; a check that found something wrong is a
          // failure.
          let isError = suite.isUnusable && index == checked.count - 1
          if !worst.isEmpty { if isError { errors += 1 } else { failures += 1 } }
          text += self.text(
            check.name, of: name(suite, report), worst,
            check.diagnostics.filter { $0.severity != .error },
            element: isError ? "error" : "failure")
        }
        body += "  <testsuite name=\"\(attribute(name(suite, report)))\" tests=\"\(checked.count)\""
        body += " failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"0\">\n\(text)"
        body += "  </testsuite>\n"
        cases = (cases.count + checked.count, cases.failures + failures, cases.errors + errors)
      }
      return """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="recur \(report.command)" tests="\(cases.count)" \
        failures="\(cases.failures)" errors="\(cases.errors)">
        \(body)</testsuites>

        """
    }

    private static func name(_ file: FileReport, _ report: CommandReport) -> String {
      file.file ?? "recur \(report.command)"
    }

    private static func text(
      _ check: String, of suite: String, _ errors: [Diagnostic], _ others: [Diagnostic],
      element: String
    ) -> String {
      let head = "    <testcase name=\"\(attribute(check))\" classname=\"\(attribute(suite))\""
      let renderer = DiagnosticRenderer()
      var body = ""
      if let first = errors.first {
        let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
        body += "      <\(element) message=\"\(attribute(first.message))\(more)\""
        body += " type=\"\(attribute(first.code.rawValue))\">"
        body += xml(errors.map(renderer.text).joined(separator: "\n")) + "</\(element)>\n"
      }
      if !others.isEmpty {
        body += "      <system-out>" + xml(others.map(renderer.text).joined(separator: "\n"))
        body += "</system-out>\n"
      }
      return body.isEmpty ? head + "/>\n" : head + ">\n\(body)    </testcase>\n"
    }

    private static func attribute(_ text: String) -> String { xml(escaped(text)) }

    /// Text for XML 1.0, which has no way to write most control characters.
    private static func xml(_ text: String) -> String {
      var result = ""
      for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "\n", "\t": result.unicodeScalars.append(scalar)
        default:
          let isLegal = scalar.value >= 0x20 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
          result.unicodeScalars.append(isLegal ? scalar : "\u{FFFD}")
        }
      }
      return result
    }
  }
#endif
