package import RecurContainers
package import RecurTensors

/// Counts the bytes that are written, and refuses a piece larger than memory may hold at a time.
package struct CountingSink: ByteSink {
  /// The number of bytes written.
  package private(set) var count = 0
  private let largest: Int

  /// Takes pieces of at most `largest` bytes.
  package init(largest: Int) { self.largest = largest }

  package mutating func write(_ bytes: RawSpan) throws(CheckpointError) {
    guard bytes.byteCount <= largest else {
      throw CheckpointError(.fileUnwritable, "\(bytes.byteCount) bytes in one piece")
    }
    count += bytes.byteCount
  }

  package mutating func replace(at offset: Int, with bytes: RawSpan) throws(CheckpointError) {
    guard offset >= 0, offset + bytes.byteCount <= count else {
      throw CheckpointError(.fileUnwritable, "nothing was written at \(offset) yet")
    }
  }
}

extension ByteSource {
  /// The whole content in memory, as the region of a file.
  package func region() throws -> ByteRegion {
    var sink = MemorySink()
    try write(to: &sink)
    return TestData.region(sink.bytes)
  }
}

extension NPYFile {
  /// A NumPy array file with `tensor`.
  package static func bytes(of tensor: Tensor) throws -> [UInt8] {
    try source(of: tensor).region().bytes()
  }
}

/// A sink that keeps the written bytes in memory.
package struct MemorySink: ByteSink, ~Copyable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write(_ span: RawSpan) throws(CheckpointError) {
    unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  package mutating func replace(at offset: Int, with span: RawSpan) throws(CheckpointError) {
    unsafe span.withUnsafeBytes { new in
      unsafe bytes.replaceSubrange(offset..<offset + new.count, with: new)
    }
  }
}
