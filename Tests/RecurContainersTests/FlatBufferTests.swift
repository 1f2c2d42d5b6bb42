import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("FlatBuffers")
struct FlatBufferTests {
  /// A root table with a byte (0), a vector of two numbers (1), a text (2), itself (3), nothing (4).
  private static let file: [UInt8] = {
    var bytes: [UInt8] = [20, 0, 0, 0]  // root at 20
    bytes += [14, 0, 20, 0, 16, 0, 4, 0, 8, 0, 12, 0, 0, 0, 0, 0]  // fields at 4, of a table of 20
    bytes += [16, 0, 0, 0]  // fields lie 16 before
    bytes += [16, 0, 0, 0]  // vector at 24 + 16 = 40
    bytes += [24, 0, 0, 0]  // text at 28 + 24 = 52
    bytes += [0, 0, 0, 0]  // no forward offset
    bytes += [0xFE, 0, 0, 0]  // the byte at 36
    bytes += [2, 0, 0, 0, 5, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]  // 5, -1
    bytes += [2, 0, 0, 0] + Array("hi".utf8) + [0, 0]
    return bytes
  }()

  private func root(_ bytes: [UInt8] = FlatBufferTests.file) throws -> FlatBufferTable {
    try FlatBufferTable(root: TestData.region(bytes))
  }

  @Test("fields are read by number, and absent ones have their usual values")
  func fields() throws {
    let table = try root()
    #expect(try table.integer(0, Int8.self) == -2)
    #expect(try table.integers(1, Int32.self, limit: 8) == [5, -1])
    #expect(try table.text(2, limit: 8) == "hi")
    #expect(try table.integer(4, Int32.self, usual: 7) == 7)
    #expect(try table.vector(9, width: 4) == nil)
    #expect(try table.tables(9, limit: 1).isEmpty)
  }

  @Test("offsets, vectors and texts outside of the file are refused")
  func refusals() throws {
    _ = expectDiagnostic("flatbuffer.invalid") { try root().table(3) }
    for (place, value) in [(0, 0xF0), (4, 3), (4, 0xFF), (20, 21)] as [(Int, UInt8)] {
      var bytes = Self.file
      bytes[place] = value
      _ = expectDiagnostic("flatbuffer.invalid") { try root(bytes) }
    }
    var long = Self.file
    long[43] = 0x40
    _ = expectDiagnostic("flatbuffer.invalid") {
      try root(long).integers(1, Int32.self, limit: 1 << 30)
    }
    _ = expectDiagnostic("bytes.limit-exceeded") {
      try root().integers(1, Int32.self, limit: 1)
    }
    _ = expectDiagnostic("flatbuffer.invalid") { try root().text(2, limit: 1) }
  }
}
