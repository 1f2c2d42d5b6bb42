#if CommandLine
  import RecurContainers
  import RecurTensors

  /// What a repository says about its checkpoints in `recur.toml`.
  ///
  /// Paths and patterns are seen from the folder in which the command runs.
  struct RepositorySettings: Sendable {
    /// What is said of files that match a pattern.
    struct Rule: Sendable {
      let patterns: [GlobPattern]
      var ignore: [CodePattern] = []
      var golden: String?
      var architecture: String?
      var atol: Double?
      var rtol: Double?
    }

    /// What is said of one file.
    struct FileSettings: Sendable {
      var ignore: [CodePattern] = []
      var golden: String?
      var architecture: String?
      var atol: Double?
      var rtol: Double?

      /// The same as text, for digests.
      var words: [String] {
        ignore.map { "ignore \($0.text)" }
          + [
            golden.map { "golden \($0)" }, architecture.map { "architecture \($0)" },
            atol.map { "atol \($0)" }, rtol.map { "rtol \($0)" },
          ].compactMap { $0 }
      }
    }

    /// The file that was read; nil without one.
    private(set) var path: String?
    private(set) var exclusions: [GlobPattern] = []
    private(set) var comparesGoldens = false
    private(set) var takesArchitectures = false
    private(set) var baseline: String?
    private var ignore: [CodePattern] = []
    private var rules: [Rule] = []

    init() {}

    /// Reads the file at `path`.
    ///
    /// - Throws: `file.unreadable`, `toml.syntax`, `config.invalid`.
    init(reading path: String) throws(CheckpointError) {
      self.path = path
      let table: JSONValue
      do throws(CheckpointError) {
        let bytes = ByteRegion(try ByteStorage(mapping: path))
        table = try locating(file: path) { () throws(CheckpointError) in
          try TOMLParser.parse(bytes)
        }
      } catch {
        guard error.diagnostic.code == .fileEmpty else { throw error }
        return
      }
      for member in table.object?.members ?? [] {
        let entry = Entry(file: path, name: member.name, value: member.value)
        switch member.name {
        case "exclude": exclusions = try entry.patterns()
        case "ignore": ignore = try entry.codes()
        case "goldens": comparesGoldens = try entry.bool()
        case "architectures": takesArchitectures = try entry.bool()
        case "baseline": baseline = try entry.string()
        case "files":
          guard let items = member.value.array else { throw entry.invalid("[[files]] tables") }
          for item in items { rules.append(try Self.rule(item, entry)) }
        default:
          throw entry.unknown([
            "exclude", "ignore", "goldens", "architectures", "baseline", "files",
          ])
        }
      }
    }

    private static func rule(
      _ table: JSONValue, _ list: Entry
    ) throws(CheckpointError) -> Rule {
      guard let members = table.object?.members else { throw list.invalid("[[files]] tables") }
      guard let paths = table["path"] else { throw list.invalid("a path in each [[files]]") }
      var rule = Rule(
        patterns: try Entry(file: list.file, name: "files.path", value: paths).patterns())
      for member in members {
        let entry = Entry(file: list.file, name: "files." + member.name, value: member.value)
        switch member.name {
        case "path": break
        case "ignore": rule.ignore = try entry.codes()
        case "golden": rule.golden = try entry.string()
        case "architecture": rule.architecture = try entry.string()
        case "atol": rule.atol = try entry.tolerance()
        case "rtol": rule.rtol = try entry.tolerance()
        default:
          throw entry.unknown(["path", "ignore", "golden", "architecture", "atol", "rtol"])
        }
      }
      return rule
    }

    /// What is said of `file`: of several rules the later one counts, and all codes are ignored.
    func settings(of file: String) -> FileSettings {
      var settings = FileSettings()
      settings.ignore = ignore
      for rule in rules where rule.patterns.contains(where: { $0.matches(file) }) {
        settings.ignore += rule.ignore
        settings.golden = rule.golden.map { Self.path($0, beside: file) } ?? settings.golden
        settings.architecture =
          rule.architecture.map { Self.path($0, beside: file) } ?? settings.architecture
        settings.atol = rule.atol ?? settings.atol
        settings.rtol = rule.rtol ?? settings.rtol
      }
      return settings
    }

    /// The path in which `{folder}` and `{stem}` stand for the file's folder and its name without the ending.
    private static func path(_ text: String, beside file: String) -> String {
      let name = ModelName(file)
      return text.replacing("{folder}", with: name.folder.isEmpty ? "." : name.folder)
        .replacing("{stem}", with: name.stem)
    }
  }

  extension RepositorySettings {
    /// A value and its name.
    private struct Entry {
      let file: String
      let name: String
      let value: JSONValue

      func invalid(_ expected: String, found: String? = nil) -> CheckpointError {
        CheckpointError(
          .configInvalid, "'\(name)' has another value than it can have", at: .init(file: file),
          expected: expected, found: found ?? value.text)
      }

      func unknown(_ names: [String]) -> CheckpointError {
        let own = name.split(separator: ".").last.map(String.init) ?? name
        return CheckpointError(
          .configInvalid, "nothing is called '\(name)'", at: .init(file: file),
          expected: names.joined(separator: ", "),
          hint: suggestion(for: own, among: names).map { "did you mean '\($0)'?" })
      }

      func bool() throws(CheckpointError) -> Bool {
        guard let bool = value.bool else { throw invalid("true or false") }
        return bool
      }

      func string() throws(CheckpointError) -> String {
        guard let string = value.string, !string.isEmpty else { throw invalid("a path") }
        return string
      }

      func tolerance() throws(CheckpointError) -> Double {
        guard let number = value.double, number >= 0, number.isFinite else {
          throw invalid("a number from 0 up")
        }
        return number
      }

      private func strings(_ expected: String) throws(CheckpointError) -> [String] {
        let values = value.array ?? [value]
        let strings = values.compactMap(\.string)
        guard strings.count == values.count else { throw invalid(expected) }
        return strings
      }

      func patterns() throws(CheckpointError) -> [GlobPattern] {
        var patterns: [GlobPattern] = []
        for text in try strings("a pattern, or an array of patterns") {
          guard let pattern = GlobPattern(text) else {
            throw invalid("patterns: *, ?, [abc] and **", found: text)
          }
          patterns.append(pattern)
        }
        return patterns
      }

      func codes() throws(CheckpointError) -> [CodePattern] {
        var codes: [CodePattern] = []
        for text in try strings("a code, or an array of codes") {
          guard let list = try? CodePattern.list(text) else {
            throw invalid("codes and areas that 'recur explain --list' lists", found: text)
          }
          codes += list
        }
        return codes
      }
    }
  }

  extension Diagnostic.Code {
    static let configInvalid = Self(rawValue: "config.invalid")
  }
#endif
