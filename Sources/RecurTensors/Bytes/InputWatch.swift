import Synchronization

/// The files that one piece of work reads, none of which may change meanwhile.
///
/// They are read instead of mapped, so that a file that becomes shorter is an error and not the end
/// of the process. What is missing of it reads as zeros: whoever uses a watch asks it at the end.
package final class InputWatch: Sendable {
  private let files = Mutex<[(path: String, storage: ByteStorage)]>([])

  /// The one file that there is, in memory; nil where files are read from their folders.
  private let sole: (path: String, storage: ByteStorage)?

  package init() { sole = nil }

  /// Gives `bytes` for `path`, and refuses all other files.
  package init(holding bytes: ByteStorage, for path: String) { sole = (path, bytes) }

  /// Opens the file at `path`.
  ///
  /// - Throws: `file.unreadable`, `file.empty`.
  package func open(_ path: String) throws(CheckpointError) -> ByteStorage {
    if let sole {
      guard path == sole.path else {
        throw CheckpointError(
          .fileUnreadable, "'\(sole.path)' belongs to '\(path)', which was not given",
          at: .init(file: path), hint: "open the model from its folder")
      }
      return sole.storage
    }
    let storage = try ByteStorage(reading: path)
    files.withLock { $0.append((path, storage)) }
    return storage
  }

  /// The paths of the files that were opened, each once, in the order of the first time.
  package var paths: [String] {
    var seen: Set<Name> = []
    return files.withLock { $0 }.map(\.path).filter { seen.insert(Name($0)).inserted }
  }

  /// Refuses what was read when one of the files changed since it was opened.
  ///
  /// - Throws: `file.changed`.
  package func check() throws(CheckpointError) {
    let findings = files.withLock { $0 }.compactMap { file in file.storage.change(at: file.path) }
    if let error = CheckpointError(findings: findings) { throw error }
  }
}

extension ByteStorage {
  /// Opens the file at `path` for `watch`, or maps it when nobody watches.
  ///
  /// - Throws: `file.unreadable`, `file.empty`.
  package static func opening(
    _ path: String, _ watch: InputWatch?
  ) throws(CheckpointError) -> ByteStorage {
    guard let watch else { return try ByteStorage(mapping: path) }
    return try watch.open(path)
  }
}
