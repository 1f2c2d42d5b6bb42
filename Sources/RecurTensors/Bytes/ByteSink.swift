/// Receives bytes front to back.
public protocol ByteSink: ~Copyable {
  /// Appends `bytes`.
  ///
  /// - Throws: `file.unwritable` when the bytes can't be stored.
  mutating func write(_ bytes: RawSpan) throws(CheckpointError)
  /// Overwrites the bytes from `offset` on, which were written before, with `bytes`.
  ///
  /// - Precondition: all bytes that are overwritten were written before.
  /// - Throws: `file.unwritable` when the bytes can't be stored.
  mutating func replace(at offset: Int, with bytes: RawSpan) throws(CheckpointError)
}

extension ByteSink where Self: ~Copyable {
  /// Appends `bytes`.
  package mutating func write(_ bytes: [UInt8]) throws(CheckpointError) {
    try unsafe write(bytes.span.bytes)
  }

  /// Overwrites the bytes from `offset` on, which were written before, with `bytes`.
  package mutating func replace(at offset: Int, with bytes: [UInt8]) throws(CheckpointError) {
    try unsafe replace(at: offset, with: bytes.span.bytes)
  }

  /// Appends every byte of `region`.
  package mutating func write(_ region: ByteRegion) throws(CheckpointError) {
    var block = ByteBlock(capacity: min(ByteBlock.copyingByteCount, region.count))
    var offset = 0
    while offset < region.count {
      block.fill(from: region, at: offset)
      try block.write(to: &self)
      offset += block.count
    }
  }
}

/// Content that can be written from first byte to last any number of times, with the same bytes
/// each time.
package protocol ByteSource {
  /// The number of bytes that are written.
  var byteCount: Int { get }
  /// Writes all of the content to `sink`.
  ///
  /// - Throws: what `sink` throws.
  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError)
}

extension ByteRegion: ByteSource {
  package var byteCount: Int { count }

  package func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    try sink.write(self)
  }
}
