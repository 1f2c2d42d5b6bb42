#if CommandLine
  import ArgumentParser
  import RecurContainers
  import RecurTensors

  struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "explain",
      abstract: "Says what a diagnostic code means, what causes it and what to do.",
      discussion: """
        EXAMPLES
          recur explain verify.mismatch
          recur explain tensor
          recur explain --list
        """)

    @Argument(
      help: "The code, as it stands in brackets: verify.mismatch; or an area, its first word.",
      completion: .list(Explanation.all.map(\.code)))
    var code: String?

    @Flag(help: "List every code.")
    var list = false

    @OptionGroup var output: PrintingOptions

    func validate() throws {
      guard list != (code != nil) else {
        throw ValidationError("Give a code, or --list for all of them.")
      }
    }

    func run() throws {
      try Report.run("explain", output.alone()) { report throws(CheckpointError) in
        let all = Explanation.all
        let name = code ?? ""
        if let explanation = all.first(where: { $0.code == name }) {
          text(explanation).forEach { report.line($0) }
          report.member("explanation", json(explanation))
          return try report.print()
        }
        let codes = list ? all : all.filter { $0.area == name }
        guard !codes.isEmpty else {
          let names = all.map(\.code) + Explanation.areas
          let longer = all.first { $0.code.hasPrefix(name) }?.code
          throw CheckpointError(
            .codeUnknown, "there is no diagnostic code '\(name)'",
            hint: (longer ?? suggestion(for: name, among: names)).map { "did you mean '\($0)'?" },
            fixes: [.init(.recur, "recur explain --list")])
        }
        var table = Table()
        for explanation in codes { table.add(explanation.code, explanation.meaning) }
        table.lines.forEach { report.line($0) }
        report.member("codes", .array(codes.map(json)))
        try report.print()
      }
    }

    private func text(_ explanation: Explanation) -> [String] {
      var lines = [
        explanation.code, "  means  \(explanation.meaning)", "  cause  \(explanation.cause)",
        "  fix    \(explanation.fix)",
      ]
      guard !explanation.example.isEmpty else { return lines }
      lines.append("  example")
      lines += explanation.example.split(separator: "\n").map { "    \($0)" }
      return lines
    }

    private func json(_ explanation: Explanation) -> JSONValue {
      [
        "code": .string(explanation.code), "meaning": .string(explanation.meaning),
        "cause": .string(explanation.cause), "fix": .string(explanation.fix),
        "example": .string(explanation.example),
      ]
    }
  }

  extension Diagnostic.Code {
    static let codeUnknown = Self(rawValue: "usage.code-unknown")
  }
#endif
