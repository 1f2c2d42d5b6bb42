import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

/// The forms of the specification, byte by byte, and what damage does to them.
@Suite("MessagePack is read as the specification says")
struct MessagePackReaderTests {
  private func read(
    _ bytes: [UInt8], limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> MessagePackValue {
    try MessagePackReader.read(TestData.region(bytes), limits: limits)
  }

  @Test("whole numbers of all widths, with signs and without")
  func integers() throws {
    let cases: [([UInt8], Int)] = [
      ([0x00], 0), ([0x7F], 127), ([0xE0], -32), ([0xFF], -1), ([0xCC, 0xFF], 255),
      ([0xCD, 0x01, 0x02], 258), ([0xCE, 0xFF, 0xFF, 0xFF, 0xFF], 4_294_967_295),
      ([0xD0, 0x80], -128), ([0xD1, 0xFF, 0x7F], -129),
      ([0xD2, 0x80, 0, 0, 0], -2_147_483_648),
      ([0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0], Int.min),
      ([0xCF, 0x7F] + [UInt8](repeating: 255, count: 7), Int.max),
    ]
    for (bytes, number) in cases { #expect(try read(bytes).integer == number, "\(bytes)") }
    guard case .unsigned(let large) = try read([0xCF] + [UInt8](repeating: 255, count: 8)) else {
      Issue.record("a number above 2⁶³ − 1 is none")
      return
    }
    #expect(large == .max)
  }

  @Test("numbers with fractions, texts, bytes, and extensions of all lengths")
  func others() throws {
    guard case .float(let single) = try read([0xCA, 0x3F, 0x80, 0, 0]),
      case .float(let double) = try read([0xCB, 0xBF, 0xE0, 0, 0, 0, 0, 0, 0])
    else {
      Issue.record("no numbers")
      return
    }
    #expect(single == 1 && double == -0.5)
    #expect(try read([0xA2, 0x68, 0x69]).string == "hi")
    #expect(try read([0xD9, 0x02, 0x68, 0x69]).string == "hi")
    #expect(try read([0xDA, 0, 0x02, 0x68, 0x69]).string == "hi")
    #expect(try read([0xDB, 0, 0, 0, 0x02, 0x68, 0x69]).string == "hi")
    for head: [UInt8] in [[0xC4, 2], [0xC5, 0, 2], [0xC6, 0, 0, 0, 2]] {
      guard case .binary(let bytes) = try read(head + [7, 8]) else {
        Issue.record("no bytes")
        return
      }
      #expect(bytes.bytes() == [7, 8])
    }
    for head: [UInt8] in [
      [0xD5, 0xFE], [0xC7, 2, 0xFE], [0xC8, 0, 2, 0xFE], [0xC9, 0, 0, 0, 2, 0xFE],
    ] {
      guard case .extended(let type, let bytes) = try read(head + [7, 8]) else {
        Issue.record("no extension")
        return
      }
      #expect(type == -2 && bytes.bytes() == [7, 8])
    }
  }

  @Test("arrays and maps; whole numbers are keys too")
  func collections() throws {
    #expect(try read([0x92, 1, 2]).array?.compactMap(\.integer) == [1, 2])
    #expect(try read([0xDC, 0, 1, 5]).array?.count == 1)
    let map = try read([0x82, 0xA1, 0x61, 0xC3, 0x05, 0xC0])
    #expect(map.entries?.map(\.key) == ["a", "5"])
    guard case .bool(true) = map["a"], case .null = map["5"] else {
      Issue.record("other values")
      return
    }
  }

  @Test(
    "damage is refused with its place",
    arguments: [
      ([0xC1], "msgpack.invalid"), ([0x01, 0x02], "msgpack.invalid"),
      ([0xA1, 0xFF], "msgpack.invalid"), ([0x81, 0xC0, 0x01], "msgpack.invalid"),
      ([0x82, 0xA1, 0x61, 0x01, 0xA1, 0x61, 0x02], "msgpack.duplicate-key"),
      ([0xA5, 0x61], "bytes.truncated"), ([0x92, 0x01], "bytes.truncated"),
      ([0xDD, 0xFF, 0xFF, 0xFF, 0xFF], "bytes.truncated"),
      ([0xDF, 0x7F, 0xFF, 0xFF, 0xFF, 0x01], "bytes.truncated"),
      ([0xC6, 0xFF, 0xFF, 0xFF, 0xFF], "bytes.truncated"), ([0xCB, 0x01], "bytes.truncated"),
    ] as [([UInt8], String)])
  func damage(bytes: [UInt8], code: String) {
    expectDiagnostic(code) { try read(bytes) }
  }

  @Test("depth and number of values are limited before memory is")
  func limits() {
    let deep = [UInt8](repeating: 0x91, count: 200) + [0xC0]
    expectDiagnostic("bytes.limit-exceeded") { try read(deep) }
    var few = DecodeLimits()
    few.jsonValues = 10
    let many = [0x9F] + [UInt8](repeating: 0xC0, count: 15)
    expectDiagnostic("bytes.limit-exceeded") { try read(many, limits: few) }
    #expect(throws: Never.self) { try read(many) }
  }

  @Test("every cut and every flipped bit ends with a value or a located error")
  func mutations() throws {
    var bytes: [UInt8] =
      [0x82, 0xA6] + Array("params".utf8) + [0x81, 0xA1, 0x77, 0xC7, 0x10, 0x01]
    bytes += [0x93, 0x91, 0x01, 0xA7] + Array("float32".utf8) + [0xC4, 0x04, 0, 0, 0x80, 0x3F]
    bytes[12] = UInt8(bytes.count - 14)
    bytes += [0xA4] + Array("step".utf8) + [0xCD, 1, 2]
    #expect(try read(bytes).entries?.count == 2)
    for count in 1..<bytes.count {
      #expect(throws: CheckpointError.self, "\(count) bytes") { try read(Array(bytes[..<count])) }
    }
    var random = Mutations.Generator(state: 25)
    for _ in 0..<Mutations.count {
      var damaged = bytes
      for _ in 0...random.next(3) { damaged[random.next(damaged.count)] = UInt8(random.next(256)) }
      do throws(CheckpointError) { _ = try read(damaged) } catch {
        Mutations.expectLocated(error, byteCount: bytes.count)
      }
    }
  }
}
