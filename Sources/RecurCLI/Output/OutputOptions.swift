#if CommandLine
  import ArgumentParser
  import RecurTensors

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// How a report is written.
  enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, ndjson, junit, sarif, github, markdown, html
  }

  enum ColorChoice: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

  /// The report options of every command that finds something.
  struct OutputOptions: ParsableArguments {
    @OptionGroup var printing: PrintingOptions

    @Option(
      name: .customLong("select"),
      help: ArgumentHelp(
        "Report only these codes or areas: tensor,keras.layer. May be repeated.", valueName: "codes"
      ), transform: CodePattern.list)
    private var selected: [[CodePattern]] = []

    @Option(
      name: .customLong("ignore"),
      help: ArgumentHelp(
        "Leave these codes or areas out; what stops the work is reported all the same.",
        valueName: "codes"), transform: CodePattern.list)
    private var ignored: [[CodePattern]] = []

    @Flag(name: .customLong("strict"), help: "Warnings are errors; convert then writes nothing.")
    var isStrict = false

    @Flag(
      name: .customLong("exit-zero"),
      help: "End with 0 where something does not hold (1); other statuses stay.")
    var exitsZero = false

    @Option(
      help: ArgumentHelp(
        "Don't report the findings in this file, written by --write-baseline.", valueName: "file"),
      completion: .file(extensions: ["json"]))
    var baseline: String?

    @Option(
      help: ArgumentHelp(
        "Write what is found to this file, and accept it.", valueName: "file"),
      completion: .file(extensions: ["json"]))
    var writeBaseline: String?

    /// How to print.
    var format: OutputFormat { printing.format }
    /// The files for further reports.
    var reports: [ReportTarget] { printing.reports }
    /// Whether a page with pictures is asked for.
    var wantsPage: Bool { format == .html || reports.contains { $0.format == .html } }
    /// Whether a report is a document about all files, so that all are kept until the end.
    var keepsFiles: Bool { !reports.isEmpty || format != .text && format != .ndjson }
    /// Whether lines of JSON are asked for, which tell digests and seconds.
    var wantsRecords: Bool { format == .ndjson || reports.contains { $0.format == .ndjson } }
    /// Whether only errors are printed.
    var quiet: Bool { printing.quiet }

    /// Whether diagnostics have colours: as asked for, then as the environment says, then on a
    /// terminal (no-color.org, force-color.org).
    var isColored: Bool {
      switch printing.color {
      case .always: true
      case .never: false
      case .auto where Self.isSet("NO_COLOR"): false
      case .auto: Self.isSet("FORCE_COLOR") || StandardOutput.isTerminal(2)
      }
    }

    /// Whether an environment variable is there and not empty.
    private static func isSet(_ name: String) -> Bool {
      guard let value = unsafe getenv(name) else { return false }
      return unsafe value.pointee != 0
    }

    /// What to report; everything when it is empty.
    var select: [CodePattern] { selected.flatMap { $0 } }
    /// The codes to hide.
    var ignore: [CodePattern] { ignored.flatMap { $0 } }
  }

  /// A file for a report, and its format.
  struct ReportTarget: Hashable {
    let format: OutputFormat
    let path: String

    init(parsing argument: String) throws {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let names = OutputFormat.allCases.map(\.rawValue)
      guard parts.count == 2, !parts[1].isEmpty else {
        throw ValidationError("a format and a file belong there: junit=report.xml")
      }
      guard let format = OutputFormat(rawValue: String(parts[0])) else {
        let nearest = suggestion(for: String(parts[0]), among: names)
        throw ValidationError(
          "no format is called '\(escaped(String(parts[0])))'; "
            + (nearest.map { "did you mean '\($0)'?" } ?? "there are "
              + names.joined(separator: ", "))
        )
      }
      guard parts[1] != "-" else {
        throw ValidationError("--format \(format.rawValue) prints it")
      }
      self.format = format
      path = String(parts[1])
    }
  }

  /// A diagnostic code, or an area of codes: `tensor`, `keras.layer`.
  struct CodePattern: Hashable {
    let text: String

    func matches(_ code: Diagnostic.Code) -> Bool {
      code.rawValue == text || code.rawValue.hasPrefix(text + ".")
    }

    /// Reads codes separated by commas.
    ///
    /// - Throws: `ValidationError` for a code that does not exist, with the nearest one that does.
    static func list(_ argument: String) throws -> [CodePattern] {
      let codes = Explanation.all.map(\.code)
      var areas: Set<String> = []
      for code in codes {
        let parts = code.split(separator: ".")
        for count in parts.indices.dropFirst() {
          areas.insert(parts[..<count].joined(separator: "."))
        }
      }
      let known = codes + areas.sorted()
      let names = argument.split(separator: ",").map { part in
        let name = part.filter { $0 != " " }
        return name.hasSuffix(".*") ? String(name.dropLast(2)) : name
      }
      guard !names.isEmpty else { throw ValidationError("a code belongs there: tensor.unused") }
      for name in names where !known.contains(name) {
        throw ValidationError(
          "no diagnostic code or area is called '\(escaped(name))'; "
            + (suggestion(for: name, among: known).map { "did you mean '\($0)'?" }
              ?? "'recur explain --list' lists all of them"))
      }
      return names.map(CodePattern.init(text:))
    }
  }
#endif
