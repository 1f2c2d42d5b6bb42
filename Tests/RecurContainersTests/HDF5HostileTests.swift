import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("HDF5 from a stranger")
struct HDF5HostileTests {
  /// A small file with one of everything.
  private func small() throws -> [UInt8] {
    let bytes = try HDF5Fixture.bytes { writer in
      try writer.group("/g")
      try writer.floats("/g/w", shape: [2, 3], [1, 2, 3, 4, 5, 6])
      try writer.fixedStrings("names", on: "/g", ["w", "v"], width: 4)
      try writer.doubles("none", on: "/g", [])
      try writer.variableStrings("config", on: "/", ["{}"], shape: [])
    }
    #expect(bytes.count <= 12_288)
    return bytes
  }

  private func offset(of signature: String, in bytes: [UInt8], from start: Int = 0) throws -> Int {
    try #require(Bytes.offset(of: Array(signature.utf8), in: bytes, from: start))
  }

  /// Opens the file and reads all of it; any error must be a `CheckpointError`.
  private func isRead(_ bytes: [UInt8]) throws -> Bool {
    do throws(CheckpointError) {
      var file = try HDF5File(TestData.region(bytes))
      for object in file.objects {
        for name in try object.attributeNames() { _ = try? file.strings(name, of: object) }
        if object.isDataset { _ = (try? file.tensor(object))?.doubles() }
        _ = file.children(of: object.path)
      }
      return true
    } catch {
      return false
    }
  }

  @Test("the small file is read whole")
  func whole() throws {
    var file = try HDF5File(TestData.region(small()))
    #expect(try file.readEverything() > 8)
  }

  @Test("a file cut off at any byte is refused")
  func truncated() throws {
    let bytes = try small()
    for count in 0..<bytes.count {
      #expect(try !isRead(Array(bytes[..<count])), "\(count) bytes")
    }
    let diagnostic = expectDiagnostic("bytes.truncated") {
      try HDF5File(TestData.region(Array(bytes.dropLast())))
    }
    #expect(diagnostic?.message == "the file is cut off")
    #expect(diagnostic?.expected == "\(bytes.count) bytes")
  }

  @Test("a file cut off at any byte that denies it is refused or read, and does not trap")
  func truncatedAndPatched() throws {
    let bytes = try small()
    for count in 48..<bytes.count {
      _ = try isRead(Bytes.patched(Array(bytes[..<count]), at: 40, Bytes.le64(count)))
    }
  }

  @Test("a file with any byte changed is refused or read, and does not trap")
  func changedBytes() throws {
    let bytes = try small()
    // Runs of zeros are free space; testing every eighth byte of them is enough.
    for index in bytes.indices where bytes[index] != 0 || index % 8 < 2 || index < 200 {
      for value in [bytes[index] ^ 1, bytes[index] ^ 0x80, 0xFF] {
        _ = try isRead(Bytes.patched(bytes, at: index, [value]))
      }
    }
  }

  @Test("eight bytes of ones or of small numbers anywhere are refused or read, and do not trap")
  func changedWords() throws {
    let bytes = try small()
    for index in stride(from: 0, to: bytes.count - 8, by: 8) {
      for value in [-1, Int.max, 0, 96, bytes.count - 1] {
        _ = try isRead(Bytes.patched(bytes, at: index, Bytes.le64(value)))
      }
    }
  }

  @Test("a child whose header is the root's is a cycle")
  func cycle() throws {
    let bytes = try small()
    let leaf = try offset(of: "SNOD", in: bytes)
    let changed = Bytes.patched(bytes, at: leaf + 8 + 8, Array(bytes[64..<72]))
    expectDiagnostic("hdf5.cycle") { try HDF5File(TestData.region(changed)) }
  }

  /// A group large enough that its B-tree's root has several children.
  private func large() throws -> [UInt8] {
    try HDF5Fixture.bytes { writer in
      for index in 0..<400 { try writer.group("/g\(index)") }
    }
  }

  @Test("two children of a B-tree node that are one node are a cycle")
  func sharedNode() throws {
    let bytes = try large()
    let header = try TestData.region(bytes).integer(UInt64.self, at: 64)
    // The root's Symbol Table message is the first: header 16 bytes, message prefix 8.
    let node = Int(try TestData.region(bytes).integer(UInt64.self, at: Int(header) + 24))
    #expect(Array(bytes[node..<node + 4]) == Array("TREE".utf8))
    let first = Array(bytes[node + 32..<node + 40])
    let changed = Bytes.patched(bytes, at: node + 48, first)
    let diagnostic = expectDiagnostic("hdf5.cycle") { try HDF5File(TestData.region(changed)) }
    #expect(diagnostic?.message == "a node of the group's B-tree is reached a second time")
    let itself = Bytes.patched(bytes, at: node + 32, Bytes.le64(node))
    expectDiagnostic("hdf5.cycle") { try HDF5File(TestData.region(itself)) }
  }

  @Test("a B-tree of the wrong kind, level or signature is refused")
  func brokenTree() throws {
    let bytes = try large()
    let header = try TestData.region(bytes).integer(UInt64.self, at: 64)
    let node = Int(try TestData.region(bytes).integer(UInt64.self, at: Int(header) + 24))
    for (offset, value) in [(0, UInt8(0x55)), (4, 1), (5, 7), (5, 255)] {
      expectDiagnostic("hdf5.structure.invalid") {
        try HDF5File(TestData.region(Bytes.patched(bytes, at: node + offset, [value])))
      }
    }
    #expect(throws: CheckpointError.self) {
      try HDF5File(TestData.region(Bytes.patched(bytes, at: node + 6, [0xFF, 0xFF])))
    }
  }

  @Test("two links of one name in a group are refused")
  func duplicateName() throws {
    let bytes = try HDF5Fixture.bytes { writer in
      try writer.group("/a")
      try writer.group("/b")
    }
    let leaf = try offset(of: "SNOD", in: bytes)
    let changed = Bytes.patched(bytes, at: leaf + 48, Array(bytes[leaf + 8..<leaf + 16]))
    let diagnostic = expectDiagnostic("hdf5.name.invalid") {
      try HDF5File(TestData.region(changed))
    }
    #expect(diagnostic?.message == "two links are named 'a'")
  }

  @Test("link names that are empty, hold '/', are not UTF-8 or have no end are refused")
  func brokenNames() throws {
    let bytes = try HDF5Fixture.bytes { try $0.group("/child") }
    let name = try offset(of: "child", in: bytes)
    for (offset, value) in [(0, UInt8(0)), (2, 0x2F), (2, 0xE9), (0, 0xFF)] {
      expectDiagnostic("hdf5.name.invalid") {
        try HDF5File(TestData.region(Bytes.patched(bytes, at: name + offset, [value])))
      }
    }
  }

  // MARK: global heaps

  private func config(_ bytes: [UInt8]) throws -> [ByteRegion]? {
    var file = try HDF5File(TestData.region(bytes))
    return try file.strings("config", of: #require(file["/"]))
  }

  @Test("a global heap whose object has index 0 and size 0 ends there")
  func emptyHeapObject() throws {
    let bytes = try small()
    let heap = try offset(of: "GCOL", in: bytes)
    let changed = Bytes.patched(bytes, at: heap + 16, [UInt8](repeating: 0, count: 16))
    expectDiagnostic("hdf5.heap.invalid") { try config(changed) }
  }

  @Test("global heaps that lie about their objects are refused")
  func brokenHeap() throws {
    let bytes = try small()
    let heap = try offset(of: "GCOL", in: bytes)
    for (offset, part, code) in [
      (0, [UInt8(0)], "hdf5.structure.invalid"), (8, Bytes.le64(-1), "hdf5.address.invalid"),
      (8, Bytes.le64(bytes.count), "bytes.truncated"), (8, Bytes.le64(0), "hdf5.heap.invalid"),
      (16, [2, 0], "hdf5.heap.invalid"), (24, Bytes.le64(0), "hdf5.heap.invalid"),
      (24, Bytes.le64(1), "hdf5.heap.invalid"), (24, Bytes.le64(-1), "hdf5.address.invalid"),
      (24, Bytes.le64(4_096), "bytes.truncated"),
    ] {
      expectDiagnostic(code) { try config(Bytes.patched(bytes, at: heap + offset, part)) }
    }
  }

  @Test("two heap objects of one number are refused")
  func duplicateHeapObject() throws {
    let bytes = try HDF5Fixture.bytes {
      try $0.variableStrings("config", on: "/", ["abc", "def"])
    }
    let heap = try offset(of: "GCOL", in: bytes)
    let second = heap + 16 + 16 + 8
    let changed = Bytes.patched(bytes, at: second, Array(bytes[heap + 16..<heap + 18]))
    expectDiagnostic("hdf5.heap.invalid") { try config(changed) }
  }

  @Test("strings that all point at one long heap object are refused before they fill memory")
  func repeatedHeapObject() throws {
    let long = String(repeating: "x", count: 3_000)
    let bytes = try HDF5Fixture.bytes { writer in
      try writer.variableStrings("config", on: "/", [long] + (0..<100).map { "s\($0)" })
    }
    var file = try HDF5File(TestData.region(bytes))
    #expect(try file.texts("config", of: "/")?.count == 101)
    // The first reference: length, heap, index; the others follow it.
    let first = try #require(Bytes.offset(of: Bytes.le32(long.utf8.count), in: bytes))
    var changed = bytes
    let reference = Array(bytes[first..<first + 16])
    for index in 1...100 { changed = Bytes.patched(changed, at: first + 16 * index, reference) }
    expectDiagnostic("bytes.limit-exceeded") { try config(changed) }
  }
}
