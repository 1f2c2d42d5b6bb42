#if CommandLine
  import ArgumentParser
  import RecurContainers
  import RecurTensors

  enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }
  enum ColorChoice: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

  struct OutputOptions: ParsableArguments {
    @Option(help: "How to print: text for people, json for programs (one object).")
    var format = OutputFormat.text

    @Option(help: "Colour in diagnostics: auto means on a terminal only.")
    var color = ColorChoice.auto

    @Flag(name: .shortAndLong, help: "Print errors only.")
    var quiet = false
  }

  /// What a command has to say: text for people and the same as one JSON object for programs.
  ///
  /// Results go to standard output, diagnostics to standard error; in JSON everything is one object
  /// on standard output.
  struct Report {
    private let options: OutputOptions
    private let command: String
    private var lines: [String] = []
    private var members: [(String, JSONValue)] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// How the process will end.
    var status = ExitCode.success

    init(_ command: String, _ options: OutputOptions) {
      self.command = command
      self.options = options
    }

    mutating func line(_ text: String) { lines.append(text) }
    mutating func member(_ name: String, _ value: JSONValue) { members.append((name, value)) }
    mutating func add(_ found: [Diagnostic]) { diagnostics += found }

    /// Prints everything; `verdict` is the last line and the member of that name.
    func print(verdict: String? = nil) throws(CheckpointError) {
      switch options.format {
      case .json:
        var object = JSONObject()
        _ = object.append("command", .string(command))
        _ = object.append("status", .integer(Int(status.rawValue)))
        if let verdict { _ = object.append("verdict", .string(verdict)) }
        for (name, value) in members { _ = object.append(name, value) }
        _ = object.append("diagnostics", .array(diagnostics.map(\.json)))
        try StandardOutput.write(JSONValue.object(object).indentedText)
      case .text:
        let isColored =
          options.color == .always || options.color == .auto && StandardOutput.isTerminal(2)
        let renderer = DiagnosticRenderer(isColored: isColored)
        let text = lines + (verdict.map { [$0] } ?? [])
        if !options.quiet, !text.isEmpty {
          try StandardOutput.write(text.joined(separator: "\n"))
        }
        for diagnostic in diagnostics where !options.quiet || diagnostic.severity == .error {
          StandardOutput.writeError(renderer.text(diagnostic))
        }
      }
    }

    /// Runs a command's work: what it throws is printed with what was collected, and ends the
    /// process with the status that fits.
    static func run(
      _ command: String, _ options: OutputOptions,
      _ body: (inout Report) throws(CheckpointError) -> Void
    ) throws {
      var report = Report(command, options)
      do throws(CheckpointError) {
        try body(&report)
      } catch {
        report.add(error.diagnostics)
        report.status = ExitStatus.of(error)
        try? report.print()
      }
      if report.status != .success { throw report.status }
    }
  }
#endif
