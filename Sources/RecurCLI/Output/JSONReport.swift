#if CommandLine
  import ArgumentParser
  import RecurContainers
  import RecurTensors

  /// A report as one JSON object; `docs/schema/report.json` describes it.
  enum JSONReport {
    /// The version of the schema: it grows when a member goes or changes its meaning.
    static let version = 1

    static func text(_ report: CommandReport) -> String {
      var object = JSONObject()
      func add(_ name: String, _ value: JSONValue) { _ = object.append(name, value) }
      add("schema_version", .integer(version))
      add("command", .string(report.command))
      add("status", .integer(Int(report.status.rawValue)))
      if report.isFleet {
        add("verdict", .string(report.status == .success && report.failed == 0 ? "PASS" : "FAIL"))
        add("summary", summary(report))
        add("files", .array(report.files.map { .object(members($0, of: nil)) }))
      } else if let file = report.files.first {
        for member in members(file, of: report).members { add(member.name, member.value) }
      }
      add("suppressed", report.suppressed.json)
      add(
        "diagnostics",
        .array((report.isFleet ? report.findings : report.diagnostics).map(\.json)))
      return JSONValue.object(object).indentedText
    }

    /// The report of one file: all members in a list of files, else only those that the run does
    /// not have.
    private static func members(_ file: FileReport, of report: CommandReport?) -> JSONObject {
      var object = JSONObject()
      if report == nil {
        _ = object.append("file", file.file.map { .string($0) } ?? .null)
        _ = object.append("status", .integer(Int(file.status.rawValue)))
      }
      if let verdict = file.verdict { _ = object.append("verdict", .string(verdict)) }
      for (name, value) in file.members { _ = object.append(name, value) }
      if report == nil {
        _ = object.append("suppressed", file.suppressed.json)
        _ = object.append("diagnostics", .array(file.diagnostics.map(\.json)))
      }
      return object
    }

    static func summary(_ report: CommandReport) -> JSONValue {
      [
        "files": .integer(report.tally.files),
        "compared": report.compared.map { .integer($0) } ?? .null,
        "passed": .integer(report.tally.passed), "read": .integer(report.tally.readOnly),
        "failed": .integer(report.failed), "known": .integer(report.tally.known),
        "skipped": .integer(report.skipped), "excluded": .integer(report.excluded),
        "resumed": .integer(report.resumed),
        "errors": .integer(report.count(.error)), "warnings": .integer(report.count(.warning)),
        "notes": .integer(report.count(.note)),
      ]
    }
  }

  /// A report as lines of JSON objects: `diagnostic`, `result` for each file, and `summary` at last;
  /// `docs/ci.md` describes them.
  enum NDJSONReport {
    static func text(_ report: CommandReport) -> String {
      report.files.map { lines($0, command: report.command) }.joined() + runLines(report)
    }

    /// The findings of a file, and its result.
    static func lines(_ file: FileReport, command: String) -> String {
      var result = JSONObject()
      func add(_ name: String, _ value: JSONValue) { _ = result.append(name, value) }
      add("type", "result")
      add("schema_version", .integer(JSONReport.version))
      add("command", .string(command))
      add("status", .integer(Int(file.status.rawValue)))
      add("verdict", .string(file.verdict ?? (file.hasFailed ? "FAIL" : "PASS")))
      add("file", file.file.map { .string($0) } ?? .null)
      for (name, value) in file.members { add(name, value) }
      add("suppressed", file.suppressed.json)
      for (name, value) in file.records { add(name, value) }
      return file.diagnostics.map(line).joined() + JSONValue.object(result).text + "\n"
    }

    /// The findings about all files, and the summary.
    static func runLines(_ report: CommandReport) -> String {
      var summary = JSONObject()
      _ = summary.append("type", "summary")
      _ = summary.append("schema_version", .integer(JSONReport.version))
      _ = summary.append("command", .string(report.command))
      _ = summary.append("status", .integer(Int(report.status.rawValue)))
      for member in JSONReport.summary(report).object?.members ?? [] {
        _ = summary.append(member.name, member.value)
      }
      _ = summary.append("suppressed", report.suppressed.json)
      return report.findings.map(line).joined() + JSONValue.object(summary).text + "\n"
    }

    private static func line(_ diagnostic: Diagnostic) -> String {
      var object = JSONObject()
      _ = object.append("type", "diagnostic")
      for member in diagnostic.json.object?.members ?? [] {
        _ = object.append(member.name, member.value)
      }
      return JSONValue.object(object).text + "\n"
    }
  }
#endif
