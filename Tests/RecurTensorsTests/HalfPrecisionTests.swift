import RecurTensors
import Testing

@Suite("Half precision")
struct HalfPrecisionTests {
  /// Every finite pattern of a 16-bit float without its sign, smallest first.
  private static let positiveHalves: Range<UInt16> = 0..<0x7C00
  private static let positiveBFloats: Range<UInt16> = 0..<0x7F80

  @Test("every binary16 pattern has the value that IEEE 754 gives it")
  func halfValues() {
    var wrong: [UInt16] = []
    for bits in UInt16.min...UInt16.max {
      let value = Double(float(fromHalf: bits))
      let exponent = Int(bits >> 10) & 0x1F
      let fraction = Double(bits & 0x3FF)
      var expected: Double
      switch exponent {
      case 0: expected = fraction * 0x1p-24
      case 31: expected = fraction == 0 ? .infinity : .nan
      default:
        expected = Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
      }
      if bits & 0x8000 != 0 { expected = -expected }
      let isRight = expected.isNaN ? value.isNaN : value == expected && value.sign == expected.sign
      if !isRight { wrong.append(bits) }
    }
    #expect(wrong == [])
  }

  @Test("every binary16 pattern survives the way to a float and back; NaN stays NaN")
  func halfRoundTrip() {
    var wrong: [UInt16] = []
    for bits in UInt16.min...UInt16.max {
      let value = float(fromHalf: bits)
      let back = half(from: Double(value))
      let isRight = value.isNaN ? back & 0x7FFF > 0x7C00 && back >> 15 == bits >> 15 : back == bits
      if !isRight { wrong.append(bits) }
    }
    #expect(wrong == [])
  }

  @Test("between any two binary16 neighbours, ties go to the even one")
  func halfTies() {
    let wrong = wrongNeighbours(Self.positiveHalves.dropLast()) {
      half(from: $0)
    } value: {
      float(fromHalf: $0)
    }
    #expect(wrong == [])
  }

  @Test("binary16 overflows at 65520 and not before", arguments: [1.0, -1.0])
  func halfOverflow(sign: Double) {
    let top: UInt16 = sign < 0 ? 0x8000 : 0
    #expect(half(from: sign * 65504) == top | 0x7BFF)
    #expect(half(from: sign * 65520.nextDown) == top | 0x7BFF)
    #expect(half(from: sign * 65520) == top | 0x7C00)
    #expect(half(from: sign * .greatestFiniteMagnitude) == top | 0x7C00)
    #expect(half(from: sign * .infinity) == top | 0x7C00)
  }

  @Test("binary16 keeps subnormals, carries into the smallest normal and keeps the zero's sign")
  func halfSubnormals() {
    #expect(half(from: 0x1p-24) == 1)
    #expect(half(from: 0x1p-25) == 0)
    #expect(half(from: 0x1p-25.nextUp) == 1)
    #expect(half(from: 0x1.8p-24) == 2)
    #expect(half(from: 0x1p-14.nextDown) == 0x400)
    #expect(half(from: 0x1p-14) == 0x400)
    #expect(half(from: -0.0) == 0x8000)
    #expect(half(from: -Double.leastNonzeroMagnitude) == 0x8000)
  }

  @Test("every bfloat16 pattern is the upper half of its binary32")
  func bfloatValues() {
    let wrong = (UInt16.min...UInt16.max).filter {
      float(fromBFloat: $0).bitPattern != UInt32($0) << 16
    }
    #expect(wrong == [])
  }

  @Test("every bfloat16 pattern survives the way to a float and back; NaN stays NaN")
  func bfloatRoundTrip() {
    var wrong: [UInt16] = []
    for bits in UInt16.min...UInt16.max {
      let value = float(fromBFloat: bits)
      let back = bfloat(from: Double(value))
      let isRight = value.isNaN ? float(fromBFloat: back).isNaN : back == bits
      if !isRight { wrong.append(bits) }
    }
    #expect(wrong == [])
  }

  @Test(
    "between any two bfloat16 neighbours, ties go to the even one and a double's last bit counts")
  func bfloatTies() {
    let wrong = wrongNeighbours(Self.positiveBFloats.dropLast()) {
      bfloat(from: $0)
    } value: {
      float(fromBFloat: $0)
    }
    #expect(wrong == [])
  }

  @Test("a double just beside a tie is not rounded twice", arguments: [1.0, -1.0])
  func bfloatStickyBit(sign: Double) {
    let top: UInt16 = sign < 0 ? 0x8000 : 0
    // 1 + 2⁻⁸ lies between 0x3F80 and 0x3F81; binary32 can't hold the 2⁻⁴⁰ beside it.
    #expect(bfloat(from: sign * (1 + 0x1p-8)) == top | 0x3F80)
    #expect(bfloat(from: sign * (1 + 0x1p-8 + 0x1p-40)) == top | 0x3F81)
    #expect(bfloat(from: sign * (1 + 0x1p-7 + 0x1p-8)) == top | 0x3F82)
    #expect(bfloat(from: sign * (1 + 0x1p-7 + 0x1p-8 - 0x1p-40)) == top | 0x3F81)
  }

  @Test("bfloat16 overflows half a step beyond its largest number and not before")
  func bfloatOverflow() {
    let tie = 0x1.FFp127
    #expect(bfloat(from: 0x1.FEp127) == 0x7F7F)
    #expect(bfloat(from: tie.nextDown) == 0x7F7F)
    #expect(bfloat(from: tie) == 0x7F80)
    #expect(bfloat(from: -tie) == 0xFF80)
    #expect(bfloat(from: .greatestFiniteMagnitude) == 0x7F80)
  }

  @Test("a NaN whose payload sits in the lower half stays a bfloat16 NaN")
  func bfloatNaN() {
    let bits = bfloat(from: Double(Float(bitPattern: 0x7F80_0001)))
    #expect(float(fromBFloat: bits).isNaN)
  }

  /// The patterns for which the midpoint to the next one, or the doubles beside it, round wrongly.
  private func wrongNeighbours(
    _ patterns: Range<UInt16>, round: (Double) -> UInt16, value: (UInt16) -> Float
  ) -> [UInt16] {
    patterns.filter { bits in
      let middle = (Double(value(bits)) + Double(value(bits + 1))) / 2
      let even = bits % 2 == 0 ? bits : bits + 1
      return round(middle) != even || round(-middle) != even | 0x8000
        || round(middle.nextDown) != bits || round(middle.nextUp) != bits + 1
    }
  }
}
