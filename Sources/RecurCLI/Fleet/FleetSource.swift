#if CommandLine
  import RecurTensors

  /// What is judged in a run, in order: what the command line names, then the entries of lists.
  ///
  /// Of lists one entry is in memory at a time, or the files of one folder.
  struct FleetSource: Sendable {
    /// How many files are in folders and are no checkpoints.
    private(set) var skipped: Int
    /// How many paths match an exclusion.
    private(set) var excluded: Int
    /// How many files there are; nil while a list may go on.
    let total: Int?
    /// The files that the command line names, and those in its folders.
    let files: [String]
    /// Whether nothing is left to judge, and no list may bring more.
    var isEmpty: Bool { pending.isEmpty && lists.isEmpty }
    private let exclusions: [GlobPattern]
    private let shard: Shard?
    /// The next entries, the last one first.
    private var pending: [FileWalk.Entry]
    private var lists: [PathList]

    /// - Parameters:
    ///   - paths: files, folders and patterns.
    ///   - lists: lists of files to read after them.
    ///   - exclusions: patterns of what is left out.
    ///   - shard: the part of all files that is judged; nil for all.
    init(_ paths: [String], lists: [PathList], excluding exclusions: [GlobPattern], shard: Shard?) {
      let walk = FileWalk(
        paths, excluding: exclusions, refusesEmptyFolders: paths.count + lists.count > 1)
      self.exclusions = exclusions
      self.shard = shard
      self.lists = lists
      (skipped, excluded) = (walk.skipped, walk.excluded)
      let entries = walk.entries
      files = lists.isEmpty ? walk.files : []
      pending = entries.reversed()
      total = lists.isEmpty ? entries.count { Self.holds($0, shard) } : nil
    }

    /// The next entry; nil at the end of all.
    ///
    /// - Throws: `file.unreadable` where a list can't be read.
    mutating func next() throws(CheckpointError) -> FileWalk.Entry? {
      while true {
        while let entry = pending.popLast() {
          if Self.holds(entry, shard) { return entry }
        }
        guard !lists.isEmpty else { return nil }
        switch try lists[0].next() {
        case .path(let path):
          let walk = FileWalk([path], excluding: exclusions, refusesEmptyFolders: true)
          skipped += walk.skipped
          excluded += walk.excluded
          pending = walk.entries.reversed()
        case .refused(let path, let error): pending = [.refused(path, error)]
        case nil: lists.removeFirst()
        }
      }
    }

    private static func holds(_ entry: FileWalk.Entry, _ shard: Shard?) -> Bool {
      guard let shard else { return true }
      switch entry {
      case .file(let path), .refused(let path, _): return shard.holds(path)
      }
    }
  }
#endif
