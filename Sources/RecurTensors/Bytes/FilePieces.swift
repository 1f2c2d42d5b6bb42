import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which pieces of an open file were read into memory, and what the file was when it was opened.
final class FilePieces: Sendable {
  private struct Loaded {
    /// A bit for each piece.
    var bits: [UInt64]
    var missing: Int
  }

  private let descriptor: CInt
  private let before: FileStatus
  private let pieceByteCount: Int
  private let loaded: Mutex<Loaded>
  private let isComplete = Atomic(false)
  private let isCut = Atomic(false)

  init(_ descriptor: CInt, _ before: FileStatus) {
    self.descriptor = descriptor
    self.before = before
    // Small files are read at once.
    pieceByteCount = before.byteCount <= 1 << 20 ? max(before.byteCount, 1) : 1 << 16
    let count = (before.byteCount + pieceByteCount - 1) / pieceByteCount
    loaded = Mutex(Loaded(bits: Array(repeating: 0, count: (count + 63) / 64), missing: count))
  }

  /// Reads the pieces that hold `range` to where they belong in `memory`, unless they are there.
  func load(_ range: Range<Int>, to memory: UnsafeMutableRawPointer) {
    guard !range.isEmpty, !isComplete.load(ordering: .acquiring) else { return }
    loaded.withLock { loaded in
      for piece in range.lowerBound / pieceByteCount...(range.upperBound - 1) / pieceByteCount {
        let bit: UInt64 = 1 << UInt64(piece % 64)
        guard loaded.bits[piece / 64] & bit == 0 else { continue }
        let start = piece * pieceByteCount
        let count = min(pieceByteCount, before.byteCount - start)
        unsafe read(at: start, to: .init(start: memory + start, count: count))
        loaded.bits[piece / 64] |= bit
        loaded.missing -= 1
      }
      if loaded.missing == 0 { isComplete.store(true, ordering: .releasing) }
    }
  }

  /// Reads the bytes at `offset` to all of `target`; zeros where the file ends before them.
  func read(at offset: Int, to target: UnsafeMutableRawBufferPointer) {
    guard let start = target.baseAddress else { return }
    let done = unsafe readFile(descriptor, at: offset, to: target)
    guard done < target.count else { return }
    isCut.store(true, ordering: .relaxed)
    unsafe (start + done).initializeMemory(as: UInt8.self, repeating: 0, count: target.count - done)
  }

  /// What happened to the file since it was opened under the name `path`; nil when nothing did.
  func change(at path: String) -> Diagnostic? {
    let now = FileStatus(descriptor)
    let count = now?.byteCount ?? 0
    let hint = "wait until it is done, or read a copy"
    let isCut = isCut.load(ordering: .relaxed)
    if isCut, count == before.byteCount {
      return Diagnostic(
        .fileUnreadable, .error, "the system can't read all of the file", at: .init(file: path),
        expected: "\(count) bytes")
    }
    if isCut || count < before.byteCount {
      return Diagnostic(
        .fileChanged, .error, "the file became shorter while it was read", at: .init(file: path),
        expected: "\(before.byteCount) bytes", found: "\(count) bytes",
        reason: "another program cut it or writes it anew", hint: hint)
    }
    if let now, !now.isSame(as: before) {
      return Diagnostic(
        .fileChanged, .error, "the file was written to while it was read", at: .init(file: path),
        reason: "what was read may be half of the old file and half of the new", hint: hint)
    }
    guard let now, now.hasNoName, !isThere(path) else { return nil }
    return Diagnostic(
      .fileChanged, .error, "the file was removed while it was read", at: .init(file: path))
  }
}

/// What the system says of an open file.
struct FileStatus {
  let byteCount: Int
  /// Whether the last name of the file is gone.
  let hasNoName: Bool
  private let seconds: Int
  private let nanoseconds: Int

  init?(_ descriptor: CInt) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    byteCount = Int(status.st_size)
    hasNoName = status.st_nlink == 0
    #if canImport(Darwin)
      (seconds, nanoseconds) = (status.st_mtimespec.tv_sec, status.st_mtimespec.tv_nsec)
    #else
      (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    #endif
  }

  /// Whether nothing was written between `other` and this.
  func isSame(as other: FileStatus) -> Bool {
    byteCount == other.byteCount && seconds == other.seconds && nanoseconds == other.nanoseconds
  }
}

/// Whether something is there under the name `path`.
private func isThere(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0
}

/// Reads the bytes at `offset` of an open file to `target`.
///
/// - Returns: how many bytes could be read.
func readFile(
  _ descriptor: CInt, at offset: Int, to target: UnsafeMutableRawBufferPointer
) -> Int {
  guard let start = target.baseAddress else { return 0 }
  var done = 0
  while done < target.count {
    let count = unsafe pread(descriptor, start + done, target.count - done, offset + done)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { break }
    done += count
  }
  return done
}

extension Diagnostic.Code {
  /// An input was cut, written to or removed while it was read.
  public static let fileChanged = Self(rawValue: "file.changed")
}
