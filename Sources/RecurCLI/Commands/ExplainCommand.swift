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
          recur explain --list
        """)

    @Argument(help: "The code, as it stands in brackets: verify.mismatch.")
    var code: String?

    @Flag(help: "List every code.")
    var list = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard list != (code != nil) else {
        throw ValidationError("Give a code, or --list for all of them.")
      }
    }

    func run() throws {
      try Report.run("explain", output) { report throws(CheckpointError) in
        let all = Explanation.all
        if list {
          var table = Table()
          for explanation in all { table.add(explanation.code, explanation.meaning) }
          table.lines.forEach { report.line($0) }
          report.member("codes", .array(all.map(json)))
          return try report.print()
        }
        let name = code ?? ""
        guard let explanation = all.first(where: { $0.code == name }) else {
          throw CheckpointError(
            .codeUnknown, "there is no diagnostic code '\(name)'",
            hint: suggestion(for: name, among: all.map(\.code)).map { "did you mean '\($0)'?" }
              ?? "'recur explain --list' lists all of them")
        }
        report.line(explanation.code)
        report.line("  means  \(explanation.meaning)")
        report.line("  cause  \(explanation.cause)")
        report.line("  fix    \(explanation.fix)")
        report.member("explanation", json(explanation))
        try report.print()
      }
    }

    private func json(_ explanation: Explanation) -> JSONValue {
      [
        "code": .string(explanation.code), "meaning": .string(explanation.meaning),
        "cause": .string(explanation.cause), "fix": .string(explanation.fix),
      ]
    }
  }

  extension Diagnostic.Code {
    static let codeUnknown = Self(rawValue: "usage.code-unknown")
  }
#endif
