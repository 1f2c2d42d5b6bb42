#if CommandLine
  import RecurContainers
  import RecurTensors

  /// Known and accepted findings, in a file that can be kept with the models.
  ///
  /// A finding is identified by its code, its file as seen from the current folder, and the object
  /// in the file. Messages and byte offsets don't count, because they may change.
  struct Baseline {
    struct Finding: Hashable, Comparable {
      let code: String
      let file: String
      let object: String?

      init(code: String, file: String, object: String?) {
        self.code = code
        self.file = file
        self.object = object
      }

      init(_ diagnostic: Diagnostic, file: String?) {
        code = diagnostic.code.rawValue
        self.file = relativePath(diagnostic.location.file ?? file ?? "")
        object = diagnostic.location.object
      }

      private var key: [Name] { [file, code, object ?? ""].map(Name.init) }

      static func < (a: Self, b: Self) -> Bool { a.key.lexicographicallyPrecedes(b.key) }
    }

    private static let version = 1
    private var counts: [Finding: Int] = [:]
    /// How many of them were found again.
    private var taken: [Finding: Int] = [:]
    /// The files of the findings, and those of them that were judged.
    private var files: Set<Name> = []
    private var judged: Set<Name> = []

    init() {}

    /// The same baseline of which nothing was found yet.
    var fresh: Self {
      var copy = self
      (copy.taken, copy.judged) = ([:], [])
      return copy
    }

    var count: Int { counts.values.reduce(0, +) }

    mutating func add(_ finding: Finding) { counts[finding, default: 0] += 1 }

    /// Takes one finding that equals `finding`; false when none is left.
    mutating func take(_ finding: Finding) -> Bool {
      let before = taken[finding] ?? 0
      guard let count = counts[finding], before < count else { return false }
      taken[finding] = before + 1
      return true
    }

    /// Adds all findings of another one.
    mutating func add(_ other: Self) { counts.merge(other.counts) { $0 + $1 } }

    /// Takes what `other`, a fresh copy, took meanwhile; false, and nothing, when less is left.
    mutating func takeAll(_ other: Self) -> Bool {
      for (finding, number) in other.taken {
        guard (taken[finding] ?? 0) + number <= counts[finding] ?? 0 else { return false }
      }
      taken.merge(other.taken) { $0 + $1 }
      return true
    }

    /// Says that a file was judged, so that what was not found in it is known.
    mutating func judge(_ path: String) {
      let file = Name(relativePath(path))
      if files.contains(file) { judged.insert(file) }
    }

    /// The findings of judged files that were not found again.
    var stale: [Finding] {
      counts.filter { $0.value > taken[$0.key] ?? 0 && judged.contains(Name($0.key.file)) }
        .keys.sorted()
    }

    // MARK: the file

    /// Reads what `text` wrote.
    ///
    /// - Throws: `baseline.invalid`, `json.syntax` and `file.unreadable`.
    init(reading path: String) throws(CheckpointError) {
      let bytes = ByteRegion(try ByteStorage(mapping: path))
      let json = try locating(file: path) { () throws(CheckpointError) in
        try JSONParser.parse(bytes)
      }
      func invalid(_ message: String, _ value: JSONValue?) -> CheckpointError {
        CheckpointError(
          .baselineInvalid, message, at: .init(file: path), found: value?.text,
          hint: "write it anew with --write-baseline")
      }
      guard json["recur_baseline"]?.integer == Self.version else {
        throw invalid(
          "the file is no baseline of version \(Self.version)", json["recur_baseline"])
      }
      guard let findings = json["findings"]?.array else {
        throw invalid("\"findings\" is no array", json["findings"])
      }
      for finding in findings {
        guard let code = finding["code"]?.string, let file = finding["file"]?.string,
          let count = finding["count"]?.integer, count > 0
        else { throw invalid("a finding lacks its code, file or count", finding) }
        counts[Finding(code: code, file: file, object: finding["object"]?.string)] = count
        files.insert(Name(file))
      }
    }

    /// The file's text: sorted, one finding per line.
    var text: String {
      let lines = counts.keys.sorted().map { finding -> String in
        let json: JSONValue = [
          "code": .string(finding.code), "file": .string(finding.file),
          "object": finding.object.map { .string($0) } ?? .null,
          "count": .integer(counts[finding] ?? 0),
        ]
        return "  " + json.text
      }
      let list = lines.isEmpty ? "[]" : "[\n\(lines.joined(separator: ",\n"))\n ]"
      return "{\n \"recur_baseline\": \(Self.version),\n \"findings\": \(list)\n}\n"
    }
  }

  extension Diagnostic.Code {
    static let baselineInvalid = Self(rawValue: "baseline.invalid")
  }
#endif
