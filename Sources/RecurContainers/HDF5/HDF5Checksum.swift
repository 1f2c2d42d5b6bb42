/// The checksum of all structures that HDF5 introduced together with version 2 object headers: Bob
/// Jenkins' lookup3, `hashlittle` with initial value 0 (H5checksum.c, `H5_checksum_lookup3`).
package enum HDF5Checksum {
  package static func lookup3(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    let seed = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
    guard !bytes.isEmpty else { return seed }
    var state = State(a: seed, b: seed, c: seed)
    var position = bytes.startIndex
    while bytes.endIndex - position > 12 {
      state.add(bytes[position..<position + 12])
      state.mix()
      position += 12
    }
    state.add(bytes[position...])
    state.finish()
    return state.c
  }

  private struct State {
    var a: UInt32
    var b: UInt32
    var c: UInt32

    /// Adds up to twelve bytes as three little-endian words; missing bytes are zero.
    mutating func add(_ part: ArraySlice<UInt8>) {
      var words: (UInt32, UInt32, UInt32) = (0, 0, 0)
      for (index, byte) in part.enumerated() {
        let digit = UInt32(byte) << (8 * UInt32(index & 3))
        switch index >> 2 {
        case 0: words.0 |= digit
        case 1: words.1 |= digit
        default: words.2 |= digit
        }
      }
      a &+= words.0
      b &+= words.1
      c &+= words.2
    }

    mutating func mix() {
      turn(4)
      turn(6)
      turn(8)
      turn(16)
      turn(19)
      turn(4)
    }

    /// One line of `mix`: `a -= c; a ^= rot(c, shift); c += b`, then the words change roles.
    private mutating func turn(_ shift: UInt32) {
      a = (a &- c) ^ Self.rotated(c, shift)
      c &+= b
      (a, b, c) = (b, c, a)
    }

    mutating func finish() {
      for (first, second, third) in [(14, 11, 25), (16, 4, 14)] as [(UInt32, UInt32, UInt32)] {
        c = (c ^ b) &- Self.rotated(b, first)
        a = (a ^ c) &- Self.rotated(c, second)
        b = (b ^ a) &- Self.rotated(a, third)
      }
      c = (c ^ b) &- Self.rotated(b, 24)
    }

    private static func rotated(_ value: UInt32, _ shift: UInt32) -> UInt32 {
      value << shift | value >> (32 - shift)
    }
  }
}
