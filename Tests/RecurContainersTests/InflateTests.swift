import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Inflate")
struct InflateTests {
  // Python: c = zlib.compressobj(9, zlib.DEFLATED, -15); (c.compress(data) + c.flush()).hex()
  static let text = (
    compressed: Bytes.hexadecimal("cb48cdc9c9d751c840a200"),
    content: Array("hello, hello, hello".utf8)
  )

  private func inflate(_ compressed: [UInt8], count: Int) throws -> [UInt8] {
    try inflated(TestData.region(compressed), count: count).bytes()
  }

  @Test("a deflated text has its content")
  func content() throws {
    #expect(try inflate(Self.text.compressed, count: 19) == Self.text.content)
  }

  @Test("an empty stream holds nothing")
  func empty() throws {
    #expect(try inflate([3, 0], count: 0) == [])
    expectDiagnostic("zip.inflate") { try inflate([3, 0], count: 1) }
    expectDiagnostic("zip.inflate") { try inflate([], count: 0) }
  }

  @Test("a stored block has its content")
  func storedBlock() throws {
    #expect(try inflate([1, 3, 0, 0xFC, 0xFF, 7, 8, 9], count: 3) == [7, 8, 9])
  }

  @Test("a stream that holds more or fewer bytes than promised is refused")
  func wrongCount() {
    for count in [0, 1, 18, 20, 1_000] {
      expectDiagnostic("zip.inflate") { try inflate(Self.text.compressed, count: count) }
    }
  }

  @Test("a stream cut at any byte is refused")
  func truncated() {
    for count in 0..<Self.text.compressed.count {
      expectDiagnostic("zip.inflate") {
        try inflate(Array(Self.text.compressed[..<count]), count: 19)
      }
    }
  }

  @Test("bytes after the end of a stream are refused")
  func trailing() {
    let diagnostic = expectDiagnostic("zip.inflate") {
      try inflate(Self.text.compressed + [0, 0], count: 19)
    }
    #expect(diagnostic?.message == "2 bytes follow the end of the deflated data")
  }

  @Test("a promise that DEFLATE can't keep is refused before memory is taken")
  func bomb() {
    let diagnostic = expectDiagnostic("zip.inflate") {
      try inflate(Self.text.compressed, count: 1 << 31)
    }
    #expect(diagnostic?.message == "11 compressed bytes can't hold the 2147483648 promised")
    for count in [1 << 32, .max] {
      expectDiagnostic("zip.inflate") { try inflate(Self.text.compressed, count: count) }
    }
  }

  @Test("a stream that wants to grow beyond its promise is stopped there")
  func tooLong() {
    // 1024 zeros.
    let zeros = Bytes.hexadecimal("63601805a360148c540000")
    #expect(throws: Never.self) { try inflate(zeros, count: 1_024) }
    for count in [0, 1, 1_023, 1_025] {
      expectDiagnostic("zip.inflate") { try inflate(zeros, count: count) }
    }
  }

  @Test("every changed byte of a stream is refused or inflates to the promised size")
  func mutations() throws {
    for index in Self.text.compressed.indices {
      var changed = Self.text.compressed
      for byte in UInt8.min...UInt8.max {
        changed[index] = byte
        if let content = try? inflate(changed, count: 19) { #expect(content.count == 19) }
      }
    }
  }

  @Test("the CRC-32 is zlib's, in one piece or many")
  func checksum() {
    let region = TestData.region(Array("123456789".utf8))
    #expect(CRC32.of(region) == 0xCBF4_3926)
    #expect(CRC32.of(TestData.region([])) == 0)
    var checksum = CRC32()
    for byte in region.bytes() {
      TestData.region([byte]).withBytes { checksum.update($0) }
    }
    #expect(checksum.value == 0xCBF4_3926)
  }

  // zlib.crc32(bytes(i * i % 251 for i in range(n)))
  @Test(
    "two threads find the checksum of a large region",
    arguments: [
      (8_388_608, 0x1CC7_CF81 as UInt32), (8_388_607, 0xA4C4_9327), (8_388_609, 0xDA73_156F),
      (9_000_007, 0x2963_E179),
    ])
  func largeChecksum(count: Int, expected: UInt32) {
    let bytes = (0..<count).map { UInt8($0 * $0 % 251) }
    #expect(CRC32.of(TestData.region(bytes)) == expected)
  }
}
