#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
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
  /// What was read of a file that is not mapped; nil for a mapping and for bytes made in memory.
  private let pieces: FilePieces?
  private nonisolated(unsafe) let base: UnsafeRawPointer
  /// The file, open for reading it without its pages counting as this process' memory.
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
    try self.init(owning: Self.open(path), path: path)
  }

  /// Reads the file at `path`, piece by piece as it is asked for.
  ///
  /// A part that is gone when it is asked for reads as zeros, and ``change(at:)`` then says so.
  ///
  /// - Throws: what ``init(mapping:)`` throws.
  package convenience init(reading path: String) throws(CheckpointError) {
    try self.init(owning: Self.open(path), path: path, isRead: true)
  }

  /// Opens the file at `path`; what is at the end of a link.
  private static func open(_ path: String) throws(CheckpointError) -> CInt {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    let descriptor = openFile(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor < 0 else { return descriptor }
    let (error, reason) = (errno, systemError())
    guard error == ENOENT, let target = linkTarget(path) else {
      throw unreadable(path, "can't open: \(reason)")
    }
    throw unreadable(path, "the link leads to '\(target)', where nothing is")
  }

  /// Maps the open file `descriptor`, called `path` in messages; the caller may close the
  /// descriptor afterwards.
  package convenience init(descriptor: CInt, path: String) throws(CheckpointError) {
    let copy = dup(descriptor)
    guard copy >= 0 else { throw Self.unreadable(path, "can't open: \(systemError())") }
    try self.init(owning: copy, path: path)
  }

  private init(
    owning descriptor: CInt, path: String, isRead: Bool = false
  ) throws(CheckpointError) {
    let mapped: UnsafeRawBufferPointer
    do throws(CheckpointError) {
      let status = try Self.status(of: descriptor, path)
      unsafe mapped = try unsafe Self.map(isRead ? nil : descriptor, status.byteCount, path)
      pieces = isRead ? FilePieces(descriptor, status) : nil
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

  private static func status(
    of descriptor: CInt, _ path: String
  ) throws(CheckpointError) -> FileStatus {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw unreadable(path, "can't stat: \(systemError())")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw unreadable(
        path,
        status.st_mode & S_IFMT == S_IFDIR
          ? "this is a directory" : "this is not a regular file")
    }
    guard status.st_size > 0 else {
      throw CheckpointError(
        .fileEmpty, "the file is empty", at: .init(file: path),
        reason: "a download or a save stopped before the first byte, or the disk was full",
        hint: "fetch it again, or save it again")
    }
    return FileStatus(status)
  }

  /// The bytes of the open file, or without one as much memory for them, of which only what is
  /// written to counts.
  private static func map(
    _ descriptor: CInt?, _ count: Int, _ path: String
  ) throws(CheckpointError) -> UnsafeRawBufferPointer {
    let memory =
      if let descriptor {
        unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
      } else {
        unsafe mmap(
          nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0)
      }
    guard let address = unsafe memory, unsafe address != MAP_FAILED else {
      throw unreadable(path, "can't map: \(systemError())")
    }
    #if os(Linux)
      // A page that is read for a few bytes must not take the memory of a huge one.
      if descriptor == nil { unsafe madvise(address, count, MADV_NOHUGEPAGE) }
    #endif
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
    pieces = nil
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
      if let pieces { return unsafe pieces.read(at: offset, to: target) }
      done = unsafe readFile(descriptor, at: offset, to: target)
    }
    // What the system does not read is looked at, which a file that was cut off ends with SIGBUS.
    let rest = unsafe address(of: offset + done..<offset + target.count)
    unsafe (start + done).copyMemory(from: rest, byteCount: target.count - done)
  }

  /// Where the bytes in `range` are, read if they were not yet.
  ///
  /// - Precondition: the bytes exist.
  func address(of range: Range<Int>) -> UnsafeRawPointer {
    if let pieces { unsafe pieces.load(range, to: UnsafeMutableRawPointer(mutating: base)) }
    return unsafe base + range.lowerBound
  }

  /// What happened to a file that is read, since it was opened under the name `path`.
  func change(at path: String) -> Diagnostic? { pieces?.change(at: path) }

  /// A call of the system costs more than looking at fewer bytes.
  static let fewestBytesToRead = 256

  /// Whether the bytes are those of a file, which need not be in memory.
  var isFile: Bool { descriptor != nil }

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

/// The system's `open`, which a method of that name would hide.
private func openFile(_ path: String, _ flags: CInt) -> CInt { unsafe open(path, flags) }

/// What a symbolic link says, or nil for what is none.
private func linkTarget(_ path: String) -> String? {
  var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
  let count = unsafe target.withUnsafeMutableBytes { buffer in
    let start = unsafe buffer.bindMemory(to: CChar.self).baseAddress
    return unsafe start.map { unsafe readlink(path, $0, buffer.count) } ?? -1
  }
  return count < 0 ? nil : String(decoding: target[..<count], as: UTF8.self)
}

/// What the last failed system call said, in words.
package func systemError() -> String { unsafe String(cString: strerror(errno)) }
