import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Sorted tables and their checksums")
struct SortedTableTests {
  @Test("the checksum of the standard's examples")
  func checksums() {
    // RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
    for (bytes, expected) in [
      (Array("123456789".utf8), 0xE306_9283), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
      ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
      ([], 0),
    ] as [([UInt8], UInt32)] {
      var whole = CRC32C()
      whole.update(TestData.region(bytes))
      #expect(whole.value == expected)
      var pieces = CRC32C()
      for byte in bytes { pieces.update([byte]) }
      #expect(pieces.value == expected)
    }
  }

  /// A varint.
  private func varint(_ value: Int) -> [UInt8] {
    var (bytes, rest): ([UInt8], Int) = ([], value)
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private func number(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A block with its trailer.
  private func sealed(_ contents: [UInt8], form: UInt8 = 0) -> [UInt8] {
    var checksum = CRC32C()
    checksum.update(contents + [form])
    return contents + [form] + number(checksum.masked)
  }

  private func block(_ entries: [([UInt8], [UInt8])]) -> [UInt8] {
    entries.flatMap { key, value in
      varint(0) + varint(key.count) + varint(value.count) + key + value
    } + number(0) + number(1)
  }

  /// A table of one block.
  private func table(_ contents: [UInt8], form: UInt8 = 0, stored: [UInt8]? = nil) -> [UInt8] {
    let stored = stored ?? contents
    var file = sealed(stored, form: form)
    let index = block([(Array("~".utf8), varint(0) + varint(stored.count))])
    let handles = varint(0) + varint(0) + varint(file.count) + varint(index.count)
    file += sealed(index)
    file += handles + [UInt8](repeating: 0, count: 40 - handles.count)
    return file + [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]
  }

  private func keys(_ file: [UInt8]) throws -> [String] {
    try SortedTable(TestData.region(file), limits: .init()).entries.map {
      String(decoding: $0.key, as: UTF8.self)
    }
  }

  @Test("keys are put together of what they share")
  func sharedKeys() throws {
    var contents: [UInt8] = [0, 3, 1] + Array("abc".utf8)
    contents += [7, 2, 1, 0] + Array("d".utf8)
    contents += number(0) + number(1)
    #expect(try keys(table(contents)) == ["abc", "abd"])
  }

  @Test("blocks that snappy compressed, with copies that overlap what they make")
  func snappy() throws {
    let contents = block([(Array("aaaaaaaaaaaa".utf8), Array("bbbbbbbb".utf8))])
    // The three lengths, one letter, eleven copies of it; the same for the value; the rest as it is.
    var stream: [UInt8] = varint(contents.count)
    stream += [3 << 2] + contents[0..<4]
    stream += [(11 - 4) << 2 | 1, 1]
    stream += [0] + Array("b".utf8)
    stream += [(7 - 1) << 2 | 2, 1, 0]
    stream += [7 << 2] + contents.suffix(8)
    #expect(try keys(table(contents, form: 1, stored: stream)) == ["aaaaaaaaaaaa"])
    for (index, value) in [(0, 200), (7, 60), (8, 0xFF)] as [(Int, UInt8)] {
      var broken = stream
      broken[index] = value
      _ = expectDiagnostic("bundle.invalid") { try keys(table(contents, form: 1, stored: broken)) }
    }
  }

  @Test("tables that contradict themselves are refused")
  func refusals() throws {
    let (a, b) = (Array("a".utf8), Array("b".utf8))
    _ = expectDiagnostic("bundle.invalid") { try keys(table(block([(b, []), (a, [])]))) }
    _ = expectDiagnostic("bundle.invalid") { try keys(table(block([(a, []), (a, [])]))) }
    _ = expectDiagnostic("bundle.invalid") { try keys(table(block([(a, [])]), form: 2)) }
    var damaged = table(block([(a, [1])]))
    damaged[4] ^= 1
    _ = expectDiagnostic("bundle.checksum") { try keys(damaged) }
    _ = expectDiagnostic("bundle.invalid") { try keys(Array(table(block([(a, [])])).dropLast())) }
    #expect(try keys(table(block([(a, []), (b, [])]))) == ["a", "b"])
  }

  @Test("a table with more keys than the limit is refused")
  func limits() throws {
    var limits = DecodeLimits()
    limits.objects = 1
    let two = table(block([(Array("a".utf8), []), (Array("b".utf8), [])]))
    _ = expectDiagnostic("bytes.limit-exceeded") {
      try SortedTable(TestData.region(two), limits: limits)
    }
  }
}
