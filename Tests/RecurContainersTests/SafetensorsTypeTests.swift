import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Element types of safetensors")
struct SafetensorsTypeTests {
  private func file(_ header: String, _ data: [UInt8] = []) -> ByteRegion {
    TestData.region(Bytes.le64(header.utf8.count) + Array(header.utf8) + data)
  }

  @Test("a file of the reference library with every type is written again byte by byte")
  func sameBytes() throws {
    let bytes = try TestData.bytes("numbers/element_types.safetensors")
    let file = try SafetensorsFile(TestData.region(bytes))
    #expect(file.tensors.names.count == 19)
    #expect(file.metadata.map(\.name).sorted() == ["a", "b"])
    var sink = MemorySink()
    try SafetensorsWriter.write(file.tensors, metadata: file.metadata, to: &sink)
    #expect(sink.bytes.count == bytes.count)
    let header = Int(try TestData.region(bytes).integer(UInt64.self, at: 0))
    // The order of members within an entry may differ from the library's; the numbers must be at
    // its positions.
    #expect(sink.bytes.suffix(bytes.count - 8 - header) == bytes.suffix(bytes.count - 8 - header))
    let again = try SafetensorsFile(TestData.region(sink.bytes))
    #expect(again.tensors.names == file.tensors.names)
    #expect(again.metadata.map(\.name) == file.metadata.map(\.name))
  }

  @Test("numbers of less than a byte are listed and not read")
  func subByte() throws {
    let header =
      #"{"a":{"dtype":"F4","shape":[2,3],"data_offsets":[0,3]},"#
      + #""b":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[3,6]}}"#
    let tensors = try SafetensorsFile(file(header, [1, 2, 3, 4, 5, 6])).tensors
    #expect(tensors.names == [])
    #expect(tensors.unreadable.map(\.type) == ["F4", "F6_E2M3"])
    #expect(tensors.unreadable("a")?.shape == [2, 3])
    #expect(tensors.unreadable("b")?.byteCount == 3)
    #expect(tensors.unreadable("a")?.location.object == "a")
  }

  @Test(
    "numbers of less than a byte must fill their bytes",
    arguments: [("F4", "[3]", 1), ("F4", "[3]", 2), ("F4", "[]", 1), ("F6_E3M2", "[4]", 4)])
  func subByteSizes(dtype: String, shape: String, count: Int) {
    let header = "{\"a\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":[0,\(count)]}}"
    expectDiagnostic("tensor.bytes-mismatch") {
      try SafetensorsFile(file(header, [UInt8](repeating: 0, count: count)))
    }
  }

  @Test("blanks may stand before the header, as in the reference library")
  func leadingBlanks() throws {
    for blanks in [" ", "\n", "\t\r "] {
      let region = file(blanks + #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, [7])
      #expect(SafetensorsFile.recognizes(region))
      #expect(try SafetensorsFile(region).tensors["a"]?.doubles() == [7])
    }
    for other in ["\u{B}", "\u{FEFF}"] {
      let region = file(other + "{}")
      #expect(!SafetensorsFile.recognizes(region))
      expectDiagnostic("safetensors.header.invalid") { try SafetensorsFile(region) }
    }
  }

  @Test("a name that appears twice is refused with both places")
  func duplicate() {
    let entry = #""a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
    let diagnostic = expectDiagnostic("json.duplicate-key") {
      try SafetensorsFile(file("{\(entry),\(entry)}"))
    }
    #expect(
      diagnostic?.message == "the name 'a' appears twice, at bytes 9 and \(10 + entry.utf8.count)")
  }

  @Test("complex128 is refused, which the format has not")
  func complex128() throws {
    var tensors = TensorTable()
    try tensors.append("z", .zeros(.complex128, shape: [2]))
    expectDiagnostic("safetensors.dtype.unsupported") {
      var sink = MemorySink()
      try SafetensorsWriter.write(tensors, metadata: [], to: &sink)
    }
  }
}
