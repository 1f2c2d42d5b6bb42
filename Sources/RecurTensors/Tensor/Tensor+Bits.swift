extension Tensor: ByteSource {
  /// Writes every element in row-major order, bit for bit as it is stored.
  ///
  /// - Throws: `file.unwritable` when `sink` can't take them.
  package func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    var blocks = TensorBlocks(self)
    while blocks.advance() { try blocks.block.write(to: &sink) }
  }

  /// Whether both views hold the same elements, bit for bit.
  package func isBitEqual(to other: Tensor) -> Bool {
    guard elementType == other.elementType, shape == other.shape else { return false }
    let limit =
      isContiguous && other.isContiguous
      ? TensorBlocks.contiguousByteCount : TensorBlocks.stridedByteCount
    var own = TensorBlocks(self, limit: limit)
    var others = TensorBlocks(other, limit: limit)
    while own.advance(), others.advance() {
      guard own.block.isEqual(to: others.block) else { return false }
    }
    return true
  }

  /// The bytes of every element in row-major order, in memory that is cheap to look at: a view when
  /// they already stand so and belong to no file, else a copy.
  func settledBytes() -> ByteRegion {
    let size = byteCount
    let first = start * elementType.byteCount
    if isContiguous, !bytes.storage.isMapped || size < ByteStorage.fewestBytesToRead,
      let view = try? bytes.slice(at: count == 0 ? 0 : first, length: size)
    {
      return view
    }
    return ByteRegion(
      unsafe ByteStorage(count: size) { target in
        if let start = target.baseAddress { unsafe gather(to: start) }
      })
  }
}
