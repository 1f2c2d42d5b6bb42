#if CommandLine
  import ArgumentParser
  import RecurContainers
  import RecurTensors

  /// A report in SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format").
  ///
  /// Every code is a rule with the text of `recur explain`. Locations are byte regions of files,
  /// and objects in files are logical locations.
  enum SARIFReport {
    static func text(_ report: CommandReport) -> String {
      // A finding without a file belongs to the file that is judged.
      let found = report.files.flatMap { file in
        file.diagnostics.map { $0.located(file: file.file) }
      }
      let diagnostics = found + report.findings
      let codes = Set(diagnostics.map(\.code.rawValue)).sorted()
      var fingerprints = Fingerprints()
      let results = diagnostics.map { result($0, codes, &fingerprints) }
      let run: JSONValue = [
        "tool": [
          "driver": [
            "name": "recur", "version": .string(ToolVersion.text),
            "semanticVersion": .string(ToolVersion.text),
            "rules": .array(codes.map { rule($0, in: diagnostics) }),
          ]
        ],
        "automationDetails": ["id": .string("recur/\(report.command)/")],
        "columnKind": "unicodeCodePoints",
        "invocations": [
          [
            "executionSuccessful": .bool(
              report.status == .success || report.status == ExitStatus.doesNotHold),
            "exitCode": .integer(Int(report.status.rawValue)),
          ]
        ],
        "results": .array(results),
      ]
      let log: JSONValue = [
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [run],
      ]
      return log.indentedText + "\n"
    }

    private static func rule(_ code: String, in diagnostics: [Diagnostic]) -> JSONValue {
      var rule = JSONObject()
      _ = rule.append("id", .string(code))
      if let explanation = Explanation.all.first(where: { $0.code == code }) {
        let (meaning, cause, fix) = (explanation.meaning, explanation.cause, explanation.fix)
        _ = rule.append("shortDescription", ["text": .string(meaning)])
        _ = rule.append("fullDescription", ["text": .string("\(meaning). \(cause)")])
        _ = rule.append(
          "help",
          [
            "text": .string("Cause: \(cause)\nFix: \(fix)\nAlso: recur explain \(code)"),
            "markdown": .string(
              "**Cause:** \(MarkdownReport.escaped(cause))\n\n**Fix:** "
                + "\(MarkdownReport.escaped(fix))\n\nAlso: `recur explain \(code)`"),
          ])
      }
      let own = diagnostics.filter { $0.code.rawValue == code }
      let worst = own.map(\.severity).min { $0.rank < $1.rank } ?? .warning
      _ = rule.append("defaultConfiguration", ["level": .string(worst.rawValue)])
      return .object(rule)
    }

    private static func result(
      _ diagnostic: Diagnostic, _ codes: [String], _ fingerprints: inout Fingerprints
    ) -> JSONValue {
      var result = JSONObject()
      let code = diagnostic.code.rawValue
      _ = result.append("ruleId", .string(code))
      _ = result.append("ruleIndex", .integer(codes.firstIndex(of: code) ?? 0))
      _ = result.append("level", .string(diagnostic.severity.rawValue))
      let lines = [escaped(diagnostic.message)] + diagnostic.detailLines
      _ = result.append("message", ["text": .string(lines.joined(separator: "\n"))])
      if let location = location(diagnostic.location) {
        _ = result.append("locations", [location])
      }
      let fingerprint = JSONValue.string(fingerprints.next(of: diagnostic))
      // GitHub follows an alert by the first fingerprint.
      _ = result.append(
        "partialFingerprints",
        ["primaryLocationLineHash": fingerprint, "recurFinding/v1": fingerprint])
      var properties = JSONObject()
      for (name, value) in [
        ("expected", diagnostic.expected), ("found", diagnostic.found),
        ("reason", diagnostic.reason), ("hint", diagnostic.hint),
      ] {
        if let value { _ = properties.append(name, .string(value)) }
      }
      if !diagnostic.fixes.isEmpty {
        _ = properties.append("fixes", diagnostic.json["fixes"] ?? [])
      }
      if !properties.members.isEmpty { _ = result.append("properties", .object(properties)) }
      return .object(result)
    }

    private static func location(_ place: Diagnostic.Location) -> JSONValue? {
      var location = JSONObject()
      if let file = place.file {
        // Line 1 stands here because GitHub is said to need a line in every region. Bytes and lines
        // of a region are independent of each other (SARIF 2.1.0, 3.30.4).
        var region = JSONObject()
        _ = region.append("startLine", 1)
        if let bytes = place.bytes, let start = Int(exactly: bytes.lowerBound) {
          _ = region.append("byteOffset", .integer(start))
          _ = region.append("byteLength", .integer(Int(clamping: UInt64(bytes.count))))
        }
        _ = location.append(
          "physicalLocation", ["artifactLocation": artifact(file), "region": .object(region)])
      }
      if let object = place.object {
        _ = location.append(
          "logicalLocations",
          [["fullyQualifiedName": .string(escaped(object)), "kind": "object"]])
      }
      return location.members.isEmpty ? nil : .object(location)
    }

    /// A file below the current folder is relative to the root of the sources.
    private static func artifact(_ file: String) -> JSONValue {
      let path = relativePath(file)
      let isBelow = !path.hasPrefix("/") && !path.hasPrefix("../") && path != ".."
      return isBelow
        ? ["uri": .string(percentEncoded(path)), "uriBaseId": "%SRCROOT%"]
        : ["uri": .string("file://" + percentEncoded(absolutePath(path)))]
    }

    /// A path as part of a URI (RFC 3986, 3.3).
    private static func percentEncoded(_ path: String) -> String {
      let plain = Array("/-._~".utf8)
      var result = ""
      for byte in path.utf8 {
        let scalar = Unicode.Scalar(byte)
        if scalar.properties.isAlphabetic && byte < 128 || (0x30...0x39).contains(byte)
          || plain.contains(byte)
        {
          result.unicodeScalars.append(scalar)
        } else {
          let digits = String(byte, radix: 16, uppercase: true)
          result += byte < 16 ? "%0\(digits)" : "%\(digits)"
        }
      }
      return result
    }
  }

  /// Fingerprints that stay the same between runs: a hash of the members that a baseline keeps, and
  /// a counter for findings with the same hash.
  private struct Fingerprints {
    private var counts: [Baseline.Finding: Int] = [:]

    mutating func next(of diagnostic: Diagnostic) -> String {
      let finding = Baseline.Finding(diagnostic, file: nil)
      counts[finding, default: 0] += 1
      // FNV-1a with 64 bits.
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in [finding.code, finding.file, finding.object ?? ""].joined(separator: "\0").utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      }
      let digits = String(hash, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
        + ":\(counts[finding] ?? 1)"
    }
  }
#endif
