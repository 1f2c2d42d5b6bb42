// Swift's Float16 is missing on some platforms this package builds for; Swift has no bfloat16.

/// The value of an IEEE 754 binary16 bit pattern; a NaN payload moves to the upper bits.
package func float(fromHalf bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10) & 0x1F
  let fraction = UInt32(bits & 0x3FF)
  switch exponent {
  case 0:
    let magnitude = Float(fraction) * 0x1p-24
    return sign == 0 ? magnitude : -magnitude
  case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}

/// The binary16 nearest to `value`, ties to even; infinity from 65 520 on.
package func half(from value: Double) -> UInt16 {
  let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
  guard !value.isNaN else { return sign | 0x7E00 }
  let magnitude = value.magnitude
  guard magnitude < 65520 else { return sign | 0x7C00 }
  guard magnitude >= 0x1p-14 else {
    // Subnormal. A fraction that rounds up to 1024 · 2⁻²⁴ becomes the smallest normal number.
    return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
  }
  let exponent = magnitude.exponent
  let scaled = (magnitude.significand * 1024).rounded(.toNearestOrEven)
  return sign | (UInt16(exponent + 14) << 10) + UInt16(scaled)
}

/// The value of a bfloat16 bit pattern.
package func float(fromBFloat bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

/// The bfloat16 nearest to `value`, ties to even.
///
/// Rounding to binary32 and then to bfloat16 would round twice. The code corrects the cases in
/// which the two roundings give another result than one rounding.
package func bfloat(from value: Double) -> UInt16 {
  let single = Float(value)
  guard single.isFinite else { return UInt16(single.bitPattern >> 16) | (single.isNaN ? 0x40 : 0) }
  var bits = single.bitPattern
  if bits & 0xFFFF == 0x8000, Double(single) != value {
    // A tie that exists only because of the first rounding: undo that rounding.
    let wasRoundedUp = Double(single).magnitude > value.magnitude
    bits = wasRoundedUp ? bits - 1 : bits + 1
  }
  let roundUp = (bits & 0xFFFF) > 0x8000 || (bits & 0x1_FFFF) == 0x1_8000
  return UInt16(truncatingIfNeeded: (bits >> 16) + (roundUp ? 1 : 0))
}
