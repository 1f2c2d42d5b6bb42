import CHDF5
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

/// Structures of `libver='latest'` with wrong contents and correct checksums.
@Suite("HDF5 of libver='latest' from a stranger")
struct HDF5LatestHostileTests {
  /// A file whose root has so many links that their B-tree has two levels.
  private let bytes: [UInt8]
  private let checksums: HDF5Checksums
  /// The headers of the heap and the B-tree of the links, and the root of the tree.
  private let heap: Int
  private let tree: Int
  private let root: Int

  init() throws {
    bytes = try HDF5Fixture.bytes(.latest) { writer in
      for index in 0..<150 { try writer.group("/child_\(index)") }
    }
    checksums = HDF5Checksums(of: bytes)
    heap = try #require(Bytes.offset(of: Array("FRHP".utf8), in: bytes))
    tree = try #require(Bytes.offset(of: Array("BTHD".utf8), in: bytes))
    root = Int(try TestData.region(bytes).integer(UInt64.self, at: tree + 16))
  }

  private func expect(
    _ code: String, at offset: Int, _ part: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectDiagnostic(code, sourceLocation: sourceLocation) {
      try HDF5File(TestData.region(checksums.patched(bytes, at: offset, part)))
    }
  }

  @Test("the file is read when nothing is changed")
  func whole() throws {
    #expect(try HDF5File(TestData.region(bytes)).objects.count == 151)
    #expect(bytes[tree + 12] == 1)
    #expect(checksums.structures.count > 155)
  }

  @Test("a B-tree node with itself, its root or one child twice below it is a cycle")
  func cyclicTree() throws {
    let count = Int(try TestData.region(bytes).integer(UInt16.self, at: tree + 24))
    // Records of 11 bytes, then pointers of 9.
    let pointers = root + 6 + 11 * count
    expect("hdf5.cycle", at: pointers, Bytes.le64(root))
    expect("hdf5.cycle", at: pointers + 9, Array(bytes[pointers..<pointers + 8]))
    expect("hdf5.cycle", at: pointers, Bytes.le64(tree))
    expect("hdf5.structure.invalid", at: pointers, Bytes.le64(tree + 1))
    expect("hdf5.address.invalid", at: pointers, Bytes.le64(bytes.count))
    expect("hdf5.structure.invalid", at: pointers + 8, [255])
  }

  @Test("a B-tree header that lies about its tree is refused")
  func treeHeader() throws {
    for (offset, part) in [
      (4, [UInt8(1)]), (5, [6]), (6, Bytes.le32(0)), (10, [0, 0]),
      (10, [12, 0]), (12, [255, 255]), (24, [255, 255]), (26, Bytes.le64(149)),
      (26, Bytes.le64(151)), (26, Bytes.le64(-1)), (26, Bytes.le64(0)),
    ] { expect("hdf5.structure.invalid", at: tree + offset, part) }
    expect("hdf5.address.invalid", at: tree + 16, Bytes.le64(bytes.count))
    // A larger node has wider pointers, so that its checksum is looked for at another position.
    expect("hdf5.checksum.mismatch", at: tree + 6, Bytes.le32(-1))
  }

  @Test("an identifier that leads out of its heap is refused")
  func heapIdentifiers() throws {
    // The first record of the root: the name's hash, then the identifier.
    let id = root + 6 + 4
    for (offset, part) in [
      (0, [UInt8(0x40)]), (0, [0x30]), (0, [0x10]), (1, Bytes.le32(0)), (1, Bytes.le32(-1)),
      (1, Bytes.le32(1 << 20)), (1, Bytes.le32(511)), (5, [0, 0]), (5, [255, 255]), (5, [0, 2]),
    ] { expect("hdf5.heap.invalid", at: id + offset, part) }
  }

  @Test("a heap with an impossible table of blocks is refused")
  func heapHeader() throws {
    for (offset, part, code) in [
      (4, [UInt8(1)], "hdf5.structure.invalid"), (5, [3, 0], "hdf5.heap.invalid"),
      (7, [1, 0], "hdf5.checksum.mismatch"), (110, [3, 0], "hdf5.structure.invalid"),
      (110, [0, 0], "hdf5.structure.invalid"), (112, Bytes.le64(0), "hdf5.structure.invalid"),
      (112, Bytes.le64(-1), "hdf5.structure.invalid"),
      (120, Bytes.le64(.max), "hdf5.structure.invalid"), (128, [255, 0], "hdf5.structure.invalid"),
      (132, Bytes.le64(-1), "hdf5.heap.invalid"), (132, Bytes.le64(96), "hdf5.structure.invalid"),
      (140, [255, 255], "bytes.truncated"),
    ] { expect(code, at: heap + offset, part) }
  }

  @Test("a heap whose blocks are filtered is refused")
  func filteredHeap() throws {
    let bytes = try HDF5Fixture.bytes(.latest) { writer in
      try writer.deflatedGroup("/g")
      for index in 0..<20 { try writer.group("/g/child_\(index)") }
    }
    let diagnostic = expectDiagnostic("hdf5.message.unsupported") {
      try HDF5File(TestData.region(bytes))
    }
    #expect(diagnostic?.message == "a fractal heap with filters is not read")
    #expect(diagnostic?.location.object == "/g")
  }

  @Test("lookup3 is Bob Jenkins' own, by his examples")
  func lookup3() {
    let text = Array("Four score and seven years ago".utf8)
    #expect(HDF5Checksum.lookup3([]) == 0xDEAD_BEEF)
    #expect(HDF5Checksum.lookup3(text[...]) == 0x1777_0551)
  }
}
