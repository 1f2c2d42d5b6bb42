extension Tensor: ByteSource {
  /// Writes every element in row-major order, bit for bit as it is stored.
  ///
  /// - Throws: `file.unwritable` when `sink` can't store the bytes.
  package func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    var blocks = TensorBlocks(self)
    while blocks.advance() { try blocks.block.write(to: &sink) }
  }

  /// Whether both views hold the same elements, bit for bit.
  package func isBitEqual(to other: Tensor) -> Bool {
    var screen = NotFiniteScreen()
    return isBitEqual(to: other, screen: &screen)
  }

  /// Whether both views hold the same elements, bit for bit; `screen` examines the elements
  /// compared.
  package func isBitEqual(to other: Tensor, screen: inout NotFiniteScreen) -> Bool {
    guard elementType == other.elementType, shape == other.shape else { return false }
    let (scattered, straight) = other.isContiguous ? (self, other) : (other, self)
    var gathered = TensorBlocks(scattered)
    guard straight.isContiguous, let bytes = try? straight.rowMajorBytes() else {
      var others = TensorBlocks(straight)
      while gathered.advance(), others.advance() {
        guard gathered.block.isEqual(to: others.block, at: 0) else { return false }
        gathered.block.withBytes { screen.look(at: $0, elementType) }
      }
      return true
    }
    // A view in storage order is read in place, through a block that fits a core's own cache.
    var piece = ByteBlock(capacity: min(ByteBlock.copyingByteCount, byteCount))
    var offset = 0
    while gathered.advance() {
      var done = 0
      while done < gathered.block.count {
        piece.fill(from: bytes, at: offset + done, atMost: gathered.block.count - done)
        guard gathered.block.isEqual(to: piece, at: done) else { return false }
        piece.withBytes { screen.look(at: $0, elementType) }
        done += piece.count
      }
      offset += done
    }
    return true
  }

  /// The bytes of every element in row-major order, in memory that is cheap to read: a view when
  /// the bytes are in that order already and belong to no file, else a copy.
  func settledBytes() -> ByteRegion {
    let size = byteCount
    let first = start * elementType.byteCount
    if isContiguous, !bytes.storage.isFile || size < ByteStorage.fewestBytesToRead,
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
