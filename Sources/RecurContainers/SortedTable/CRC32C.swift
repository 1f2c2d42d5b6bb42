package import RecurTensors

/// CRC-32C (Castagnoli), the checksum of tables and of the tensors beside them
/// (RFC 3720, appendix B.4; leveldb/util/crc32c.h).
package struct CRC32C {
  /// Eight tables of 256 entries: table k is for a byte that k bytes follow.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
      tables[byte] = value
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
    }
    return tables
  }()

  private var state: UInt32 = .max

  /// The checksum of no bytes.
  package init() {}

  /// The checksum of all bytes so far.
  package var value: UInt32 { ~state }

  /// The checksum in the form that is stored, so that a checksum of checksums is none of zeros
  /// (leveldb/util/crc32c.h, `Mask`).
  package var masked: UInt32 { (value >> 15 | value << 17) &+ 0xA282_EAD8 }

  /// Adds a few bytes.
  package mutating func update(_ bytes: [UInt8]) {
    for byte in bytes { add(byte) }
  }

  /// Adds the bytes of a region.
  package mutating func update(_ region: ByteRegion) {
    region.withBytes { bytes in
      var position = 0
      while bytes.byteCount - position >= 8 {
        // `position` leaves eight bytes.
        let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
        add(UInt64(littleEndian: word))
        position += 8
      }
      while position < bytes.byteCount {
        add(unsafe bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self))
        position += 1
      }
    }
  }

  private mutating func add(_ byte: UInt8) {
    state = state >> 8 ^ Self.tables[Int(UInt8(truncatingIfNeeded: state) ^ byte)]
  }

  private mutating func add(_ word: UInt64) {
    var rest = word ^ UInt64(state)
    var sum: UInt32 = 0
    for table in (0..<8).reversed() {
      sum ^= Self.tables[table * 256 + Int(rest & 0xFF)]
      rest >>= 8
    }
    state = sum
  }
}
