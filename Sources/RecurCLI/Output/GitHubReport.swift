#if CommandLine
  import RecurTensors

  /// A report as workflow commands of GitHub Actions, which become annotations
  /// (GitHub Docs, "Workflow commands for GitHub Actions").
  ///
  /// GitHub shows ten annotations of each severity per step and drops the rest, so findings are joined
  /// until they fit: first those of one code in one file, then those of one code.
  enum GitHubReport {
    static let limit = 10

    static func text(_ report: CommandReport) -> String {
      var lines: [String] = []
      for severity in Diagnostic.Severity.allCases {
        let found = report.files.flatMap { file in
          file.diagnostics.map { $0.located(file: file.file) }
        }
        let all = (found + report.findings).filter { $0.severity == severity }
        lines += annotations(all).map { command($0, severity) }
      }
      // Names of files and models appear in commands only. On any other line GitHub might take a
      // name for a command.
      lines.append("recur \(report.command): " + conclusion(report))
      return lines.joined(separator: "\n") + "\n"
    }

    private static func conclusion(_ report: CommandReport) -> String {
      if report.isFleet { return report.summaryLine }
      return
        "\(count(report.count(.error), "error")), \(count(report.count(.warning), "warning")), "
        + count(report.count(.note), "note")
    }

    /// Findings that are shown as one.
    private struct Annotation {
      let first: Diagnostic
      let title: String
      let message: String
    }

    private static func annotations(_ all: [Diagnostic]) -> [Annotation] {
      var groups = all.map { [$0] }
      if groups.count > limit {
        groups = joined(all) { [$0.code.rawValue, $0.location.file ?? ""] }
      }
      if groups.count > limit { groups = joined(all) { [$0.code.rawValue] } }
      let shown = groups.count > limit ? groups.prefix(limit - 1) : groups[...]
      var annotations = shown.map(annotation)
      let rest = groups.dropFirst(shown.count)
      if let first = rest.first?.first {
        let number = rest.reduce(0) { $0 + $1.count }
        let codes = rest.prefix(20).map { "\($0[0].code) (\($0.count))" }
        annotations.append(
          Annotation(
            first: first, title: "recur: \(number) more",
            message: "\(number) more findings with \(rest.count) codes: "
              + codes.joined(separator: ", ") + (rest.count > 20 ? " …" : "")))
      }
      return annotations
    }

    private static func joined(
      _ all: [Diagnostic], by key: (Diagnostic) -> [String]
    ) -> [[Diagnostic]] {
      var groups: [[Diagnostic]] = []
      var positions: [[Name]: Int] = [:]
      for diagnostic in all {
        let name = key(diagnostic).map(Name.init)
        if let position = positions[name] {
          groups[position].append(diagnostic)
        } else {
          positions[name] = groups.count
          groups.append([diagnostic])
        }
      }
      return groups
    }

    private static func annotation(_ group: [Diagnostic]) -> Annotation {
      let first = group[0]
      var lines = [escaped(first.message)]
      if let object = first.location.object { lines.append("at: \(escaped(object))") }
      lines += first.detailLines
      if group.count > 1 {
        let files = Set(group.compactMap(\.location.file).map(Name.init)).count
        let more = group.dropFirst().prefix(8).map { other in
          escaped(other.location.object ?? other.message)
            + (files > 1 ? " in \(escaped(other.location.file ?? ""))" : "")
        }
        lines.append(
          "\(group.count - 1) more like it" + (files > 1 ? " in \(files) files" : "") + ": "
            + more.joined(separator: ", ") + (group.count > 9 ? " …" : ""))
      }
      let times = group.count > 1 ? " (\(group.count) times)" : ""
      return Annotation(
        first: first, title: "\(first.code)\(times)", message: lines.joined(separator: "\n"))
    }

    private static func command(
      _ annotation: Annotation, _ severity: Diagnostic.Severity
    ) -> String {
      var properties: [String] = []
      if let file = annotation.first.location.file {
        properties.append("file=\(property(relativePath(file)))")
      }
      properties.append("title=\(property(annotation.title))")
      let name = severity == .note ? "notice" : severity.rawValue
      return "::\(name) \(properties.joined(separator: ","))::\(data(annotation.message))"
    }

    /// The text behind the second `::` (actions/toolkit, `packages/core/src/command.ts`).
    private static func data(_ text: String) -> String {
      replaced(text, ["%": "%25", "\r": "%0D", "\n": "%0A"])
    }

    private static func property(_ text: String) -> String {
      replaced(
        escaped(text), ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
    }

    private static func replaced(_ text: String, _ names: [Unicode.Scalar: String]) -> String {
      var result = ""
      for scalar in text.unicodeScalars {
        if let name = names[scalar] {
          result += name
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
      return result
    }
  }
#endif
