package import RecurTensors

/// A filter pipeline message (specification IV.A.2.l): the filters applied to every chunk, in
/// order.
///
/// The reader undoes deflate, shuffle and fletcher32. It refuses every other filter by its name,
/// and never looks for a plugin.
struct HDF5Filters: Sendable {
  private enum Filter: Sendable {
    case deflate
    case shuffle(elementSize: Int)
    case fletcher32
  }

  private var filters: [Filter] = []

  init(_ message: ByteRegion, elementSize: Int) throws(CheckpointError) {
    let version = try message.byte(at: 0)
    guard version == 1 || version == 2 else {
      throw CheckpointError(
        .hdf5StructureInvalid, "a filter pipeline of version \(version) is unknown",
        at: message.location)
    }
    var position = version == 1 ? 8 : 2
    for _ in 0..<(try message.byte(at: 1)) {
      let id = try message.integer(UInt16.self, at: position)
      // In version 2, the filters of libhdf5 itself have no name field.
      let hasName = version == 1 || id >= 256
      let nameLength = hasName ? Int(try message.integer(UInt16.self, at: position + 2)) : 0
      let values = position + (hasName ? 8 : 6)
      let valueCount = Int(try message.integer(UInt16.self, at: values - 2))
      switch id {
      case 1: filters.append(.deflate)
      case 2: filters.append(.shuffle(elementSize: elementSize))
      case 3: filters.append(.fletcher32)
      default: throw Self.unsupported(id, message)
      }
      let padding = version == 1 ? (valueCount % 2) * 4 : 0
      position =
        values + (version == 1 ? (nameLength + 7) / 8 * 8 : nameLength) + 4 * valueCount + padding
    }
  }

  /// The `count` bytes of the chunk whose stored bytes are `stored`; a set bit of `mask` skips a
  /// filter.
  ///
  /// - Throws: `hdf5.chunk.invalid` when `stored` does not decode to `count` bytes.
  func undo(
    _ stored: ByteRegion, count: Int, mask: UInt32
  ) throws(CheckpointError) -> [UInt8] {
    let applied = filters.enumerated().filter { mask >> UInt32($0.offset) & 1 == 0 }
      .map(\.element)
    var bytes = stored
    for (index, filter) in applied.enumerated().reversed() {
      switch filter {
      case .deflate:
        let checksums = applied[..<index].filter {
          if case .fletcher32 = $0 { true } else { false }
        }
        bytes = try inflated(bytes, count: count + 4 * checksums.count, wrapper: .zlib)
      case .shuffle(let elementSize):
        bytes = Self.region(Self.unshuffled(bytes.bytes(), elementSize))
      case .fletcher32: bytes = try Self.checked(bytes, stored)
      }
    }
    guard bytes.count == count else {
      throw CheckpointError(
        .hdf5ChunkInvalid, "a chunk does not hold what its dataset promises", at: stored.location,
        expected: "\(count) bytes", found: "\(bytes.count) bytes", hint: Hint.damaged)
    }
    return bytes.bytes()
  }

  private static func region(_ bytes: [UInt8]) -> ByteRegion {
    ByteRegion(ByteStorage(copying: bytes))
  }

  /// Undoes shuffle: bytes ordered by significance are ordered by element again; an incomplete last
  /// element stays at the end.
  private static func unshuffled(_ bytes: [UInt8], _ size: Int) -> [UInt8] {
    let count = bytes.count / size
    guard size > 1, count > 1 else { return bytes }
    var result = bytes
    for place in 0..<size {
      for element in 0..<count { result[element * size + place] = bytes[place * count + element] }
    }
    return result
  }

  /// The bytes without the checksum at their end, which is Fletcher's over big-endian 16-bit words
  /// (H5checksum.c, `H5_checksum_fletcher32`).
  private static func checked(
    _ bytes: ByteRegion, _ stored: ByteRegion
  ) throws(CheckpointError) -> ByteRegion {
    let content = try bytes.slice(at: 0, length: max(bytes.count - 4, 0))
    let promised = try bytes.integer(UInt32.self, at: content.count)
    var sums: (UInt32, UInt32) = (0, 0)
    let words = content.bytes()
    for index in stride(from: 0, to: words.count, by: 2) {
      let low = index + 1 < words.count ? UInt32(words[index + 1]) : 0
      sums.0 = (sums.0 + UInt32(words[index]) << 8 + low) % 65_535
      sums.1 = (sums.1 + sums.0) % 65_535
    }
    // Zero and 65 535 are the same number in this arithmetic.
    func reduced(_ value: UInt32) -> (UInt32, UInt32) {
      ((value & 0xFFFF) % 65_535, (value >> 16) % 65_535)
    }
    guard reduced(promised) == sums else {
      throw CheckpointError(
        .hdf5ChunkInvalid, "a chunk does not have the checksum stored with it",
        at: stored.location, hint: Hint.damaged)
    }
    return content
  }

  private static func unsupported(_ id: UInt16, _ message: ByteRegion) -> CheckpointError {
    let names: [UInt16: String] = [
      4: "szip", 5: "nbit", 6: "scaleoffset", 307: "bzip2", 32_000: "lzf", 32_001: "blosc",
      32_004: "lz4", 32_015: "zstd",
    ]
    return CheckpointError(
      .hdf5FilterUnsupported,
      "the data is packed with filter \(id)\(names[id].map { " (\($0))" } ?? ""), which is not read",
      at: message.location,
      hint: "rewrite the file with 'h5repack -f GZIP=4 in.h5 out.h5'")
  }
}

extension Diagnostic.Code {
  package static let hdf5FilterUnsupported = Self(rawValue: "hdf5.filter.unsupported")
  package static let hdf5ChunkInvalid = Self(rawValue: "hdf5.chunk.invalid")
}
