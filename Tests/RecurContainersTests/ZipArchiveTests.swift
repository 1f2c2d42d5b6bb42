import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("ZIP archive")
struct ZipArchiveTests {
  private func open(_ bytes: [UInt8], limits: DecodeLimits = .init()) throws -> ZipArchive {
    try ZipArchive(TestData.region(bytes), limits: limits)
  }

  /// Opens the archive and reads every entry.
  @discardableResult
  private func contents(_ bytes: [UInt8]) throws -> [[UInt8]] {
    let archive = try open(bytes)
    var contents: [[UInt8]] = []
    for entry in archive.entries { contents.append(try archive.content(of: entry).bytes()) }
    return contents
  }

  private let hello = Array("hello".utf8)

  @Test("stored entries are views of the file, in directory order")
  func stored() throws {
    let archive = try open(ZipFixture.plain.bytes)
    #expect(archive.entries.map(\.name) == ["a.txt", "folder/b.bin"])
    let entry = try #require(archive["a.txt"])
    let content = try archive.content(of: entry)
    #expect(content.bytes() == hello)
    #expect(content.range == 35..<40)
    #expect(archive["b.bin"] == nil)
  }

  @Test("deflated entries are inflated")
  func deflated() throws {
    let text = InflateTests.text
    let fixture = ZipFixture([.init("t", deflated: text.compressed, of: text.content)])
    #expect(try contents(fixture.bytes) == [text.content])
    var lie = fixture
    lie.entries[0].count += 1
    expectDiagnostic("zip.inflate") { try contents(lie.bytes) }
  }

  @Test("an archive without entries is read")
  func empty() throws {
    #expect(try open(ZipFixture([]).bytes).entries.isEmpty)
  }

  @Test("a comment is allowed when its length is right")
  func comment() throws {
    var fixture = ZipFixture.plain
    fixture.comment = Array("made by hand".utf8)
    #expect(try contents(fixture.bytes).count == 2)
    fixture.comment = [UInt8](repeating: 0x50, count: 65_535)
    #expect(try contents(fixture.bytes).count == 2)
  }

  // MARK: the ends of the file

  @Test("an archive cut off at any byte is refused")
  func truncated() {
    let bytes = ZipFixture.plain.bytes
    for count in 0..<bytes.count {
      #expect(throws: CheckpointError.self) { try contents(Array(bytes[..<count])) }
    }
    expectDiagnostic("zip.directory.missing") { try open(Array(bytes.dropLast())) }
    expectDiagnostic("zip.directory.missing") { try open([]) }
  }

  @Test("bytes before the first entry are refused")
  func prepended() {
    expectDiagnostic("zip.directory.invalid") { try open([0] + ZipFixture.plain.bytes) }
    var fixture = ZipFixture.plain
    fixture.prefix = [0x23, 0x21]
    let diagnostic = expectDiagnostic("zip.directory.invalid") { try open(fixture.bytes) }
    #expect(diagnostic?.message == "data stands before the first entry")
  }

  @Test("bytes before the directory of an empty archive are refused")
  func prependedToNothing() {
    var fixture = ZipFixture([])
    fixture.prefix = [1, 2, 3, 4]
    expectDiagnostic("zip.directory.invalid") { try open(fixture.bytes) }
  }

  @Test("bytes after the end record are refused")
  func appended() {
    let diagnostic = expectDiagnostic("zip.directory.invalid") {
      try open(ZipFixture.plain.bytes + [0])
    }
    #expect(diagnostic?.message == "1 bytes follow the end record")
    var fixture = ZipFixture.plain
    fixture.comment = Array("x".utf8)
    fixture.suffix = ZipFixture([]).bytes
    #expect(throws: CheckpointError.self) { try open(fixture.bytes) }
  }

  @Test("bytes between the directory and its end record are refused")
  func directoryTooShort() {
    var fixture = ZipFixture.plain
    fixture.entryCount = 1
    expectDiagnostic("zip.directory.invalid") { try open(fixture.bytes) }
    fixture.entryCount = 3
    #expect(throws: CheckpointError.self) { try open(fixture.bytes) }
  }

  @Test("an archive on several disks is refused")
  func disks() {
    var fixture = ZipFixture.plain
    fixture.disk = 1
    expectDiagnostic("zip.directory.invalid") { try open(fixture.bytes) }
  }

  @Test("more entries than the limit are refused")
  func entryLimit() throws {
    var limits = DecodeLimits()
    limits.objects = 2
    #expect(try open(ZipFixture.plain.bytes, limits: limits).entries.count == 2)
    limits.objects = 1
    expectDiagnostic("bytes.limit-exceeded") {
      try open(ZipFixture.plain.bytes, limits: limits)
    }
  }

  // MARK: entries

  @Test("two entries of one name are refused; names that only look equal are two")
  func duplicate() throws {
    expectDiagnostic("zip.entry.refused") {
      try open(ZipFixture([.init("a", [1]), .init("a", [2])]).bytes)
    }
    let archive = try open(ZipFixture([.init("é", [1]), .init("e\u{301}", [2])]).bytes)
    let entry = try #require(archive["e\u{301}"])
    #expect(try archive.content(of: entry).bytes() == [2])
  }

  @Test("two entries that share bytes are refused")
  func overlap() throws {
    // The first entry's data holds the whole second entry.
    let inner = ZipFixture([.init("b", [7])])
    let innerBytes = Array(inner.bytes[..<32])
    var bytes = ZipFixture([.init("a", innerBytes), .init("b", [7])]).bytes
    let directory = try #require(Bytes.offset(of: [0x50, 0x4B, 1, 2], in: bytes))
    let second = try #require(
      Bytes.offset(of: [0x50, 0x4B, 1, 2], in: bytes, from: directory + 1))
    bytes = Bytes.patched(bytes, at: second + 42, Bytes.le32(31))
    expectDiagnostic("zip.entry.refused") { try open(bytes) }
  }

  @Test("encrypted entries are refused", arguments: [1, 0x40, 0x2000])
  func encrypted(flag: Int) {
    expectDiagnostic("zip.entry.refused") { try open(ZipFixture.plain { $0.flags = flag }) }
  }

  @Test("symbolic links are refused")
  func symbolicLink() {
    let diagnostic = expectDiagnostic("zip.entry.refused") {
      try open(ZipFixture.plain { $0.attributes = 0xA1FF << 16 })
    }
    #expect(diagnostic?.message == "entry 'a.txt' is a symbolic link")
  }

  @Test("methods other than stored and deflated are refused", arguments: [1, 9, 12, 14, 93, 99])
  func method(_ method: Int) {
    expectDiagnostic("zip.method.unsupported") {
      try open(ZipFixture.plain { $0.method = method })
    }
  }

  @Test(
    "names that are no plain relative paths are refused",
    arguments: [
      "", "/etc/passwd", "../a", "a/../b", "a/..", "..", "a\\b", "..\\a", "a\0b",
    ])
  func unsafeName(name: String) {
    expectDiagnostic("zip.entry.refused") {
      try open(ZipFixture.plain { $0.name = Array(name.utf8) })
    }
  }

  @Test("dots that do not climb are plain names", arguments: ["a..b", "...", ".a", "a/...", "..a"])
  func safeName(name: String) throws {
    #expect(try open(ZipFixture.plain { $0.name = Array(name.utf8) }).entries[0].name == name)
  }

  @Test("a name that is not UTF-8, or longer than the limit, is refused")
  func oddNames() throws {
    expectDiagnostic("zip.entry.refused") { try open(ZipFixture.plain { $0.name = [0xE9] }) }
    let longest = [UInt8](repeating: 0x61, count: 4_096)
    #expect(try open(ZipFixture.plain { $0.name = longest }).entries.count == 2)
    expectDiagnostic("zip.entry.refused") {
      try open(ZipFixture.plain { $0.name = longest + [0x61] })
    }
  }

  @Test("local headers that disagree with the directory are refused")
  func disagreement() {
    let changes: [(inout ZipFixture.Entry) -> Void] = [
      { $0.localName = Array("b.txt".utf8) }, { $0.localName = Array("a.txt2".utf8) },
      { $0.localName = Array("a.tx".utf8) }, { $0.localMethod = 8 },
      { $0.localChecksum = $0.checksum ^ 1 }, { $0.localSizes = (4, 5) },
      { $0.localSizes = (5, 6) },
    ]
    for change in changes {
      expectDiagnostic("zip.directory.invalid") { try open(ZipFixture.plain(change)) }
    }
  }

  @Test("a stored entry has one size")
  func twoSizes() {
    expectDiagnostic("zip.directory.invalid") {
      try open(
        ZipFixture.plain {
          $0.centralSizes = (5, 6)
          $0.localSizes = (5, 6)
        })
    }
  }

  @Test("a data descriptor's flag allows a local header of zeros, as torch writes it")
  func dataDescriptor() throws {
    let bytes = ZipFixture.plain {
      $0.flags = 8
      $0.localChecksum = 0
      $0.localSizes = (0, 0)
      $0.trailer = [0x50, 0x4B, 7, 8] + Bytes.le32($0.checksum) + Bytes.le32(5) + Bytes.le32(5)
    }
    #expect(try contents(bytes) == [hello, [1, 2, 3]])
    expectDiagnostic("zip.directory.invalid") {
      try open(ZipFixture.plain { $0.localSizes = (0, 0) })
    }
  }

  @Test("content that does not have its checksum is refused, for every flipped bit")
  func checksum() throws {
    let bytes = ZipFixture.plain.bytes
    for index in 35..<40 {
      for bit in 0..<8 {
        let changed = Bytes.patched(bytes, at: index, [bytes[index] ^ 1 << bit])
        let diagnostic = expectDiagnostic("zip.crc.mismatch") { try contents(changed) }
        #expect(diagnostic?.location == .init(object: "a.txt", bytes: 35..<40))
        #expect(diagnostic?.expected == "CRC-32 3610a686")
      }
    }
  }

  @Test("local headers with NumPy's ZIP64 sizes are read")
  func numpyHeaders() throws {
    let bytes = ZipFixture.plain {
      $0.localSizes = (0xFFFF_FFFF, 0xFFFF_FFFF)
      $0.localExtra = Bytes.le16(1) + Bytes.le16(16) + Bytes.le64(5) + Bytes.le64(5)
    }
    #expect(try contents(bytes) == [hello, [1, 2, 3]])
  }

  // MARK: ZIP64

  @Test("a ZIP64 end record and ZIP64 sizes are read")
  func zip64() throws {
    var fixture = ZipFixture.plain
    fixture.hasZip64 = true
    #expect(try contents(fixture.bytes).count == 2)
    fixture.entries[0].centralSizes = (0xFFFF_FFFF, 0xFFFF_FFFF)
    fixture.entries[0].localSizes = (0xFFFF_FFFF, 0xFFFF_FFFF)
    fixture.entries[0].centralExtra =
      Bytes.le16(0x7075) + Bytes.le16(1) + [0] + Bytes.le16(1) + Bytes.le16(16) + Bytes.le64(5)
      + Bytes.le64(5)
    #expect(try contents(fixture.bytes)[0] == hello)
  }

  @Test("a ZIP64 record that is missing, disagrees or is absurd is refused")
  func brokenZip64() throws {
    var fixture = ZipFixture.plain
    fixture.hasZip64 = true
    let bytes = fixture.bytes
    let record = try #require(Bytes.offset(of: [0x50, 0x4B, 6, 6], in: bytes))
    let end = bytes.count - 22
    for (offset, part) in [
      (record, [UInt8(0)]), (record + 32, Bytes.le64(3)), (record + 32, Bytes.le64(1)),
      (record + 32, Bytes.le64(-1)), (record + 40, Bytes.le64(.max)),
      (record + 48, Bytes.le64(.max)), (record + 48, Bytes.le64(1)),
      (record + 64, Bytes.le64(.max)), (record + 64, Bytes.le64(0)), (end + 10, Bytes.le16(3)),
      (end + 12, Bytes.le32(1)), (end + 16, Bytes.le32(1)),
    ] {
      #expect(throws: CheckpointError.self) {
        try open(Bytes.patched(bytes, at: offset, part))
      }
    }
  }

  @Test("ZIP64 sizes and offsets that lead out of the file are refused", arguments: [0, 8, 16])
  func hugeZip64(position: Int) {
    for value in [Int.max, -1, 1 << 62, (1 << 62) - 1, 1 << 40] {
      let bytes = ZipFixture.plain {
        $0.centralSizes = (0xFFFF_FFFF, 0xFFFF_FFFF)
        $0.localSizes = (0xFFFF_FFFF, 0xFFFF_FFFF)
        let numbers = Bytes.le64(5) + Bytes.le64(5) + Bytes.le64(0)
        $0.centralExtra =
          Bytes.le16(1) + Bytes.le16(24) + Bytes.patched(numbers, at: position, Bytes.le64(value))
      }
      let directory = Bytes.offset(of: [0x50, 0x4B, 1, 2], in: bytes) ?? 0
      let far = Bytes.patched(bytes, at: directory + 42, Bytes.le32(0xFFFF_FFFF))
      #expect(throws: CheckpointError.self) { try open(far) }
    }
  }

  @Test("every changed byte is refused or leaves the contents' checksums right")
  func mutations() throws {
    let text = InflateTests.text
    var fixture = ZipFixture.plain
    fixture.entries.append(.init("t", deflated: text.compressed, of: text.content))
    fixture.hasZip64 = true
    let bytes = fixture.bytes
    for index in bytes.indices {
      for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF, bytes[index] ^ 1, bytes[index] &+ 1] {
        let changed = Bytes.patched(bytes, at: index, [value])
        if let read = try? contents(changed) {
          #expect(read == [hello, [1, 2, 3], text.content])
        }
      }
    }
  }
}
