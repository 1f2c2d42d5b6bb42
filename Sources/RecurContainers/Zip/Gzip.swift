package import RecurTensors

/// Files that are compressed as a whole (RFC 1952).
package enum Gzip {
  /// The most bytes that are decompressed.
  private static let most = 1 << 31

  /// Whether bytes begin like such a file.
  package static func recognizes(_ bytes: ByteRegion) -> Bool { bytes.holds([0x1F, 0x8B, 0x08]) }

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
