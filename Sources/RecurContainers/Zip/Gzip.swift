import CZlib
package import RecurTensors

/// Files that are compressed as a whole (RFC 1952).
package enum Gzip {
  /// The most bytes that are decompressed.
  private static let most = 1 << 31

  /// Whether bytes begin like such a file.
  package static func recognizes(_ bytes: ByteRegion) -> Bool { bytes.holds([0x1F, 0x8B, 0x08]) }

  /// The first bytes of the content, at most `count`; empty where there are none.
  package static func beginning(of file: ByteRegion, count: Int) -> ByteRegion {
    var stream = unsafe z_stream()
    guard
      unsafe inflateInit2_(
        &stream, DeflateWrapper.gzip.windowBits, ZLIB_VERSION,
        CInt(MemoryLayout<z_stream>.size)) == Z_OK
    else { return ByteRegion(ByteStorage(copying: [])) }
    defer { unsafe inflateEnd(&stream) }
    let storage = unsafe ByteStorage(count: count) { target in
      file.withBytes { span in
        unsafe span.withUnsafeBytes { source in
          let input = unsafe source.bindMemory(to: UInt8.self).baseAddress
          unsafe stream.next_in = unsafe UnsafeMutablePointer(mutating: input)
          unsafe stream.avail_in = UInt32(clamping: source.count)
          unsafe stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
          unsafe stream.avail_out = UInt32(clamping: target.count)
          _ = unsafe CZlib.inflate(&stream, Z_SYNC_FLUSH)
        }
      }
    }
    let found = unsafe min(Int(stream.total_out), count)
    return (try? ByteRegion(storage).slice(at: 0, length: found)) ?? ByteRegion(storage)
  }

  /// The content; its size is in the last four bytes.
  ///
  /// - Throws: `zip.inflate` for a broken stream, or one that is put together of several;
  ///   `bytes.limit-exceeded`.
  package static func inflated(_ file: ByteRegion) throws(CheckpointError) -> ByteRegion {
    guard file.count >= 18 else {
      throw CheckpointError(
        .zipInflate, "\(file.count) bytes are no compressed file", at: file.location)
    }
    let count = Int(try file.integer(UInt32.self, at: file.count - 4))
    guard count <= most else {
      throw CheckpointError(
        .limitExceeded, "\(count) bytes; at most \(most) are decompressed", at: file.location)
    }
    return try RecurContainers.inflated(file, count: count, wrapper: .gzip)
  }
}
