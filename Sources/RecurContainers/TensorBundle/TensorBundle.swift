package import RecurTensors

/// Tensors by name in a sorted table, `x.index`, and in data files beside it, `x.data-00000-of-00001`
/// (tensorflow/core/util/tensor_bundle).
package struct TensorBundle: Sendable {
  /// Every tensor, in the order of names.
  package let entries: [TensorBundleEntry]
  /// How many data files there are.
  package let shardCount: Int
  /// The parts of tensors in several pieces, by their keys.
  private let parts: [[UInt8]: TensorBundleEntry]
  private let positions: [Name: Int]
  private let limits: DecodeLimits

  /// More data files than any checkpoint has.
  private static let mostShards = 100_000

  /// Reads the index of a checkpoint.
  ///
  /// - Throws: `bundle.invalid`, `bundle.checksum`, `protobuf.invalid`, `bytes.limit-exceeded`.
  package init(index: ByteRegion, limits: DecodeLimits) throws(CheckpointError) {
    let table = try SortedTable(index, limits: limits)
    guard let header = table.entries.first, header.key.isEmpty else {
      throw CheckpointError(
        .bundleInvalid, "the table has no header, so it is no index of a checkpoint",
        at: index.location)
    }
    shardCount = try Self.shardCount(header.value)
    var entries: [TensorBundleEntry] = []
    var (parts, positions): ([[UInt8]: TensorBundleEntry], [Name: Int]) = ([:], [:])
    for entry in table.entries.dropFirst() {
      guard entry.key.first != 0 else {
        parts[entry.key] = try TensorBundleEntry(entry.value, name: "", limits: limits)
        continue
      }
      guard let name = String(validating: entry.key, as: UTF8.self) else {
        throw CheckpointError(
          .bundleInvalid, "the name of a tensor is no text in UTF-8", at: entry.value.location,
          found: "'\(String(decoding: entry.key, as: UTF8.self))'")
      }
      positions[Name(name)] = entries.count
      entries.append(try TensorBundleEntry(entry.value, name: name, limits: limits))
    }
    self.entries = entries
    self.parts = parts
    self.positions = positions
    self.limits = limits
  }

  private static func shardCount(_ header: ByteRegion) throws(CheckpointError) -> Int {
    var (count, reader) = (0, ProtobufReader(header))
    while let field = try reader.next() {
      switch field.number {
      case 1: count = try field.integer()
      case 2:
        guard try field.integer() == 0 else {
          throw CheckpointError(
            .bundleInvalid, "the numbers of the checkpoint are big-endian, which is not read",
            at: field.location, expected: "little-endian")
        }
      default: continue
      }
    }
    guard 1...mostShards ~= count else {
      throw CheckpointError(
        .bundleInvalid, "the checkpoint is said to have \(count) data files", at: header.location,
        expected: "1 to \(mostShards)")
    }
    return count
  }

  /// The tensor of exactly this name, or nil.
  package subscript(name: String) -> TensorBundleEntry? {
    positions[Name(name)].map { entries[$0] }
  }

  /// The numbers of a tensor, checked; a tensor in several pieces is put together in memory.
  ///
  /// - Throws: `bundle.invalid`, `bundle.checksum`, and what opening data files throws.
  package func tensor(
    _ entry: TensorBundleEntry, _ files: TensorBundleFiles
  ) throws(CheckpointError) -> Tensor {
    guard let type = entry.elementType else {
      throw CheckpointError(
        .bundleInvalid,
        "the elements of '\(entry.name)' are of the type \(entry.typeName), no numbers",
        at: entry.location)
    }
    guard let needed = Tensor.byteCount(of: entry.shape, type) else {
      throw CheckpointError(
        .bundleInvalid, "the shape \(shapeText(entry.shape)) of '\(entry.name)' is impossible",
        at: entry.location)
    }
    guard entry.slices.isEmpty else {
      let bytes = try TensorBundleSlices(entry, type).joined { key throws(CheckpointError) in
        guard let part = parts[key] else { return nil }
        return (part.shape, try checked(part, named: entry.name, files))
      }
      return try Tensor(bytes, type, shape: entry.shape, at: .init(object: entry.name))
    }
    guard entry.byteCount == needed else {
      throw CheckpointError(
        .bundleInvalid,
        "'\(entry.name)' has \(entry.byteCount) bytes, and \(shapeText(entry.shape)) of \(type) needs "
          + "\(needed)", at: entry.location, expected: "\(needed) bytes",
        found: "\(entry.byteCount) bytes")
    }
    let bytes = try checked(entry, named: entry.name, files)
    return try Tensor(
      bytes, type, shape: entry.shape,
      at: bytes.location.inside(.init(file: files.path(entry.shard), object: entry.name)))
  }

  /// The bytes of a tensor or of a part of one in its data file, with their checksum checked.
  private func checked(
    _ entry: TensorBundleEntry, named name: String, _ files: TensorBundleFiles
  ) throws(CheckpointError) -> ByteRegion {
    let bytes = try files.region(entry, named: name, of: shardCount)
    guard limits.checksArrays else { return bytes }
    var checksum = CRC32C()
    checksum.update(bytes)
    guard checksum.masked == entry.checksum else {
      throw CheckpointError(
        .bundleChecksum, "the checksum of '\(name)' is wrong",
        at: bytes.location.inside(.init(file: files.path(entry.shard), object: name)),
        reason: "the file was damaged after it was written, or belongs to another index",
        hint: "fetch it again")
    }
    return bytes
  }

  /// The texts of a tensor of texts, in order.
  ///
  /// - Throws: as ``tensor(_:_:)``.
  package func texts(
    _ entry: TensorBundleEntry, _ files: TensorBundleFiles
  ) throws(CheckpointError) -> [ByteRegion] {
    let bytes = try files.region(entry, named: entry.name, of: shardCount)
    return try TensorBundleTexts.read(bytes, entry, at: files.path(entry.shard))
  }
}
