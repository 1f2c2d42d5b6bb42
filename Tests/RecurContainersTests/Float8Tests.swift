import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Floating-point numbers of 8 bits are torch's")
struct Float8Tests {
  static let types: [ElementType] = [
    .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU,
  ]

  private func array(_ name: String) throws -> Tensor {
    let archive = try NPZArchive(TestData.region(TestData.bytes("numbers/float8.npz")))
    return try #require(try archive.tensor(name))
  }

  @Test("every code stands for torch's number", arguments: types)
  func values(type: ElementType) throws {
    let expected = try array("\(type)_values").doubles()
    let codes = ByteRegion(ByteStorage(copying: Array(0...255)))
    let values = try Tensor(codes, type, shape: [256]).doubles()
    for (code, (value, other)) in zip(values, expected).enumerated() {
      let isSame = value == other && value.sign == other.sign || value.isNaN && other.isNaN
      #expect(isSame, "code \(code): \(value), torch \(other)")
    }
    #expect(try Tensor(codes, type, shape: [256]).floats()[1] == Float(values[1]))
  }

  @Test("numbers are rounded to torch's codes", arguments: types)
  func codes(type: ElementType) throws {
    let format = try #require(type.float8)
    let inputs = try array("inputs").doubles()
    let expected = try array("\(type)_codes").doubles()
    #expect(inputs.count > 4_000)
    for (input, code) in zip(inputs, expected) {
      #expect(format.code(of: input) == UInt8(code), "\(input)")
    }
  }

  @Test("every number is its own nearest one", arguments: types)
  func roundTrip(type: ElementType) throws {
    let format = try #require(type.float8)
    for code in UInt8.min...UInt8.max {
      let value = format.value(of: code)
      guard !value.isNaN else { continue }
      // Infinity is torch's largest number in E4M3FN only, which has no code for it.
      #expect(format.code(of: value) == code)
      #expect(type.rounded(value) == value)
    }
  }

  @Test("a number between two of binary32 is rounded once")
  func roundsOnce() {
    // Rounding to binary32 first would give the midpoint and then the even number below.
    #expect(Float8Format.e4m3fn.code(of: 1.0625 + 0x1p-40) == 0x39)
    #expect(Float8Format.e4m3fn.code(of: 1.0625) == 0x38)
    #expect(Float8Format.e5m2.code(of: .leastNonzeroMagnitude) == 0)
  }
}
