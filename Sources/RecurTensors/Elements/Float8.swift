/// An 8-bit floating-point format (OCP "8-bit Floating Point Specification" 1.0).
///
/// The formats without a negative zero are from arXiv 2206.02915; E8M0 is from OCP "Microscaling
/// Formats" 1.0, 5.4.1.
package struct Float8Format: Sendable {
  /// The number of bits in the fraction.
  private let fractionBits: Int
  /// The exponent bias.
  private let bias: Int
  /// The code of the largest finite magnitude.
  private let largest: UInt8
  /// The code for a magnitude that is too large, without its sign: infinity, NaN or `largest`.
  private let overflow: UInt8
  /// The code for NaN.
  private let notANumber: UInt8
  /// Whether the format has a code for −0 and a sign for NaN.
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
  /// E8M0: no sign, no zero, no fraction.
  package static let e8m0fnu = Self(
    fractionBits: 0, bias: 127, largest: 0xFE, overflow: 0xFF, notANumber: 0xFF,
    hasNegativeZero: false)

  private var isPowerOfTwo: Bool { fractionBits == 0 }

  /// The exact value of `code`.
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

  /// The code of the format's number nearest to `value`, ties to even.
  ///
  /// A magnitude that is too large becomes the largest number in E4M3FN, infinity in E5M2, NaN in
  /// the other formats (torch 2.13, `Tensor.to`). E8M0 drops the sign and rounds ties upwards.
  package func code(of value: Double) -> UInt8 {
    if isPowerOfTwo { return power(of: value) }
    let sign: UInt8 = value.sign == .minus ? 0x80 : 0
    guard !value.isNaN else { return hasNegativeZero ? sign | notANumber : notANumber }
    let magnitude = value.magnitude
    // Too large for all of these formats; the guard also keeps the integer below in range.
    guard magnitude < 0x1p20 else { return overflowCode(sign) }
    let lowest = 1 - bias
    let exponent = magnitude == 0 ? lowest : max(Int(magnitude.exponent), lowest)
    // Multiplying a binary64 by a power of two is exact, unless the result is subnormal: that
    // rounds to zero.
    let steps = Double(sign: .plus, exponent: fractionBits - exponent, significand: magnitude)
      .rounded(.toNearestOrEven)
    // A significand that rounds up to 2 carries into the exponent without further code.
    let code = (exponent - lowest) << fractionBits + Int(steps)
    guard code <= Int(largest) else { return overflowCode(sign) }
    if !hasNegativeZero, code == 0 { return 0 }
    return sign | UInt8(code)
  }

  /// `value` rounded to a number of this format.
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
