/// A floating-point format of 8 bits (OCP "8-bit Floating Point Specification" 1.0; the forms without
/// a negative zero are those of arXiv 2206.02915; E8M0 is OCP "Microscaling Formats" 1.0, 5.4.1).
package struct Float8Format: Sendable {
  /// How many bits hold the fraction.
  private let fractionBits: Int
  /// What is added to the exponent.
  private let bias: Int
  /// The code of the largest finite magnitude.
  private let largest: UInt8
  /// What a magnitude that is too large becomes, without its sign: infinity, NaN or `largest`.
  private let overflow: UInt8
  /// The code that NaN becomes.
  private let notANumber: UInt8
  /// Whether there is a code for −0, and NaN has a sign.
  private let hasNegativeZero: Bool

  package static let e4m3fn = Self(
    fractionBits: 3, bias: 7, largest: 0x7E, overflow: 0x7E, notANumber: 0x7F,
    hasNegativeZero: true)
  package static let e5m2 = Self(
    fractionBits: 2, bias: 15, largest: 0x7B, overflow: 0x7C, notANumber: 0x7F,
    hasNegativeZero: true)
  package static let e4m3fnuz = Self(
    fractionBits: 3, bias: 8, largest: 0x7F, overflow: 0x80, notANumber: 0x80,
    hasNegativeZero: false)
  package static let e5m2fnuz = Self(
    fractionBits: 2, bias: 16, largest: 0x7F, overflow: 0x80, notANumber: 0x80,
    hasNegativeZero: false)
  /// Has neither sign nor zero nor fraction.
  package static let e8m0fnu = Self(
    fractionBits: 0, bias: 127, largest: 0xFE, overflow: 0xFF, notANumber: 0xFF,
    hasNegativeZero: false)

  private var isPowerOfTwo: Bool { fractionBits == 0 }

  /// The number that a code stands for, exactly.
  package func value(of code: UInt8) -> Double {
    if isPowerOfTwo {
      return code == notANumber
        ? .nan : Double(sign: .plus, exponent: Int(code) - bias, significand: 1)
    }
    let magnitude = code & 0x7F
    if hasNegativeZero, magnitude > largest {
      guard magnitude == overflow, overflow > largest else { return .nan }
      return code & 0x80 == 0 ? .infinity : -.infinity
    }
    if !hasNegativeZero, code == notANumber { return .nan }
    let exponent = Int(magnitude) >> fractionBits
    let fraction = Int(magnitude) & (1 << fractionBits - 1)
    let significand = exponent == 0 ? fraction : fraction + 1 << fractionBits
    let size = Double(
      sign: .plus, exponent: max(exponent, 1) - bias - fractionBits,
      significand: Double(significand))
    return code & 0x80 == 0 ? size : -size
  }

  /// The code of the number nearest to `value`, ties to even.
  ///
  /// What is too large becomes the largest number in E4M3FN, infinity in E5M2, NaN in the others
  /// (torch 2.13, `Tensor.to`). E8M0 drops the sign and rounds what lies halfway upwards.
  package func code(of value: Double) -> UInt8 {
    if isPowerOfTwo { return power(of: value) }
    let sign: UInt8 = value.sign == .minus ? 0x80 : 0
    guard !value.isNaN else { return hasNegativeZero ? sign | notANumber : notANumber }
    let magnitude = value.magnitude
    // Beyond any of these formats; also keeps the integer below in range.
    guard magnitude < 0x1p20 else { return overflowCode(sign) }
    let lowest = 1 - bias
    let exponent = magnitude == 0 ? lowest : max(Int(magnitude.exponent), lowest)
    // A power of two times a binary64 is exact unless it is subnormal, and then it rounds to zero.
    let steps = Double(sign: .plus, exponent: fractionBits - exponent, significand: magnitude)
      .rounded(.toNearestOrEven)
    // A significand that rounds up to the next power of two carries into the exponent by itself.
    let code = (exponent - lowest) << fractionBits + Int(steps)
    guard code <= Int(largest) else { return overflowCode(sign) }
    if !hasNegativeZero, code == 0 { return 0 }
    return sign | UInt8(code)
  }

  /// `value` rounded to this format and back.
  package func rounded(_ value: Double) -> Double { self.value(of: code(of: value)) }

  private func overflowCode(_ sign: UInt8) -> UInt8 {
    hasNegativeZero ? sign | overflow : overflow
  }

  private func power(of value: Double) -> UInt8 {
    let magnitude = value.magnitude
    guard magnitude.isFinite else { return notANumber }
    guard magnitude >= 0x1p-127 else { return 0 }
    let code = Int(magnitude.exponent) + bias + (magnitude.significand >= 1.5 ? 1 : 0)
    return code > Int(largest) ? overflow : UInt8(code)
  }
}
