/// The SHA-256 digest of bytes (FIPS 180-4).
package struct SHA256: Sendable {
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
  ]

  private var state: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19
  )
  private var rest: [UInt8] = []
  private var length: UInt64 = 0

  package init() {}

  /// Adds bytes behind those before.
  package mutating func add(_ bytes: [UInt8]) { add(bytes.span) }

  private mutating func add(_ bytes: Span<UInt8>) {
    length &+= UInt64(bytes.count)
    var start = 0
    if !rest.isEmpty {
      while rest.count < 64, start < bytes.count {
        rest.append(bytes[start])
        start += 1
      }
      guard rest.count == 64 else { return }
      let block = rest
      mix(block.span, at: 0)
      rest = []
    }
    while start + 64 <= bytes.count {
      mix(bytes, at: start)
      start += 64
    }
    for index in start..<bytes.count { rest.append(bytes[index]) }
  }

  /// The digest in hexadecimal digits.
  package func digest() -> String {
    var copy = self
    var tail = copy.rest + [0x80]
    while tail.count % 64 != 56 { tail.append(0) }
    let bits = length &* 8
    tail += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
    for start in stride(from: 0, to: tail.count, by: 64) { copy.mix(tail.span, at: start) }
    let s = copy.state
    return [s.0, s.1, s.2, s.3, s.4, s.5, s.6, s.7].map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 8 - text.count) + text
    }.joined()
  }

  /// Mixes in the 64 bytes of `bytes` from `start`.
  private mutating func mix(_ bytes: Span<UInt8>, at start: Int) {
    func turned(_ value: UInt32, _ count: UInt32) -> UInt32 {
      value &>> count | value &<< (32 &- count)
    }
    // The last 16 words of the message schedule.
    var words = InlineArray<16, UInt32>(repeating: 0)
    for index in 0..<16 {
      let at = start + 4 * index
      words[index] =
        UInt32(bytes[at]) &<< 24 | UInt32(bytes[at + 1]) &<< 16 | UInt32(bytes[at + 2]) &<< 8
        | UInt32(bytes[at + 3])
    }
    var (a, b, c, d, e, f, g, h) = state
    let constants = Self.constants.span
    for round in 0..<64 {
      if round >= 16 {
        let (one, two) = (words[(round &+ 1) & 15], words[(round &+ 14) & 15])
        let low = turned(one, 7) ^ turned(one, 18) ^ one &>> 3
        let high = turned(two, 17) ^ turned(two, 19) ^ two &>> 10
        words[round & 15] = words[round & 15] &+ low &+ words[(round &+ 9) & 15] &+ high
      }
      let choice = e & f ^ ~e & g
      let majority = a & b ^ a & c ^ b & c
      let first =
        h &+ (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) &+ choice &+ constants[round]
        &+ words[round & 15]
      let second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ majority
      (h, g, f, e) = (g, f, e, d &+ first)
      (d, c, b, a) = (c, b, a, first &+ second)
    }
    state = (
      state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e, state.5 &+ f,
      state.6 &+ g, state.7 &+ h
    )
  }
}
