#if CommandLine
  import Recur
  import RecurFormats
  import RecurTensors

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// The checkpoints among files and folders.
  ///
  /// A file that is named counts as a checkpoint. Files in folders are recognised by their content;
  /// hidden files are left alone.
  struct FileWalk: Sendable {
    private struct Identity: Hashable {
      let device: UInt64
      let number: UInt64
    }

    /// Something that is judged.
    enum Entry: Sendable {
      case file(String)
      /// What can't be opened under its name, and why; or a folder that can't be listed.
      case refused(String, CheckpointError)
    }

    /// What to judge: in the order it was named, folders sorted.
    private(set) var entries: [Entry] = []
    /// How many files in folders are no checkpoints.
    private(set) var skipped = 0
    /// How many files and folders are left out because they match a pattern of exclusions.
    private(set) var excluded = 0
    private let exclusions: [GlobPattern]
    /// What a path must match, while files of a pattern are looked for.
    private var wanted: GlobPattern?
    /// How many files and folders were come upon that are judged here or were judged before.
    private var met = 0
    private var known: Set<Name> = []
    private var visited: Set<Identity> = []

    /// Whether `path` is a folder, also behind a link.
    static func isFolder(_ path: String) -> Bool {
      var status = stat()
      return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a folder stands for one file in it: the last checkpoint.
    static func standsForModel(_ folder: String) -> Bool {
      do throws(CheckpointError) {
        return try FormatRegistry.all.entry(at: folder) != folder
      } catch {
        return true
      }
    }

    /// The files among the entries.
    var files: [String] {
      entries.compactMap { entry in
        if case .file(let path) = entry { path } else { nil }
      }
    }

    /// Looks for the files at `paths`: files, folders, and patterns of what is in folders.
    ///
    /// - Parameters:
    ///   - paths: what was named.
    ///   - exclusions: patterns of what is left out, also where it is named.
    ///   - refusesEmptyFolders: whether a folder without a checkpoint is refused, as one of several is.
    init(_ paths: [String], excluding exclusions: [GlobPattern], refusesEmptyFolders: Bool) {
      self.exclusions = exclusions
      for path in paths where Self.pattern(path) != nil || !isExcluded(path) {
        let pattern = Self.pattern(path)
        guard pattern != nil || Self.isFolder(path) else {
          add(path)
          continue
        }
        let before = (met, skipped, excluded)
        wanted = pattern
        walk(pattern == nil ? path : Self.base(of: path))
        wanted = nil
        // One of several folders must not be passed over without a word.
        if met == before.0, excluded == before.2, refusesEmptyFolders || pattern != nil {
          entries.append(.refused(path, Self.noCheckpoint(in: [path], skipped - before.1)))
        }
      }
    }

    /// The pattern that `path` is; nil where something is called so.
    static func pattern(_ path: String) -> GlobPattern? {
      var status = stat()
      guard GlobPattern.hasSigns(path), unsafe lstat(path, &status) != 0 else { return nil }
      return GlobPattern(path.hasPrefix("/") ? path : "./" + path)
    }

    /// The folder in which everything is that matches: the names before the first with a sign.
    private static func base(of path: String) -> String {
      let names = path.split(separator: "/").prefix { !GlobPattern.hasSigns(String($0)) }
      let base = names.joined(separator: "/")
      return path.hasPrefix("/") ? "/" + base : base.isEmpty ? "." : base
    }

    private mutating func isExcluded(_ path: String) -> Bool {
      guard exclusions.contains(where: { $0.matches(path) }) else { return false }
      excluded += 1
      return true
    }

    private func isWanted(_ path: String) -> Bool { wanted?.matchesWhole(path) ?? true }

    /// The error for paths in which there is nothing to judge.
    static func noCheckpoint(in paths: [String], _ skipped: Int) -> CheckpointError {
      CheckpointError(
        .fileNoneFound,
        "there is no checkpoint in \(paths.map { "'\($0)'" }.joined(separator: ", "))",
        at: paths.count == 1 ? .init(file: paths[0]) : .init(),
        found: count(skipped, "other file"),
        hint: "name the files, or a folder that holds some; 'recur formats' lists what is read")
    }

    private mutating func add(_ path: String) {
      guard isWanted(path) else { return }
      met += 1
      if known.insert(Name(relativePath(path))).inserted { entries.append(.file(path)) }
    }

    private mutating func walk(_ folder: String) {
      guard let identity = identity(folder), visited.insert(identity).inserted else {
        met += 1
        return
      }
      if FormatRegistry.all.isModelFolder(folder) {
        guard let format = FormatRegistry.all.foreignFolder(folder) else { return add(folder) }
        return refuse(folder, format.error(at: folder))
      }
      do throws(CheckpointError) {
        _ = try FormatRegistry.all.entry(at: folder)
      } catch {
        refuse(folder, error)
      }
      do throws(CheckpointError) {
        try walk(folder, listing: FolderListing(folder))
      } catch {
        refuse(folder, error)
      }
    }

    private mutating func refuse(_ path: String, _ error: CheckpointError) {
      guard isWanted(path) else { return }
      met += 1
      entries.append(.refused(path, error))
    }

    private mutating func walk(_ folder: String, listing: FolderListing) {
      let base = folder.hasSuffix("/") ? folder : folder == "." && wanted != nil ? "" : folder + "/"
      for name in listing.unreadableNames where !name.hasPrefix(".") {
        let path = base + name
        if isExcluded(path) { continue }
        let error = CheckpointError(
          .fileUnreadable, "the name is no text in UTF-8, so nothing can be opened under it",
          at: .init(file: path), hint: "give it another name; \\x stands for one byte of this one")
        refuse(path, error)
      }
      // What can't be told from a model is judged.
      var checkpoints: [String] = []
      var found: [String] = []
      var folders: [String] = []
      for name in listing.names where !name.hasPrefix(".") {
        let path = base + name
        if isExcluded(path) { continue }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
          checkpoints.append(path)
          continue
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: folders.append(path)
        case S_IFREG: if isWanted(path) { found.append(path) }
        default:
          if FolderFile.isNamedLikeModel(path) { checkpoints.append(path) } else { skipped += 1 }
        }
      }
      var shards: Set<Name> = []
      var ways: Set<[String]> = []
      // The shortest name stands for a model in several files.
      for path in found.sorted(by: { ($0.utf8.count, Name($0)) < ($1.utf8.count, Name($1)) }) {
        let content = FolderFile(path)
        shards.formUnion(content.shards.map { Name(base + $0) })
        let isPart = !content.way.isEmpty && !ways.insert(content.way).inserted
        if content.isCheckpoint, !isPart { checkpoints.append(path) } else { skipped += 1 }
      }
      for path in checkpoints.map({ Name($0) }).sorted() {
        // A shard is judged with its index.
        if shards.contains(path) { skipped += 1 } else { add(path.text) }
      }
      for path in folders { walk(path) }
    }

    private func identity(_ path: String) -> Identity? {
      var status = stat()
      guard unsafe stat(path, &status) == 0 else { return nil }
      return Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }
  }
#endif
