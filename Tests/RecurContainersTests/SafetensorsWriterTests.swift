import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Safetensors writer")
struct SafetensorsWriterTests {
  private func written(
    _ table: TensorTable, metadata: [(name: String, value: String)] = []
  ) throws -> [UInt8] {
    var sink = MemorySink()
    try SafetensorsWriter.write(table, metadata: metadata, to: &sink)
    return sink.bytes
  }

  private func headerText(_ bytes: [UInt8]) throws -> String {
    let count = try TestData.region(bytes).integer(UInt64.self, at: 0)
    return String(decoding: bytes[8..<8 + Int(count)], as: UTF8.self)
  }

  /// One tensor of every type and several shapes.
  private func mixed() throws -> TensorTable {
    var table = TensorTable()
    let types = ElementType.allCases.filter { $0 != .complex128 }
    for (index, type) in types.reversed().enumerated() {
      let shape = [[], [3], [2, 2], [0]][index % 4]
      let count = shape.reduce(type.byteCount, *)
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 + index) }
      try table.append("t\(index)", Tensor(TestData.region(bytes), type, shape: shape))
    }
    return table
  }

  @Test("what is written is read back")
  func roundTrip() throws {
    let table = try mixed()
    let metadata = [(name: "z", value: "1\n\"é\""), (name: "a", value: "")]
    let file = try SafetensorsFile(TestData.region(try written(table, metadata: metadata)))
    #expect(file.metadata.map(\.name) == ["z", "a"])
    #expect(file.metadata.map(\.value) == ["1\n\"é\"", ""])
    #expect(Set(file.tensors.names) == Set(table.names))
    for (name, tensor) in table.entries {
      #expect(file.tensors[name]?.isBitEqual(to: tensor) == true, "\(name)")
    }
  }

  @Test("writing what was read gives the same bytes")
  func identity() throws {
    let bytes = try written(mixed(), metadata: [("format", "pt")])
    let file = try SafetensorsFile(TestData.region(bytes))
    #expect(try written(file.tensors, metadata: file.metadata) == bytes)
  }

  @Test("the widest elements come first, then names by their bytes")
  func order() throws {
    var table = TensorTable()
    for (name, type) in [
      ("b", ElementType.float32), ("a", .float32), ("z", .float64), ("c", .uint8), ("B", .float32),
      ("y", .float16), ("é", .float32), ("x", .int64),
    ] {
      try table.append(name, .zeros(type, shape: [1]))
    }
    let file = try SafetensorsFile(TestData.region(try written(table)))
    #expect(file.tensors.names == ["x", "z", "B", "a", "b", "é", "y", "c"])
    let offsets = file.tensors.entries.compactMap { $0.tensor.location.bytes?.lowerBound }
    #expect(offsets == offsets.sorted())
  }

  @Test("the header is padded with blanks so that data begins at a multiple of 8")
  func padding() throws {
    for length in 1...17 {
      var table = TensorTable()
      try table.append(String(repeating: "n", count: length), .float32([1], shape: [1]))
      let bytes = try written(table)
      let header = try headerText(bytes)
      #expect(header.utf8.count % 8 == 0 && bytes.count == 8 + header.utf8.count + 4)
      let rest = header.drop { $0 != " " }
      #expect(rest.allSatisfy { $0 == " " } && rest.count < 8)
    }
  }

  @Test("the header is the reference library's, without blanks between members")
  func header() throws {
    var table = TensorTable()
    try table.append("w", .float32([1, 2], shape: [2, 1]))
    let header = try headerText(written(table, metadata: [("format", "pt")]))
    #expect(
      header.hasPrefix(
        #"{"__metadata__":{"format":"pt"},"#
          + #""w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}"#))
  }

  @Test("views are written as the elements they show")
  func views() throws {
    var table = TensorTable()
    try table.append("w", Tensor.int32([1, 2, 3, 4], shape: [2, 2]).transposed())
    let file = try SafetensorsFile(TestData.region(try written(table)))
    #expect(file.tensors["w"]?.doubles() == [1, 3, 2, 4])
  }

  @Test("nothing is written as an empty header")
  func empty() throws {
    #expect(try written(TensorTable()) == Bytes.le64(8) + Array("{}      ".utf8))
  }
}
