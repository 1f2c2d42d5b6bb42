/// A window onto a `ByteStorage`.
///
/// A copy of a region retains the storage and copies no bytes.
public struct ByteRegion: Sendable {
  /// The storage that owns the bytes.
  public let storage: ByteStorage
  /// The range in `storage`, as offsets from its start, so a diagnostic can quote them.
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

  /// The location of these bytes in the file, for a diagnostic.
  package var location: Diagnostic.Location { location(at: 0, length: count) }

  /// The location of `length` bytes at `offset`, cut to the bytes that exist; an empty location for
  /// bytes made in memory.
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

  /// Whether the bytes at `offset` are `magic`.
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

  /// Copies the bytes at `offset` until `target` is full, without mapping them.
  ///
  /// - Precondition: the region holds as many bytes from `offset` on as `target` does.
  func copy(at offset: Int, to target: UnsafeMutableRawBufferPointer) {
    precondition(offset >= 0 && target.count <= count - offset)
    unsafe storage.copy(at: range.lowerBound + offset, to: target)
  }

  /// A copy in which the bytes of each group of `width` are reversed; an incomplete last group
  /// stays as it is.
  package func byteSwapped(width: Int) -> ByteRegion {
    let source = bytes()
    var result = source
    for start in stride(from: 0, through: source.count - width, by: width) {
      for place in 0..<width { result[start + place] = source[start + width - 1 - place] }
    }
    return ByteRegion(ByteStorage(copying: result))
  }

  /// The bytes as UTF-8 text, or nil when the bytes are no valid UTF-8.
  package func text() -> String? {
    unsafe String(validating: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// The offset of the first zero byte, or nil.
  package func firstZero() -> Int? {
    unsafe UnsafeRawBufferPointer(start: start, count: count).firstIndex(of: 0)
  }

  /// The offset of the next `pattern` from `start` on, or nil.
  package func position(of pattern: [UInt8], from start: Int = 0) -> Int? {
    guard let first = pattern.first, start >= 0, pattern.count <= count else { return nil }
    let bytes = unsafe UnsafeRawBufferPointer(start: self.start, count: count)
    var position = start
    while position <= count - pattern.count {
      guard let next = unsafe bytes[position...].firstIndex(of: first),
        next <= count - pattern.count
      else { return nil }
      if unsafe bytes[next..<next + pattern.count].elementsEqual(pattern) { return next }
      position = next + 1
    }
    return nil
  }

  private var start: UnsafeRawPointer { unsafe storage.address(of: range) }
}
