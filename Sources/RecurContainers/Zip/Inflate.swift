import CZlib
package import RecurTensors

/// DEFLATE expands data by at most this factor, so a larger promised size is false.
private let largestRatio = 1_032

/// The wrapper around a DEFLATE stream.
enum DeflateWrapper {
  /// No wrapper: ZIP entries.
  case none
  /// A zlib header and checksum (RFC 1950): HDF5 chunks.
  case zlib
  /// A header and a checksum of gzip (RFC 1952).
  case gzip

  /// The argument of zlib that says it.
  var windowBits: CInt {
    switch self {
    case .none: -MAX_WBITS
    case .zlib: MAX_WBITS
    case .gzip: MAX_WBITS + 16
    }
  }
}

/// Decompresses the raw DEFLATE stream `compressed`, which must give exactly `count` bytes.
///
/// - Throws: `zip.inflate` when the stream is broken, or gives fewer or more bytes.
package func inflated(
  _ compressed: ByteRegion, count: Int
) throws(CheckpointError) -> ByteRegion {
  try inflated(compressed, count: count, wrapper: .none)
}

/// Decompresses a stream inside `wrapper`, which must give exactly `count` bytes.
///
/// - Throws: `zip.inflate`.
func inflated(
  _ compressed: ByteRegion, count: Int, wrapper: DeflateWrapper
) throws(CheckpointError) -> ByteRegion {
  guard count / largestRatio <= compressed.count, compressed.count < Int(UInt32.max),
    count < Int(UInt32.max)
  else {
    throw CheckpointError(
      .zipInflate, "\(compressed.count) compressed bytes can't hold the \(count) promised",
      at: compressed.location)
  }
  var stream = unsafe z_stream()
  guard
    unsafe inflateInit2_(
      &stream, wrapper.windowBits, ZLIB_VERSION,
      CInt(MemoryLayout<z_stream>.size)) == Z_OK
  else { throw CheckpointError(.zipInflate, "zlib can't start", at: compressed.location) }
  defer { unsafe inflateEnd(&stream) }
  var status = Z_OK
  var surplus: UInt8 = 0
  let storage = unsafe ByteStorage(count: count) { target in
    compressed.withBytes { span in
      unsafe span.withUnsafeBytes { source in
        let input = unsafe source.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.next_in = unsafe UnsafeMutablePointer(mutating: input)
        unsafe stream.avail_in = UInt32(source.count)
        unsafe stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.avail_out = UInt32(target.count)
        status = unsafe CZlib.inflate(&stream, Z_FINISH)
        guard status != Z_STREAM_END else { return }
        // When the target is full, the stream may have ended or may go on: one more byte of output
        // tells.
        unsafe withUnsafeMutablePointer(to: &surplus) { byte in
          unsafe stream.next_out = unsafe byte
          unsafe stream.avail_out = 1
          status = unsafe CZlib.inflate(&stream, Z_FINISH)
        }
      }
    }
  }
  let produced = unsafe Int(stream.total_out)
  guard status == Z_STREAM_END, produced == count else {
    throw CheckpointError(
      .zipInflate, "the deflated data is broken or does not hold the \(count) bytes promised",
      at: compressed.location, expected: "\(count) bytes", found: "\(produced) bytes")
  }
  guard unsafe stream.avail_in == 0 else {
    throw CheckpointError(
      .zipInflate, "\(unsafe stream.avail_in) bytes follow the end of the deflated data",
      at: compressed.location)
  }
  return ByteRegion(storage)
}

/// The CRC-32 of ZIP, computed piece by piece.
package struct CRC32: Sendable {
  package private(set) var value: UInt32 = 0

  package init() {}

  package mutating func update(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { buffer in
      value = UInt32(
        truncatingIfNeeded: unsafe crc32_z(
          CUnsignedLong(value), buffer.bindMemory(to: UInt8.self).baseAddress, buffer.count))
    }
  }

  /// The checksum of all of `region`; two threads share a large region.
  package static func of(_ region: ByteRegion) -> UInt32 {
    let half = region.count / 2
    guard half >= sharedByteCount,
      let first = BackgroundWork({ CInt(bitPattern: of(region, 0..<half)) })
    else { return of(region, 0..<region.count) }
    let second = of(region, half..<region.count)
    return UInt32(
      truncatingIfNeeded: crc32_combine(
        CUnsignedLong(UInt32(bitPattern: first.wait())), CUnsignedLong(second),
        region.count - half))
  }

  /// When half of a region has at least this size in bytes, a second thread computes that half.
  private static let sharedByteCount = 1 << 22

  private static func of(_ region: ByteRegion, _ range: Range<Int>) -> UInt32 {
    var checksum = CRC32()
    var block = ByteBlock(capacity: min(ByteBlock.copyingByteCount, range.count))
    var offset = range.lowerBound
    while offset < range.upperBound {
      block.fill(from: region, at: offset, atMost: range.upperBound - offset)
      block.withBytes { checksum.update($0) }
      offset += block.count
    }
    return checksum.value
  }
}

extension Diagnostic.Code {
  package static let zipInflate = Self(rawValue: "zip.inflate")
}
