import CHDF5
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("HDF5 of libver='latest'")
struct HDF5LatestTests {
  typealias Format = HDF5Fixture.Format

  // MARK: groups

  @Test(
    "groups of any size are read in the order of their names", arguments: Format.allCases,
    [0, 3, 20, 3_000])
  func groups(format: Format, count: Int) throws {
    let names = (0..<count).map { "child_\($0)" }
    let file = try HDF5Fixture.file(format) { writer in
      try writer.group("/g")
      for name in names { try writer.group("/g/\(name)") }
    }
    #expect(file.children(of: "/g").map(\.name) == names.sorted())
    #expect(file["/g"]?.isGroup == true)
  }

  @Test(
    "a group that keeps the order of creation is read in it", arguments: Format.allCases,
    [3, 20, 500])
  func creationOrder(format: Format, count: Int) throws {
    let names = (0..<count).map { "n\($0 * 7_919 % 1_000)" }
    let file = try HDF5Fixture.file(format) { writer in
      try writer.orderedGroup("/g")
      for name in names {
        try writer.group("/g/\(name)")
        try writer.doubles(name, on: "/g", [1])
      }
    }
    #expect(file.children(of: "/g").map(\.name) == names)
    #expect(try file["/g"]?.attributeNames() == names)
  }

  @Test(
    "links that lead elsewhere are refused by name, in small groups and in large ones",
    arguments: Format.allCases, [2, 20])
  func links(format: Format, count: Int) throws {
    for (kind, words) in [
      (0, "a soft link"), (1, "an external link"), (2, "a user-defined link of kind 200"),
    ] {
      let bytes = try HDF5Fixture.bytes(format) { writer in
        try writer.group("/g")
        for index in 0..<count { try writer.group("/g/child_\(index)") }
        switch kind {
        case 0: try writer.softLink("/g/é", to: "/g/child_0")
        case 1: try writer.externalLink("/g/é", to: "/w", in: "/etc/passwd")
        default: try writer.userDefinedLink("/g/é")
        }
      }
      let diagnostic = expectDiagnostic("hdf5.link.refused") {
        try HDF5File(TestData.region(bytes))
      }
      #expect(diagnostic?.message.hasPrefix("'é' is \(words)") == true)
      #expect(diagnostic?.location.object == "/g")
    }
  }

  // MARK: attributes

  @Test("attributes in any number are read", arguments: Format.allCases, [1, 8, 9, 200])
  func attributes(format: Format, count: Int) throws {
    var file = try HDF5Fixture.file(format) { writer in
      try writer.floats("/w", shape: [1], [1])
      for index in 0..<count {
        try writer.doubles("n\(index)", on: "/w", [Double(index), 0.5])
        try writer.variableStrings("s\(index)", on: "/w", ["é\(index)", ""])
      }
    }
    let object = try #require(file["/w"])
    let names = (0..<count).flatMap { ["n\($0)", "s\($0)"] }
    #expect(try object.attributeNames() == names.sorted())
    for index in 0..<count {
      #expect(try file.numbers("n\(index)", of: object)?.doubles() == [Double(index), 0.5])
      #expect(try file.texts("s\(index)", of: "/w") == ["é\(index)", ""])
    }
  }

  @Test("attributes too large for a header are read", arguments: [Format.v18, .latest])
  func hugeAttributes(format: Format) throws {
    let sizes = [1, 500, 600, 5_000, 20_000]
    let file = try HDF5Fixture.file(format) { writer in
      for size in sizes {
        try writer.doubles("n\(size)", on: "/", (0..<size).map { Double($0) })
      }
    }
    let root = try #require(file["/"])
    for size in sizes {
      #expect(
        try file.numbers("n\(size)", of: root)?.doubles() == (0..<size).map { Double($0) })
    }
  }

  @Test("an attribute without extents has no elements", arguments: Format.allCases)
  func nullAttribute(format: Format) throws {
    let file = try HDF5Fixture.file(format) { try $0.nullAttribute("none", on: "/") }
    #expect(try file.numbers("none", of: #require(file["/"]))?.shape == [0])
  }

  // MARK: chunks

  /// A dataset for each kind of index that libhdf5 makes.
  static let forms: [(String, ChunkedShape)] = {
    let filtered: Set<ChunkedShape.Filter> = [.deflate, .shuffle, .fletcher32]
    let plain = [
      ("single", ChunkedShape(shape: [5, 7], largest: [5, 7], chunk: [5, 7])),
      ("fixed", ChunkedShape(shape: [5, 7], largest: [9, 8], chunk: [2, 3])),
      ("growing", ChunkedShape(shape: [9, 7], largest: [nil, 8], chunk: [2, 3])),
      ("sideways", ChunkedShape(shape: [3, 5, 7], largest: [4, nil, 9], chunk: [2, 2, 3])),
      ("free", ChunkedShape(shape: [5, 7], largest: [nil, nil], chunk: [2, 3])),
    ]
    let packed = plain.map { name, form in
      var form = form
      form.filters = filtered
      return (name + "_packed", form)
    }
    let early = ChunkedShape(
      shape: [5, 7], largest: [6, 9], chunk: [2, 3], isWrittenEarly: true)
    let partial = ChunkedShape(
      shape: [5, 7], largest: [5, 7], chunk: [2, 3], filters: [.deflate],
      leavesPartialUnfiltered: true)
    return plain + packed + [("early", early), ("partial", partial)]
  }()

  private func check(_ format: Format, _ form: ChunkedShape) throws {
    let values = (0..<Int32(form.count)).map { $0 &* 2_654_435 }
    let file = try HDF5Fixture.file(format) { try $0.chunked("/w", form, values) }
    let tensor = try file.tensor(#require(file["/w"]))
    #expect(tensor.shape == form.shape)
    #expect(try tensor.rowMajorBytes().bytes() == values.littleEndianBytes)
  }

  @Test("every kind of chunk index is read", arguments: Format.allCases, forms.map(\.0))
  func indexes(format: Format, name: String) throws {
    try check(format, #require(Self.forms.first { $0.0 == name }).1)
  }

  @Test(
    "indexes with pages, secondary blocks and trees of several levels are read",
    arguments: [
      ChunkedShape(shape: [5_000], largest: [5_000], chunk: [1]),
      ChunkedShape(shape: [3_000], largest: [nil], chunk: [1]),
      ChunkedShape(shape: [60, 60], largest: [nil, nil], chunk: [1, 1], filters: [.deflate]),
    ])
  func largeIndexes(form: ChunkedShape) throws { try check(.latest, form) }

  @Test("pages of an extensible array are found, written or not")
  func pages() throws {
    let form = ChunkedShape(shape: [200_000], largest: [nil], chunk: [1])
    let places = [0, 3, 4, 20_000, 150_000, 199_999]
    for largest in [nil, 200_000] {
      var form = form
      form.largest = [largest]
      let file = try HDF5Fixture.file(.latest) { writer in
        try writer.chunked("/w", form, [])
        for place in places { try writer.chunk("/w", at: [place], mask: 0, [7, 0, 0, 0]) }
      }
      let values = try file.tensor(#require(file["/w"])).doubles()
      #expect(values.indices.filter { values[$0] != 0 } == places)
    }
  }

  @Test("a chunk that left filters out is read as it is stored", arguments: Format.allCases)
  func filterMasks(format: Format) throws {
    for (_, form) in Self.forms where form.filters.count == 3 && form.shape == [5, 7] {
      let raw = (0..<form.chunk.reduce(1, *)).map { Int32($0) }
      let file = try HDF5Fixture.file(format) { writer in
        try writer.chunked("/w", form, [])
        try writer.chunk("/w", at: [0, 0], mask: 7, raw.littleEndianBytes)
      }
      let tensor = try file.tensor(#require(file["/w"]))
      let head = tensor.slice(axis: 0, 0..<form.chunk[0]).slice(axis: 1, 0..<form.chunk[1])
      #expect(try head.rowMajorBytes().bytes() == raw.littleEndianBytes)
    }
  }

  @Test("datasets that shrank and grew again are read", arguments: Format.allCases)
  func resized(format: Format) throws {
    for (name, form) in Self.forms where form.largest.contains(nil) && form.shape.count == 2 {
      let values = (0..<Int32(form.count)).map { $0 + 1 }
      let file = try HDF5Fixture.file(format) { writer in
        try writer.chunked("/w", form, values)
        try writer.resize("/w", to: [3, 7])
        try writer.resize("/w", to: [20, 7])
      }
      let found = try file.tensor(#require(file["/w"])).doubles()
      let expected = values.prefix(21).map(Double.init) + [Double](repeating: 0, count: 17 * 7)
      #expect(found == expected, "\(name)")
    }
  }

  @Test("chunks that were never written are fill values", arguments: Format.allCases)
  func unwritten(format: Format) throws {
    for (_, form) in Self.forms where !form.isWrittenEarly {
      let file = try HDF5Fixture.file(format) { try $0.chunked("/w", form, []) }
      #expect(try file.tensor(#require(file["/w"])).doubles().allSatisfy { $0 == 0 })
    }
  }

  // MARK: what is refused

  @Test("other filters, other files and named datatypes are refused", arguments: Format.allCases)
  func refused(format: Format) throws {
    var form = ChunkedShape(shape: [5, 7], largest: [nil, 7], chunk: [2, 3])
    form.filters = [.scaleOffset]
    let file = try HDF5Fixture.file(format) { writer in
      try writer.chunked("/filter", form, [Int32](repeating: 1, count: 35))
      try writer.dataset(
        "/external", type: recur_float(), shape: [4], [UInt8](repeating: 0, count: 16),
        layout: .external)
      try writer.virtualDataset("/virtual", of: "/etc/passwd")
      try writer.namedDatatype("/type", usedBy: "named")
    }
    for (path, code) in [
      ("/filter", "hdf5.filter.unsupported"), ("/external", "hdf5.external-storage.refused"),
      ("/virtual", "hdf5.layout.unsupported"), ("/named", "hdf5.message.unsupported"),
    ] {
      let diagnostic = expectDiagnostic(code) { try file.tensor(#require(file[path])) }
      #expect(diagnostic?.location.object == path)
    }
    let root = try #require(file["/"])
    #expect(try root.attributeNames() == ["named"])
    expectDiagnostic("hdf5.message.unsupported") { try file.numbers("named", of: root) }
    #expect(file["/type"]?.isGroup == false && file["/type"]?.isDataset == false)
  }

  @Test("a file that its writer did not close is refused")
  func open() throws {
    let bytes = try HDF5Fixture.bytes(.latest) { try $0.group("/g") }
    let marked = Bytes.patched(bytes, at: 11, [5])
    let checksum = HDF5Checksum.lookup3(marked[..<44])
    expectDiagnostic("hdf5.superblock.unsupported") {
      try HDF5File(TestData.region(Bytes.patched(marked, at: 44, [checksum].littleEndianBytes)))
    }
    let diagnostic = expectDiagnostic("hdf5.checksum.mismatch") {
      try HDF5File(TestData.region(marked))
    }
    #expect(diagnostic?.message == "the superblock does not have the checksum stored with it")
  }
}
