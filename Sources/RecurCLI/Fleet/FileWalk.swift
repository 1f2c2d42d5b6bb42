#if CommandLine
  import Recur
  import RecurContainers
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
  struct FileWalk {
    private struct Identity: Hashable {
      let device: UInt64
      let number: UInt64
    }

    /// The files to judge: in the order they were named, folders sorted.
    private(set) var files: [String] = []
    /// How many files in folders are no checkpoints.
    private(set) var skipped = 0
    /// Folders that can't be listed.
    private(set) var unreadable: [(folder: String, error: CheckpointError)] = []
    private var known: Set<Name> = []
    private var visited: Set<Identity> = []

    /// Whether `path` is a folder, also behind a link.
    static func isFolder(_ path: String) -> Bool {
      var status = stat()
      return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    init(_ paths: [String]) {
      for path in paths {
        if Self.isFolder(path) { walk(path) } else { add(path) }
      }
    }

    private mutating func add(_ path: String) {
      if known.insert(Name(relativePath(path))).inserted { files.append(path) }
    }

    private mutating func walk(_ folder: String) {
      guard let identity = identity(folder), visited.insert(identity).inserted else { return }
      if let format = FormatRegistry.all.foreignFolder(folder), format.fillsFolder {
        return unreadable.append((folder, format.error(at: folder)))
      }
      do throws(CheckpointError) {
        try walk(folder, names: names(folder))
      } catch {
        unreadable.append((folder, error))
      }
    }

    private mutating func walk(_ folder: String, names: [String]) {
      let base = folder.hasSuffix("/") ? folder : folder + "/"
      var found: [String] = []
      var folders: [String] = []
      for name in names where !name.hasPrefix(".") {
        let path = base + name
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
          skipped += 1
          continue
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: folders.append(path)
        case S_IFREG: found.append(path)
        default: skipped += 1
        }
      }
      var shards: Set<Name> = []
      var checkpoints: [String] = []
      for path in found {
        let content = FolderFile(path)
        shards.formUnion(content.shards.map { Name(base + $0) })
        if content.isCheckpoint { checkpoints.append(path) } else { skipped += 1 }
      }
      for path in checkpoints {
        // Shards are judged together with their index.
        if shards.contains(Name(path)) { skipped += 1 } else { add(path) }
      }
      for path in folders { walk(path) }
    }

    private func identity(_ path: String) -> Identity? {
      var status = stat()
      guard unsafe stat(path, &status) == 0 else { return nil }
      return Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }

    /// The names in a folder, sorted by their bytes.
    private func names(_ folder: String) throws(CheckpointError) -> [String] {
      guard let stream = unsafe opendir(folder) else {
        throw CheckpointError(
          .fileUnreadable, "can't list the folder: \(systemError())", at: .init(file: folder))
      }
      defer { unsafe closedir(stream) }
      var names: [Name] = []
      while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 1) { characters in
            unsafe String(cString: characters)
          }
        }
        names.append(Name(name))
      }
      return names.sorted().map(\.text)
    }
  }

  /// A file in a folder, recognised by its content.
  private struct FolderFile {
    /// Whether the file is a checkpoint, or has an ending of checkpoints and can't be read.
    private(set) var isCheckpoint = false
    /// The names of the shards, if the file is an index.
    private(set) var shards: [String] = []

    /// Endings that only checkpoints have.
    ///
    /// A file with such an ending must be reported even if it holds something else.
    private static let endings = [".keras", ".h5", ".hdf5", ".pt", ".pth", ".safetensors"]

    init(_ path: String) {
      let claims = Self.endings.contains { path.hasSuffix($0) }
      do throws(CheckpointError) {
        let probe = try FileProbe(path: path)
        let format = try FormatRegistry.all.format(of: probe)
        switch format {
        case let format as any SharedContainerFormat:
          isCheckpoint = format.looksLikeWeights(probe)
        case let format as any ShardedFormat:
          isCheckpoint = true
          shards = (try? format.shards(probe, .init())) ?? []
        case is any ModelDecoding: isCheckpoint = true
        default:
          // A damaged model may be recognised as other data, so damage must be found here. Sound
          // data is skipped.
          _ = try format.inspect(probe)
        }
      } catch {
        isCheckpoint = claims
      }
    }
  }
#endif
