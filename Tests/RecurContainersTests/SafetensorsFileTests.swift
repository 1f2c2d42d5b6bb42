import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Safetensors file")
struct SafetensorsFileTests {
  private func file(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
    Bytes.le64(header.utf8.count) + Array(header.utf8) + data
  }

  @discardableResult
  private func read(_ bytes: [UInt8], limits: DecodeLimits = .init()) throws -> SafetensorsFile {
    try SafetensorsFile(TestData.region(bytes), limits: limits)
  }

  private func entry(_ name: String, _ dtype: String, _ shape: String, _ offsets: String) -> String
  {
    #""\#(name)":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  /// A file of one entry of bytes.
  private func one(
    _ dtype: String = "U8", _ shape: String = "[4]", _ offsets: String = "[0,4]",
    _ data: [UInt8] = [1, 2, 3, 4]
  ) -> [UInt8] {
    file("{\(entry("a", dtype, shape, offsets))}", data)
  }

  @Test("tensors are views of the file, in header order")
  func views() throws {
    let header =
      "{\(entry("b", "U8", "[2,2]", "[4,8]")),\(entry("a", "F32", "[]", "[0,4]"))}"
    let bytes = file(header, [0, 0, 0x80, 0x3F, 5, 6, 7, 8])
    let read = try read(bytes)
    #expect(read.tensors.names == ["b", "a"])
    #expect(read.tensors["a"]?.doubles() == [1])
    #expect(read.tensors["b"]?.doubles() == [5, 6, 7, 8])
    let end = UInt64(bytes.count)
    #expect(read.tensors["b"]?.location == .init(object: "b", bytes: end - 4..<end))
  }

  @Test(
    "every element type is read under its name",
    arguments: [
      ("F16", .float16), ("BF16", .bfloat16), ("F32", .float32), ("F64", .float64), ("I8", .int8),
      ("I16", .int16), ("I32", .int32), ("I64", .int64), ("U8", .uint8), ("U16", .uint16),
      ("U32", .uint32), ("U64", .uint64), ("BOOL", .bool),
    ] as [(String, ElementType)])
  func dtype(name: String, type: ElementType) throws {
    let width = type.byteCount
    let bytes = one(name, "[1]", "[0,\(width)]", [UInt8](repeating: 0, count: width))
    #expect(try read(bytes).tensors["a"]?.elementType == type)
  }

  @Test("a file without tensors, blanks after the header and any header length are accepted")
  func smallest() throws {
    for header in ["{}", "{} ", "{}   \n", "{\"__metadata__\":{}}", "{\"__metadata__\":null}"] {
      let read = try read(file(header))
      #expect(read.tensors.names.isEmpty && read.metadata.isEmpty)
    }
  }

  @Test("metadata is text by name, in order")
  func metadata() throws {
    let read = try read(file(#"{"__metadata__":{"z":"1","a":"é"}}"#))
    #expect(read.metadata.map(\.name) == ["z", "a"])
    #expect(read.metadata.map(\.value) == ["1", "é"])
  }

  @Test(
    "metadata that is not text by name is refused",
    arguments: ["1", "\"a\"", "[]", "true", #"{"a":1}"#, #"{"a":null}"#, #"{"a":{"b":"c"}}"#])
  func brokenMetadata(value: String) {
    expectDiagnostic("safetensors.header.invalid") { try read(file("{\"__metadata__\":\(value)}")) }
  }

  @Test(
    "a header that does not begin with '{' is refused",
    arguments: ["[]", "1", " []", "null", "\u{FEFF}{}", ""])
  func beginning(header: String) {
    expectDiagnostic("safetensors.header.invalid") { try read(file(header)) }
  }

  @Test("a header padded with zeros is refused")
  func zeroPadding() {
    let diagnostic = expectDiagnostic("json.syntax") { try read(file("{}\0\0")) }
    #expect(diagnostic?.message == "JSON needs nothing after the value at offset 2")
    #expect(diagnostic?.found == "byte 0x0")
  }

  @Test("a name that appears twice is refused, at every level")
  func duplicate() {
    let twice = "{\(entry("a", "U8", "[1]", "[0,1]")),\(entry("a", "U8", "[1]", "[1,2]"))}"
    expectDiagnostic("json.duplicate-key") { try read(file(twice, [1, 2])) }
    expectDiagnostic("json.duplicate-key") {
      try read(file(#"{"__metadata__":{"a":"1","a":"2"}}"#))
    }
    expectDiagnostic("json.duplicate-key") {
      try read(file(#"{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#))
    }
  }

  @Test("names that only look equal are two tensors")
  func canonicallyEqualNames() throws {
    let header =
      "{\(entry("é", "U8", "[1]", "[0,1]")),\(entry("e\u{301}", "U8", "[1]", "[1,2]"))}"
    let read = try read(file(header, [7, 8]))
    #expect(read.tensors["é"]?.doubles() == [7])
    #expect(read.tensors["e\u{301}"]?.doubles() == [8])
  }

  @Test(
    "an entry without dtype, shape or two whole offsets is refused",
    arguments: [
      "1", "null", "[]", "{}", #"{"dtype":"U8","shape":[0]}"#,
      #"{"dtype":"U8","data_offsets":[0,0]}"#,
      #"{"shape":[0],"data_offsets":[0,0]}"#, #"{"dtype":1,"shape":[0],"data_offsets":[0,0]}"#,
      #"{"dtype":"U8","shape":0,"data_offsets":[0,0]}"#,
      #"{"dtype":"U8","shape":[0],"data_offsets":[0]}"#,
      #"{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}"#,
      #"{"dtype":"U8","shape":[0],"data_offsets":["0","0"]}"#,
      #"{"dtype":"U8","shape":[0],"data_offsets":[0.0,0.0]}"#,
      #"{"dtype":"U8","shape":[0],"data_offsets":[0,1e0]}"#,
      #"{"dtype":"U8","shape":[0],"data_offsets":[0,18446744073709551616]}"#,
    ])
  func brokenEntry(value: String) {
    expectDiagnostic("safetensors.header.invalid") { try read(file("{\"a\":\(value)}")) }
  }

  @Test("unknown members of an entry are ignored")
  func unknownMember() throws {
    let text = #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":[1]}}"#
    #expect(try read(file(text)).tensors.names == ["a"])
  }

  @Test(
    "types this reader does not know are refused",
    arguments: ["", "f32", "F8_E4M3FN", "C128", "F6", "F128", "F32 ", "U128"])
  func unknownDtype(dtype: String) {
    let diagnostic = expectDiagnostic("safetensors.dtype.unsupported") { try read(one(dtype)) }
    #expect(diagnostic?.location.object == "a")
  }

  @Test(
    "shapes that are no list of sizes are refused",
    arguments: ["[-1]", "[1.0]", "[\"4\"]", "[null]", "[[4]]", "[2147483648,0]", "[1e0,4]"])
  func brokenShape(shape: String) {
    expectDiagnostic("safetensors.header.invalid") { try read(one("U8", shape)) }
  }

  @Test(
    "shapes that overflow or need other bytes are refused",
    arguments: [
      "[]", "[3]", "[5]", "[2,3]", "[0]", "[2147483647,2147483647,2147483647]",
      "[2147483647,2147483647,2147483647,0]",
    ])
  func wrongShape(shape: String) {
    expectDiagnostic("tensor.bytes-mismatch") { try read(one("U8", shape)) }
  }

  @Test("rank is limited")
  func rank() throws {
    func shape(_ rank: Int) -> String {
      "[" + Array(repeating: "1", count: rank - 1).joined(separator: ",") + ",4]"
    }
    #expect(try read(one("U8", shape(32))).tensors["a"]?.rank == 32)
    expectDiagnostic("safetensors.header.invalid") { try read(one("U8", shape(33))) }
  }

  @Test(
    "offsets that are negative, reversed or outside the data are refused",
    arguments: [
      "[-1,3]", "[0,-4]", "[4,0]", "[0,5]", "[1,5]", "[0,9223372036854775807]",
      "[-9223372036854775808,9223372036854775807]", "[9223372036854775807,9223372036854775807]",
    ])
  func brokenOffsets(offsets: String) {
    expectDiagnostic("safetensors.offsets.invalid") { try read(one("U8", "[4]", offsets)) }
  }

  // MARK: tiling

  private func two(_ first: String, _ second: String, _ sizes: (Int, Int)) -> [UInt8] {
    file(
      "{\(entry("a", "U8", "[\(sizes.0)]", first)),\(entry("b", "U8", "[\(sizes.1)]", second))}",
      [1, 2, 3, 4])
  }

  @Test("two tensors that overlap or are the same bytes are refused, by name")
  func overlap() {
    let diagnostic = expectDiagnostic("safetensors.offsets.invalid") {
      try read(two("[0,3]", "[2,4]", (3, 2)))
    }
    #expect(diagnostic?.message == "tensors 'a' and 'b' overlap")
    expectDiagnostic("safetensors.offsets.invalid") { try read(two("[0,4]", "[0,4]", (4, 4))) }
    expectDiagnostic("safetensors.offsets.invalid") { try read(two("[0,4]", "[1,2]", (4, 1))) }
  }

  @Test("bytes before, between and after the tensors are refused")
  func holes() {
    expectDiagnostic("safetensors.hole") { try read(two("[0,1]", "[2,4]", (1, 2))) }
    expectDiagnostic("safetensors.hole") { try read(two("[1,2]", "[2,4]", (1, 2))) }
    let diagnostic = expectDiagnostic("safetensors.hole") {
      try read(two("[0,1]", "[1,3]", (1, 2)))
    }
    #expect(diagnostic?.message == "1 bytes after the last tensor belong to none")
    expectDiagnostic("safetensors.hole") { try read(file("{}", [0])) }
  }

  @Test("the header's order need not be the data's")
  func anyOrder() throws {
    #expect(try read(two("[3,4]", "[0,3]", (1, 3))).tensors["b"]?.doubles() == [1, 2, 3])
  }

  @Test("tensors without elements may stand at either end and between others")
  func emptyTensors() throws {
    #expect(try read(two("[0,0]", "[0,4]", (0, 4))).tensors.names == ["a", "b"])
    #expect(try read(two("[0,4]", "[4,4]", (4, 0))).tensors.names == ["a", "b"])
  }

  @Test("an empty tensor that begins where a full one does is accepted in either order")
  func emptyTensorAfterFull() throws {
    #expect(try read(two("[0,4]", "[0,0]", (4, 0))).tensors.names == ["a", "b"])
  }

  @Test("an empty tensor inside another is refused")
  func emptyInside() {
    expectDiagnostic("safetensors.offsets.invalid") { try read(two("[0,4]", "[2,2]", (4, 0))) }
  }

  // MARK: sizes

  @Test("a file cut off at any byte is refused")
  func truncated() {
    let bytes = one()
    for count in 0..<bytes.count {
      #expect(throws: CheckpointError.self) { try read(Array(bytes[..<count])) }
    }
  }

  @Test("a header longer than the file is refused")
  func headerBeyondFile() {
    expectDiagnostic("bytes.truncated") { try read(Bytes.le64(3) + Array("{}".utf8)) }
    expectDiagnostic("bytes.truncated") { try read([2, 0, 0]) }
  }

  @Test("a header longer than the limit is refused", arguments: [100_000_001, 1 << 40, .max, -1])
  func headerBeyondLimit(length: Int) {
    expectDiagnostic("safetensors.header.too-large") {
      try read(Bytes.le64(length) + Array("{}".utf8))
    }
  }

  @Test("a header is accepted at the limit and refused one longer")
  func headerLimit() throws {
    var limits = DecodeLimits()
    limits.headerBytes = 4
    #expect(try read(file("{}  "), limits: limits).tensors.names.isEmpty)
    expectDiagnostic("safetensors.header.too-large") { try read(file("{}   "), limits: limits) }
  }

  @Test("files are recognised by their length and first character")
  func recognition() {
    #expect(SafetensorsFile.recognizes(TestData.region(file("{}"))))
    for bytes in [[], [2, 0, 0, 0, 0, 0, 0, 0], file("[]"), Bytes.le64(100) + [0x7B]] {
      #expect(!SafetensorsFile.recognizes(TestData.region(bytes)))
    }
  }

  @Test("every changed byte is refused or read")
  func mutations() {
    let bytes = two("[0,2]", "[2,4]", (2, 2))
    for index in bytes.indices {
      for value in UInt8.min...UInt8.max {
        _ = try? read(Bytes.patched(bytes, at: index, [value]))
      }
    }
  }
}
