#if CommandLine
  import ArgumentParser
  import RecurTensors

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// Which of many files are judged, and by how many threads.
  struct FleetOptions: ParsableArguments {
    @Option(
      name: .customLong("files-from"),
      help: ArgumentHelp(
        "A list of files, one a line, judged as it comes; - is standard input, as the argument - is too.",
        valueName: "file"), completion: .file())
    var list: String?

    @Flag(
      name: [.customShort("0"), .customLong("null")],
      help: "The list of files has NULs in place of ends of lines, as find -print0 writes it.")
    var hasNulls = false

    @Option(
      name: .shortAndLong,
      help: ArgumentHelp(
        "The threads that judge files; one for each processor unless told.", valueName: "number"))
    var jobs: Int?

    @Option(
      name: .customLong("exclude"), parsing: .singleValue,
      help: ArgumentHelp(
        "Leave out files and folders that match: *.old.h5, models/**/tmp. May be repeated.",
        valueName: "pattern"), transform: FleetOptions.pattern)
    var exclusions: [GlobPattern] = []

    @Option(
      help: ArgumentHelp(
        "Judge the Kth of N parts of the files; a file's path says in which it is.",
        valueName: "k/n"), transform: Shard.init(parsing:))
    var shard: Shard?

    @Option(
      help: ArgumentHelp(
        "Results of an earlier run as ndjson; a file that is as it was then is not judged again.",
        valueName: "file"), completion: .file())
    var resume: String?

    @Flag(
      name: .customLong("exit-zero-all"),
      help: "End with 0 whatever is found, also where files can't be read; the results say it.")
    var exitsZeroAlways = false

    /// Whether anything was asked for that is about many files.
    var isAboutMany: Bool {
      list != nil || !exclusions.isEmpty || shard != nil || resume != nil || exitsZeroAlways
    }

    /// How many files are judged at the same time.
    var threads: Int { jobs ?? Self.processors }

    func validate() throws {
      guard (1...1024).contains(jobs ?? 1) else {
        throw ValidationError("--jobs is \(jobs ?? 1); it can be 1 to 1024")
      }
    }

    static func pattern(_ text: String) throws -> GlobPattern {
      guard let pattern = GlobPattern(text) else {
        throw ValidationError(
          "'\(escaped(text))' is no pattern; *, ?, [abc] and ** are, and [ ends with ]")
      }
      return pattern
    }

    /// The processors of the machine.
    private static var processors: Int {
      min(max(sysconf(CInt(_SC_NPROCESSORS_ONLN)), 1), 64)
    }
  }

  /// One of several parts of all files.
  struct Shard: Hashable, Sendable {
    let number: Int
    let count: Int

    init(parsing text: String) throws {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 1,
        (1...count).contains(number)
      else {
        throw ValidationError(
          "--shard is '\(escaped(text))'; the number of a part and of all parts belong there: 2/8")
      }
      (self.number, self.count) = (number, count)
    }

    /// Whether the file at `path` belongs to this part: by a hash of the path alone.
    func holds(_ path: String) -> Bool {
      PathHash.of(relativePath(path)) % UInt64(count) == UInt64(number - 1)
    }
  }

  /// A hash of a path that is the same in every run.
  enum PathHash {
    /// FNV-1a of 64 bits over the bytes of the text, its bits then mixed as MurmurHash3 does.
    static func of(_ text: String) -> UInt64 {
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
      hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
      return hash ^ hash >> 33
    }
  }
#endif
