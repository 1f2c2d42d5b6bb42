import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("ZIP writer")
struct ZipWriterTests {
  static let entries: [(name: String, content: [UInt8])] = [
    ("a", []), ("archive/data.pkl", [1, 2, 3]), ("é/日本", [UInt8](repeating: 7, count: 1_000)),
    ("b", [UInt8](0...255)), ("c", [0]),
  ]

  private func archive(alignment: Int) throws -> [UInt8] {
    var writer = ZipWriter(alignment: alignment)
    var sink = MemorySink()
    for (name, content) in Self.entries {
      try writer.append(name, TestData.region(content), to: &sink)
    }
    try writer.finish(to: &sink)
    return sink.bytes
  }

  @Test("what is written is read back", arguments: [1, 4, 64, 4_096])
  func roundTrip(alignment: Int) throws {
    let archive = try ZipArchive(TestData.region(try archive(alignment: alignment)))
    #expect(archive.entries.map(\.name) == Self.entries.map(\.name))
    for (entry, original) in zip(archive.entries, Self.entries) {
      #expect(try archive.content(of: entry).bytes() == original.content)
      #expect(!entry.isDeflated && entry.count == original.content.count)
    }
  }

  @Test("data begins at multiples of the alignment", arguments: [1, 2, 16, 64, 4_096])
  func alignment(_ alignment: Int) throws {
    let archive = try ZipArchive(TestData.region(try archive(alignment: alignment)))
    for entry in archive.entries { #expect(entry.stored.range.lowerBound % alignment == 0) }
  }

  @Test("data is aligned for every length of name")
  func alignmentOfNames() throws {
    for length in 1...200 {
      var writer = ZipWriter(alignment: 64)
      var sink = MemorySink()
      try writer.append(String(repeating: "n", count: length), TestData.region([1]), to: &sink)
      try writer.finish(to: &sink)
      let archive = try ZipArchive(TestData.region(sink.bytes))
      #expect(archive.entries[0].stored.range.lowerBound % 64 == 0)
    }
  }

  @Test("the same entries give the same bytes, with the earliest date and no more")
  func determinism() throws {
    let bytes = try archive(alignment: 64)
    #expect(try archive(alignment: 64) == bytes)
    #expect(Array(bytes[10..<14]) == [0, 0, 0x21, 0])
  }

  @Test("an archive of nothing is an end record")
  func empty() throws {
    var sink = MemorySink()
    try ZipWriter().finish(to: &sink)
    #expect(sink.bytes == [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18))
    #expect(try ZipArchive(TestData.region(sink.bytes)).entries.isEmpty)
  }

  @Test("names beyond ASCII are marked as UTF-8")
  func utf8Flag() throws {
    for (name, flags) in [("a", UInt8(0)), ("é", 8)] {
      var writer = ZipWriter()
      var sink = MemorySink()
      try writer.append(name, TestData.region([1]), to: &sink)
      try writer.finish(to: &sink)
      #expect(sink.bytes[7] == flags)
    }
  }

  @Test("65 535 entries and more use ZIP64", arguments: [65_534, 65_535, 65_536])
  func manyEntries(count: Int) throws {
    var writer = ZipWriter()
    var sink = MemorySink()
    let empty = TestData.region([])
    for index in 0..<count { try writer.append("\(index)", empty, to: &sink) }
    try writer.finish(to: &sink)
    let archive = try ZipArchive(TestData.region(sink.bytes))
    #expect(archive.entries.count == count)
    let hasZip64 = sink.bytes[(sink.bytes.count - 42)...].starts(with: [0x50, 0x4B, 6, 7])
    #expect(hasZip64 == (count >= 65_535))
  }
}
