import RecurTensors

/// Texts in a data file: their lengths, a checksum of the lengths, their bytes
/// (tensorflow/core/util/tensor_bundle/tensor_bundle.cc, `WriteStringTensor`).
enum TensorBundleTexts {
  /// The texts of a tensor.
  ///
  /// - Throws: `bundle.invalid`, `bundle.checksum`.
  static func read(
    _ bytes: ByteRegion, _ entry: TensorBundleEntry, at file: String
  ) throws(CheckpointError) -> [ByteRegion] {
    let place = bytes.location.inside(.init(file: file, object: entry.name))
    let count = Tensor.byteCount(of: entry.shape, .uint8)
    // Each text has at least a byte for its length.
    guard let count, count <= bytes.count else {
      throw CheckpointError(
        .bundleInvalid,
        "'\(entry.name)' has \(bytes.count) bytes, too few for \(shapeText(entry.shape)) texts",
        at: place)
    }
    var checksum = CRC32C()
    var position = 0
    var lengths: [Int] = []
    for _ in 0..<count {
      guard let number = ProtobufReader.varint(bytes, &position), let length = Int(exactly: number)
      else {
        throw CheckpointError(
          .bundleInvalid, "the lengths of the texts of '\(entry.name)' are none", at: place)
      }
      lengths.append(length)
      let width = number <= UInt64(UInt32.max) ? 4 : 8
      checksum.update((0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) })
    }
    guard bytes.count > 0 || count > 0 else { return [] }
    let own = try bytes.integer(UInt32.self, at: position)
    let isSound = own == checksum.masked
    checksum.update(try bytes.suffix(from: position))
    guard isSound, checksum.masked == entry.checksum else {
      throw CheckpointError(
        .bundleChecksum, "the checksum of '\(entry.name)' is wrong", at: place,
        reason: "the file was damaged after it was written, or belongs to another index",
        hint: "fetch it again")
    }
    position += 4
    var texts: [ByteRegion] = []
    for length in lengths {
      texts.append(try bytes.slice(at: position, length: length))
      position += length
    }
    guard position == bytes.count else {
      throw CheckpointError(
        .bundleInvalid, "'\(entry.name)' has \(bytes.count - position) bytes behind its texts",
        at: place)
    }
    return texts
  }
}
