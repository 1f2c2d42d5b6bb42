/// Receives bytes front to back.
public protocol ByteSink: ~Copyable {
  /// Appends `bytes`.
  ///
  /// - Throws: `file.unwritable` when they can't be stored.
  mutating func write(_ bytes: RawSpan) throws(CheckpointError)
}

extension ByteSink where Self: ~Copyable {
  /// Appends `bytes`.
  package mutating func write(_ bytes: [UInt8]) throws(CheckpointError) {
    try unsafe write(bytes.span.bytes)
  }

  /// Appends every byte of `region`.
  package mutating func write(_ region: ByteRegion) throws(CheckpointError) {
    // The closure of `withBytes` can't capture `inout self`, so the span is passed piece by piece.
    let piece = 1 << 20
    var offset = 0
    while offset < region.count {
      let part = try region.slice(at: offset, length: min(piece, region.count - offset))
      try write(part.bytes())
      offset += part.count
    }
  }
}

/// Keeps what is written in memory.
package struct MemorySink: ByteSink, ~Copyable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write(_ span: RawSpan) throws(CheckpointError) {
    unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }
}
