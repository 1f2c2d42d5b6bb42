#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a file that appears complete or not at all.
///
/// The bytes go to a temporary file in the target's folder: a nameless one (Linux, `O_TMPFILE`), or
/// a hidden one where the file system has no nameless files or there is no `/proc`. `commit` flushes the temporary file
/// and gives it the target's name in one step. A writer that is dropped without `commit` leaves no
/// file behind. Another process may have the target mapped, so the target itself is never truncated
/// or written in place.
public struct AtomicFile: ~Copyable, ByteSink {
  private let descriptor: CInt
  private let target: String
  private let neighbour: String
  private let isNameless: Bool
  private let signals: SignalHold?
  private var flush: BackgroundWork?
  /// The number of bytes written since the last flush to the disk.
  private var unflushed = 0

  /// Starts a file that will take the place of `path`.
  ///
  /// - Throws: `file.unwritable` when the folder can't hold it.
  public init(replacing path: String) throws(CheckpointError) {
    target = Self.resolved(path)
    let (folder, name) = splitPath(target)
    neighbour = "\(folder)/.\(name).tmp-\(getpid())"
    #if os(Linux)
      // O_TMPFILE, spelled out because glibc hides it behind _GNU_SOURCE.
      let nameless = unsafe open(folder, O_RDWR | O_CLOEXEC | 0o20_000_000 | O_DIRECTORY, 0o666)
      // Only /proc can name it later.
      if nameless >= 0, unsafe access("/proc/self/fd/\(nameless)", F_OK) == 0 {
        descriptor = nameless
        isNameless = true
        signals = nil
        return
      }
      if nameless >= 0 { close(nameless) }
    #endif
    isNameless = false
    // An interrupt must not leave the hidden file behind, so signals wait until the file is gone.
    signals = SignalHold()
    descriptor = unsafe open(neighbour, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      let error = Self.failure("create", path)
      signals?.release()
      throw error
    }
  }

  /// Appends `bytes`.
  ///
  /// - Throws: `file.unwritable` when the disk is full, the quota is reached or the device fails.
  public mutating func write(_ bytes: RawSpan) throws(CheckpointError) {
    guard writeAll(bytes, to: descriptor) else { throw Self.failure("write", target) }
    unflushed += bytes.byteCount
    if unflushed >= Self.flushedByteCount { try startFlushing() }
  }

  /// Overwrites the bytes from `offset` on, which were written before, with `bytes`.
  ///
  /// - Throws: `file.unwritable` when the device fails.
  public mutating func replace(at offset: Int, with bytes: RawSpan) throws(CheckpointError) {
    guard writeAll(bytes, to: descriptor, at: offset) else { throw Self.failure("write", target) }
  }

  /// The bytes written so far, read back from the file system while the target still has its old
  /// content.
  ///
  /// - Throws: `file.unreadable`, `file.empty`.
  package func readBack() throws(CheckpointError) -> ByteRegion {
    ByteRegion(try ByteStorage(descriptor: descriptor, path: target))
  }

  /// Flushing to the disk starts in the background after this many bytes.
  private static let flushedByteCount = 1 << 28

  /// Starts flushing the bytes written so far to the disk, on another thread.
  ///
  /// - Throws: `file.unwritable` when the previous flush failed.
  package mutating func startFlushing() throws(CheckpointError) {
    try finishFlushing()
    unflushed = 0
    let descriptor = descriptor
    flush = BackgroundWork { fsync(descriptor) == 0 ? 0 : errno }
  }

  private mutating func finishFlushing() throws(CheckpointError) {
    let error = flush?.wait() ?? 0
    flush = nil
    guard error == 0 else {
      errno = error
      throw Self.failure("flush", target)
    }
  }

  /// Makes everything written so far appear under the target's name, replacing what was there.
  ///
  /// - Throws: `file.unwritable`; the target is then unchanged.
  public consuming func commit() throws(CheckpointError) {
    try finishFlushing()
    guard fsync(descriptor) == 0 else { throw Self.failure("flush", target) }
    let hold = SignalHold()
    defer { hold.release() }
    if isNameless {
      unsafe unlink(neighbour)
      let source = "/proc/self/fd/\(descriptor)"
      guard unsafe linkat(AT_FDCWD, source, AT_FDCWD, neighbour, 0x400) == 0 else {
        throw Self.failure("name", target)
      }
    }
    Self.keepMode(of: target, on: descriptor)
    guard unsafe rename(neighbour, target) == 0 else {
      let error = Self.failure("rename", target)
      unsafe unlink(neighbour)
      throw error
    }
    Self.flushFolder(of: target)
  }

  deinit {
    flush?.wait()
    close(descriptor)
    if !isNameless { unsafe unlink(neighbour) }
    signals?.release()
  }

  private static func keepMode(of target: String, on descriptor: CInt) {
    var status = stat()
    guard unsafe stat(target, &status) == 0 else { return }
    fchmod(descriptor, status.st_mode & 0o7777)
  }

  private static func flushFolder(of path: String) {
    let folder = unsafe open(splitPath(path).folder, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }

  /// The path that a symbolic link leads to: the link stays, and the file it leads to is replaced.
  private static func resolved(_ path: String) -> String {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
    return realPath(path) ?? path
  }

  private static func failure(_ verb: String, _ path: String) -> CheckpointError {
    let isFolderMissing = errno == ENOENT
    return CheckpointError(
      .fileUnwritable, "can't \(verb): \(systemError())", at: .init(file: path),
      hint: isFolderMissing ? "make the folder first: mkdir -p '\(splitPath(path).folder)'" : nil)
  }
}

/// Holds back SIGINT, SIGTERM and SIGHUP in this thread, from `init` until `release`.
struct SignalHold {
  private var before = sigset_t()

  init() {
    var held = sigset_t()
    unsafe sigemptyset(&held)
    for signal in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&held, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &held, &before)
  }

  func release() {
    var before = before
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  }
}
