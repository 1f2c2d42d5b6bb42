/// A window onto a `ByteStorage`.
///
/// Copying one retains the storage and never the bytes.
public struct ByteRegion: Sendable {
  /// What owns the bytes.
  public let storage: ByteStorage
  /// Offsets from the start of `storage`, so a diagnostic can quote them.
  public let range: Range<Int>

  /// The whole of `storage`.
  public init(_ storage: ByteStorage) {
    self.storage = storage
    self.range = 0..<storage.count
  }

  private init(storage: ByteStorage, range: Range<Int>) {
    self.storage = storage
    self.range = range
  }

  /// The number of bytes.
  public var count: Int { range.count }

  /// Where these bytes are in the file, for a diagnostic.
  package var location: Diagnostic.Location { location(at: 0, length: count) }

  /// Where `length` bytes at `offset` are, cut to what exists; empty for bytes made in memory.
  package func location(at offset: Int, length: Int) -> Diagnostic.Location {
    guard storage.isFileImage else { return .init() }
    let start = range.lowerBound + min(max(offset, 0), count)
    let end = start + min(max(length, 0), range.upperBound - start)
    return .init(bytes: UInt64(start)..<UInt64(end))
  }

  /// The part of this region at `offset`, `length` bytes long.
  ///
  /// - Throws: `bytes.truncated` when the region is too short.
  public func slice(at offset: Int, length: Int) throws(CheckpointError) -> ByteRegion {
    guard offset >= 0, length >= 0, offset <= count, length <= count - offset else {
      throw CheckpointError(
        .bytesTruncated, "needs \(length) bytes at offset \(offset), but only \(count) are there",
        at: location)
    }
    let start = range.lowerBound + offset
    return ByteRegion(storage: storage, range: start..<start + length)
  }

  /// Everything from `offset` on.
  ///
  /// - Throws: `bytes.truncated` when the region ends before `offset`.
  package func suffix(from offset: Int) throws(CheckpointError) -> ByteRegion {
    guard offset >= 0, offset <= count else {
      throw CheckpointError(
        .bytesTruncated, "needs offset \(offset), but only \(count) bytes are there", at: location)
    }
    return try slice(at: offset, length: count - offset)
  }

  /// The little-endian integer at `offset`.
  ///
  /// - Throws: `bytes.truncated` when the region is too short.
  public func integer<T: FixedWidthInteger>(
    _ type: T.Type = T.self, at offset: Int
  ) throws(CheckpointError) -> T {
    let part = try slice(at: offset, length: MemoryLayout<T>.size)
    return unsafe T(littleEndian: part.start.loadUnaligned(as: T.self))
  }

  /// The byte at `offset`.
  ///
  /// - Throws: `bytes.truncated` when the region is too short.
  package func byte(at offset: Int) throws(CheckpointError) -> UInt8 {
    try integer(UInt8.self, at: offset)
  }

  /// Whether `magic` stands at `offset`.
  package func holds(_ magic: [UInt8], at offset: Int = 0) -> Bool {
    guard let part = try? slice(at: offset, length: magic.count) else { return false }
    return part.bytes() == magic
  }

  /// Calls `body` with the bytes.
  public func withBytes<R: ~Copyable, E: Error>(
    _ body: (RawSpan) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(UnsafeRawBufferPointer(start: start, count: count).bytes)
  }

  /// A copy of the bytes.
  package func bytes() -> [UInt8] {
    unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  /// Copies the bytes at `offset` to all of `target` without mapping them.
  ///
  /// - Precondition: the bytes exist.
  func copy(at offset: Int, to target: UnsafeMutableRawBufferPointer) {
    precondition(offset >= 0 && target.count <= count - offset)
    unsafe storage.copy(at: range.lowerBound + offset, to: target)
  }

  /// A copy in which every `width` bytes stand in reverse order; a rest stays as it is.
  package func byteSwapped(width: Int) -> ByteRegion {
    let source = bytes()
    var result = source
    for start in stride(from: 0, through: source.count - width, by: width) {
      for place in 0..<width { result[start + place] = source[start + width - 1 - place] }
    }
    return ByteRegion(ByteStorage(copying: result))
  }

  /// The bytes as UTF-8 text, or nil when they are not.
  package func text() -> String? {
    unsafe String(validating: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// The offset of the first zero byte, or nil.
  package func firstZero() -> Int? {
    unsafe UnsafeRawBufferPointer(start: start, count: count).firstIndex(of: 0)
  }

  private var start: UnsafeRawPointer { unsafe storage.address(of: range) }
}
