#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a folder of files that appears complete or not at all.
///
/// The files go to a hidden folder beside the target. `commit` gives it the target's name; a folder that was there
/// before is moved away first, and removed at the end. A writer that is dropped without `commit` leaves no folder
/// behind.
package struct AtomicFolder: ~Copyable {
  /// The hidden folder.
  package let path: String
  private let target: String
  private let before: String
  /// The folders and files in it, in the order in which they were made.
  private var made: [(path: String, isFolder: Bool)] = []
  private var isDone = false
  // An interrupt must not leave the hidden folder behind, so signals wait until the folder is gone.
  private let signals = SignalHold()

  /// Starts a folder that will take the place of `path`.
  ///
  /// - Throws: `file.unwritable` when the folder around it can't hold it.
  package init(replacing path: String) throws(CheckpointError) {
    var own = path
    while own.count > 1, own.hasSuffix("/") { own.removeLast() }
    target = own
    let (folder, name) = splitPath(own)
    self.path = "\(folder)/.\(name).tmp-\(getpid())"
    before = "\(folder)/.\(name).old-\(getpid())"
    guard unsafe mkdir(self.path, 0o777) == 0 else {
      let error = Self.failure("create", target)
      signals.release()
      isDone = true
      throw error
    }
  }

  /// The path of a file in the folder, with the folders around it made.
  ///
  /// - Throws: `file.unwritable`.
  package mutating func place(_ name: String) throws(CheckpointError) -> String {
    let parts = name.split(separator: "/").map(String.init)
    var own = path
    for part in parts.dropLast() {
      own += "/\(part)"
      guard !made.contains(where: { $0.path == own }) else { continue }
      guard unsafe mkdir(own, 0o777) == 0 else { throw Self.failure("create", target) }
      made.append((own, true))
    }
    own += "/\(parts.last ?? "")"
    made.append((own, false))
    return own
  }

  /// Makes the folder appear under the target's name.
  ///
  /// - Throws: `file.unwritable`; the target is then unchanged.
  package consuming func commit() throws(CheckpointError) {
    let isThere = isFolder(target, followsLinks: false)
    if isThere, unsafe rename(target, before) != 0 { throw Self.failure("replace", target) }
    guard unsafe rename(path, target) == 0 else {
      let error = Self.failure("rename", target)
      if isThere { unsafe rename(before, target) }
      throw error
    }
    isDone = true
    if isThere { Self.remove(before, depth: 0) }
  }

  deinit {
    defer { signals.release() }
    guard !isDone else { return }
    for item in made.reversed() {
      if item.isFolder { unsafe rmdir(item.path) } else { unsafe unlink(item.path) }
    }
    unsafe rmdir(path)
  }

  /// Removes a folder that was replaced.
  private static func remove(_ folder: String, depth: Int) {
    guard depth < 8 else { return }
    for name in fileNames(in: folder) {
      let own = "\(folder)/\(name)"
      if isFolder(own, followsLinks: false) {
        remove(own, depth: depth + 1)
      } else {
        unsafe unlink(own)
      }
    }
    unsafe rmdir(folder)
  }

  private static func failure(_ verb: String, _ path: String) -> CheckpointError {
    CheckpointError(
      .fileUnwritable, "can't \(verb): \(systemError())", at: .init(file: path),
      hint: errno == ENOENT ? "make the folder first: mkdir -p '\(splitPath(path).folder)'" : nil)
  }
}
