#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

#if _endian(big)
  #error("Recur reads little-endian files in place and needs a little-endian host")
#endif

/// Memory that never changes after it is made: a mapped file, or bytes this package allocated.
///
/// The only type that owns raw memory shared with others. Every other type holds a `ByteRegion`.
@safe public final class ByteStorage: Sendable {
  private enum Ownership { case mapping, allocation }

  private let ownership: Ownership
  nonisolated(unsafe) let base: UnsafeRawPointer
  /// The open file, nil for bytes in memory.
  ///
  /// Reading through the descriptor keeps the file's pages out of this process' memory count.
  private let descriptor: CInt?
  /// The number of bytes.
  public let count: Int
  /// Whether offsets into these bytes are offsets into a file, so that diagnostics may quote them.
  package let isFileImage: Bool

  /// Maps the file at `path` read-only.
  ///
  /// The file may be replaced while it is mapped; the file must not be truncated.
  ///
  /// - Throws: `file.unreadable` when the file can't be opened or is not a regular file,
  ///   `file.empty`.
  public convenience init(mapping path: String) throws(CheckpointError) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.unreadable(path, "can't open: \(systemError())") }
    try self.init(owning: descriptor, path: path)
  }

  /// Maps the open file `descriptor`, called `path` in messages; the caller may close the
  /// descriptor afterwards.
  package convenience init(descriptor: CInt, path: String) throws(CheckpointError) {
    let copy = dup(descriptor)
    guard copy >= 0 else { throw Self.unreadable(path, "can't open: \(systemError())") }
    try self.init(owning: copy, path: path)
  }

  private init(owning descriptor: CInt, path: String) throws(CheckpointError) {
    let mapped: UnsafeRawBufferPointer
    do throws(CheckpointError) {
      unsafe mapped = try unsafe Self.map(descriptor, path)
    } catch {
      close(descriptor)
      throw error
    }
    unsafe base = unsafe mapped.baseAddress.unsafelyUnwrapped
    count = mapped.count
    ownership = .mapping
    isFileImage = true
    self.descriptor = descriptor
  }

  private static func map(
    _ descriptor: CInt, _ path: String
  ) throws(CheckpointError) -> UnsafeRawBufferPointer {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw unreadable(path, "can't stat: \(systemError())")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw unreadable(
        path, status.st_mode & S_IFMT == S_IFDIR ? "is a directory" : "is not a regular file")
    }
    let count = Int(status.st_size)
    guard count > 0 else {
      throw CheckpointError(
        .fileEmpty, "the file is empty", at: .init(file: path),
        reason: "a download or a save stopped before the first byte, or the disk was full",
        hint: "fetch it again, or save it again")
    }
    guard let address = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
      unsafe address != MAP_FAILED
    else { throw unreadable(path, "can't map: \(systemError())") }
    return unsafe UnsafeRawBufferPointer(start: address, count: count)
  }

  /// Allocates `count` bytes aligned to 64 and lets `fill` write them before they become immutable.
  package init<E: Error>(
    count: Int, isFileImage: Bool = false,
    fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
  ) throws(E) {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Swift.max(count, 1), alignment: 64)
    do throws(E) {
      try unsafe fill(UnsafeMutableRawBufferPointer(rebasing: memory[..<count]))
    } catch {
      unsafe memory.deallocate()
      throw error
    }
    self.count = count
    unsafe base = UnsafeRawPointer(memory.baseAddress.unsafelyUnwrapped)
    ownership = .allocation
    descriptor = nil
    self.isFileImage = isFileImage
  }

  /// Copies `bytes`; `isFileImage` says whether they are the content of a file.
  package convenience init(copying bytes: [UInt8], isFileImage: Bool = false) {
    unsafe self.init(count: bytes.count, isFileImage: isFileImage) { target in
      unsafe bytes.withUnsafeBytes { source in unsafe target.copyMemory(from: source) }
    }
  }

  deinit {
    switch ownership {
    case .mapping: unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
    case .allocation: unsafe base.deallocate()
    }
    if let descriptor { close(descriptor) }
  }

  /// Copies the bytes at `offset` until `target` is full.
  ///
  /// The bytes of a file are read with a system call, except for a few bytes, which come from the
  /// mapping: a mapped page that was touched counts as memory of this process until the process
  /// ends.
  ///
  /// - Precondition: the storage holds as many bytes from `offset` on as `target` does.
  func copy(at offset: Int, to target: UnsafeMutableRawBufferPointer) {
    precondition(offset >= 0 && target.count <= count - offset)
    guard let start = target.baseAddress else { return }
    var done = 0
    if let descriptor, target.count >= Self.fewestBytesToRead {
      while done < target.count {
        let read = unsafe pread(descriptor, start + done, target.count - done, offset + done)
        if read < 0, errno == EINTR { continue }
        guard read > 0 else { break }
        done += read
      }
    }
    // Bytes that the system call did not read come from the mapping. A file that was cut off ends
    // this with SIGBUS.
    unsafe (start + done).copyMemory(from: base + offset + done, byteCount: target.count - done)
  }

  /// For fewer bytes than this, a system call costs more than reading the mapping.
  static let fewestBytesToRead = 256

  /// Whether the bytes are those of a mapped file.
  var isMapped: Bool { descriptor != nil }

  /// Tells the system that the program is about to read the bytes in `range`.
  func expectReading(_ range: Range<Int>) {
    guard let descriptor else { return }
    #if os(Linux)
      _ = posix_fadvise(descriptor, range.lowerBound, range.count, POSIX_FADV_WILLNEED)
    #endif
  }

  private static func unreadable(_ path: String, _ message: String) -> CheckpointError {
    CheckpointError(.fileUnreadable, message, at: .init(file: path))
  }
}

/// The error of the last system call that failed, in words.
package func systemError() -> String { unsafe String(cString: strerror(errno)) }
