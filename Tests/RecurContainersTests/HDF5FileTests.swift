import CHDF5
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("HDF5 file")
struct HDF5FileTests {
  // MARK: groups

  @Test("an empty file is a root group without children")
  func empty() throws {
    var file = try HDF5Fixture.file { _ in }
    #expect(file.objects.map(\.path) == ["/"])
    #expect(file["/"]?.isGroup == true && file["/"]?.isDataset == false)
    #expect(file["/"]?.name == "/")
    #expect(file.diagnostics.isEmpty && file["/none"] == nil)
    #expect(try file.readEverything() == 1)
  }

  @Test("parents come before children, siblings in the order of their names' bytes")
  func nested() throws {
    let file = try HDF5Fixture.file { writer in
      for path in ["/b", "/b/y", "/b/y/deep", "/a", "/b/x", "/B", "/é", "/e\u{301}"] {
        try writer.group(path)
      }
      try writer.floats("/b/y/w:0", shape: [1], [1])
    }
    let paths = [
      "/", "/B", "/a", "/b", "/b/x", "/b/y", "/b/y/deep", "/b/y/w:0", "/e\u{301}", "/é",
    ]
    #expect(file.objects.map { Name($0.path) } == paths.map { Name($0) })
    #expect(file.children(of: "/b").map(\.path) == ["/b/x", "/b/y"])
    #expect(file.children(of: "/").map(\.name).count == 5)
    #expect(file.children(of: "/b/y").map(\.isDataset) == [false, true])
    #expect(file.children(of: "/b/x").isEmpty && file.children(of: "/none").isEmpty)
  }

  @Test("a group of 3000 children, whose B-tree has several levels, is read in name order")
  func manyChildren() throws {
    let names = (0..<3_000).map { "child_\($0)" }
    let file = try HDF5Fixture.file { writer in
      try writer.group("/g")
      for name in names { try writer.group("/g/\(name)") }
    }
    #expect(file.objects.count == 3_002)
    #expect(file.objects.dropFirst(2).map(\.name) == names.sorted())
  }

  @Test("groups nested as deep as the limit are read, one deeper is refused")
  func depth() throws {
    let bytes = try HDF5Fixture.bytes { writer in
      for depth in 1...6 { try writer.group(String(repeating: "/g", count: depth)) }
    }
    var limits = DecodeLimits()
    limits.nesting = 6
    #expect(try HDF5File(TestData.region(bytes), limits: limits).objects.count == 7)
    limits.nesting = 5
    expectDiagnostic("bytes.limit-exceeded") {
      try HDF5File(TestData.region(bytes), limits: limits)
    }
  }

  @Test("as many objects as the limit are read, one more is refused")
  func objectLimit() throws {
    let bytes = try HDF5Fixture.bytes { writer in
      for index in 0..<5 { try writer.group("/g\(index)") }
    }
    var limits = DecodeLimits()
    limits.objects = 6
    #expect(try HDF5File(TestData.region(bytes), limits: limits).objects.count == 6)
    limits.objects = 5
    expectDiagnostic("bytes.limit-exceeded") {
      try HDF5File(TestData.region(bytes), limits: limits)
    }
  }

  @Test("a name as long as the limit is read, one longer is refused")
  func nameLimit() throws {
    let bytes = try HDF5Fixture.bytes { try $0.group("/" + String(repeating: "n", count: 10)) }
    var limits = DecodeLimits()
    limits.nameBytes = 10
    #expect(try HDF5File(TestData.region(bytes), limits: limits).objects.count == 2)
    limits.nameBytes = 9
    expectDiagnostic("hdf5.name.invalid") { try HDF5File(TestData.region(bytes), limits: limits) }
  }

  // MARK: links

  @Test("a soft link is refused by name")
  func softLink() throws {
    let bytes = try HDF5Fixture.bytes { writer in
      try writer.floats("/w", shape: [1], [1])
      try writer.softLink("/alias", to: "/w")
    }
    let diagnostic = expectDiagnostic("hdf5.link.refused") { try HDF5File(TestData.region(bytes)) }
    #expect(
      diagnostic?.message
        == "'alias' is a soft link; a model file may only hold its own data")
  }

  private func externalLink() throws -> [UInt8] {
    try HDF5Fixture.bytes { writer in
      try writer.group("/g")
      try writer.externalLink("/g/passwd", to: "/w", in: "/etc/passwd")
    }
  }

  @Test("an external link, which only groups of the new style hold, is refused and not followed")
  func externalLinkRefused() throws {
    let bytes = try externalLink()
    let diagnostic = expectDiagnostic("hdf5.link.refused") {
      try HDF5File(TestData.region(bytes))
    }
    #expect(diagnostic?.message.hasPrefix("'passwd' is an external link") == true)
  }

  @Test("a refused group is the object of its location")
  func externalLinkLocation() throws {
    let bytes = try externalLink()
    let diagnostic = expectDiagnostic("hdf5.link.refused") {
      try HDF5File(TestData.region(bytes))
    }
    #expect(diagnostic?.location.object == "/g")
  }

  @Test(
    "a name beyond ASCII makes a new-style group, whose links are in a heap when there are many")
  func unicodeNames() throws {
    func file(_ count: Int) throws -> [UInt8] {
      try HDF5Fixture.bytes { writer in
        for index in 0..<count { try writer.unicodeGroup("/é\(index)") }
      }
    }
    for count in [8, 9, 1_000] {
      let objects = try HDF5File(TestData.region(file(count))).objects
      #expect(objects.map(\.path) == ["/"] + (0..<count).map { "/é\($0)" }.sorted())
    }
  }

  @Test("an object with two names is refused")
  func hardLink() throws {
    let bytes = try HDF5Fixture.bytes { writer in
      try writer.floats("/w", shape: [1], [1])
      try writer.hardLink("/z", to: "/w")
    }
    let diagnostic = expectDiagnostic("hdf5.cycle") { try HDF5File(TestData.region(bytes)) }
    #expect(diagnostic?.message == "'/z' is reached a second time")
  }

  @Test("a group that holds its parent is refused")
  func hardCycle() throws {
    let bytes = try HDF5Fixture.bytes { writer in
      try writer.group("/g")
      try writer.hardLink("/g/up", to: "/")
    }
    expectDiagnostic("hdf5.cycle") { try HDF5File(TestData.region(bytes)) }
  }

  // MARK: the superblock

  @Test(
    "a wrong signature, other sizes, another base address or a root outside the file are refused")
  func superblock() throws {
    let bytes = try HDF5Fixture.bytes { try $0.group("/g") }
    for (offset, part, code) in [
      (0, [UInt8(0x88)], "hdf5.superblock.invalid"), (7, [0], "hdf5.superblock.invalid"),
      (8, [1], "hdf5.superblock.invalid"), (8, [2], "hdf5.superblock.unsupported"),
      (8, [4], "hdf5.superblock.unsupported"),
      (8, [255], "hdf5.superblock.unsupported"), (13, [4], "hdf5.superblock.unsupported"),
      (14, [4], "hdf5.superblock.unsupported"), (24, [1], "hdf5.superblock.invalid"),
      (64, Bytes.le64(-1), "hdf5.address.invalid"), (64, Bytes.le64(.max), "hdf5.address.invalid"),
      (64, Bytes.le64(bytes.count), "hdf5.address.invalid"),
      (64, Bytes.le64(0), "hdf5.structure.invalid"),
      (40, Bytes.le64(-1), "bytes.truncated"), (40, Bytes.le64(bytes.count + 1), "bytes.truncated"),
    ] {
      expectDiagnostic(code) {
        try HDF5File(TestData.region(Bytes.patched(bytes, at: offset, part)))
      }
    }
  }

  @Test("bytes after the end are a warning, and are not part of the file")
  func trailing() throws {
    let bytes = try HDF5Fixture.bytes { try $0.group("/g") }
    let file = try HDF5File(TestData.region(bytes + [1, 2, 3]))
    #expect(file.diagnostics.map(\.code.rawValue) == ["bytes.trailing"])
    #expect(file.diagnostics[0].severity == .warning)
    #expect(file.diagnostics[0].message == "3 bytes follow the end of the HDF5 data")
    let end = UInt64(bytes.count)
    #expect(file.diagnostics[0].location.bytes == end..<end + 3)
  }

  @Test("an address in the bytes after the end lies outside the file")
  func addressBeyondEnd() throws {
    let bytes = try HDF5Fixture.bytes { try $0.group("/g") }
    let moved = Bytes.patched(bytes, at: 64, Bytes.le64(bytes.count))
    #expect(throws: CheckpointError.self) {
      try HDF5File(TestData.region(moved + bytes[96..<200]))
    }
  }
}
