import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("NPY file")
struct NPYFileTests {
  /// A file with `header`, as it stands, before `data`.
  private func file(_ header: String, version: UInt8 = 1, _ data: [UInt8] = []) -> ByteRegion {
    let text = Array(header.utf8)
    let length = version == 1 ? Bytes.le16(text.count) : Bytes.le32(text.count)
    return TestData.region(NPYFile.magic + [version, 0] + length + text + data)
  }

  private func header(
    _ descriptor: String, order: String = "False", _ shape: String
  ) -> String {
    "{'descr': '\(descriptor)', 'fortran_order': \(order), 'shape': \(shape), }          \n"
  }

  private func read(_ region: ByteRegion, limits: DecodeLimits = .init()) throws -> Tensor {
    try NPYFile.tensor(region, limits: limits)
  }

  static let types: [(String, ElementType, [UInt8], Double)] = [
    ("<f2", .float16, [0x00, 0xC1], -2.5), ("<f4", .float32, [0, 0, 0x20, 0xC0], -2.5),
    ("<f8", .float64, [0, 0, 0, 0, 0, 0, 0x04, 0xC0], -2.5), ("|i1", .int8, [0xFE], -2),
    ("<i2", .int16, [0xFE, 0xFF], -2), ("<i4", .int32, [0xFE, 0xFF, 0xFF, 0xFF], -2),
    ("<i8", .int64, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], -2),
    ("|u1", .uint8, [0xFE], 254), ("<u2", .uint16, [0xFE, 0xFF], 65_534),
    ("<u4", .uint32, [0xFE, 0xFF, 0xFF, 0xFF], 4_294_967_294),
    ("<u8", .uint64, [2, 0, 0, 0, 0, 0, 0, 0], 2), ("|b1", .bool, [1], 1),
  ]

  @Test("every number type is read, in both byte orders", arguments: types)
  func dtype(descriptor: String, type: ElementType, element: [UInt8], value: Double) throws {
    let name = descriptor.dropFirst()
    for order in ["<", "|", "="] {
      let tensor = try read(file(header(order + name, "(2,)"), element + element))
      #expect(tensor.elementType == type && tensor.shape == [2])
      #expect(tensor.doubles() == [value, value])
    }
    let reversed = Array(element.reversed())
    let tensor = try read(file(header(">" + name, "(2,)"), reversed + reversed))
    #expect(tensor.elementType == type && tensor.doubles() == [value, value])
  }

  @Test("the header may have any of the three versions", arguments: [1, 2, 3] as [UInt8])
  func versions(version: UInt8) throws {
    let tensor = try read(file(header("|u1", "(3,)"), version: version, [7, 8, 9]))
    #expect(tensor.doubles() == [7, 8, 9])
  }

  @Test("Fortran order is a transposed view")
  func fortranOrder() throws {
    let tensor = try read(file(header("|u1", order: "True", "(2, 3)"), [1, 2, 3, 4, 5, 6]))
    #expect(tensor.shape == [2, 3])
    #expect(tensor.doubles() == [1, 3, 5, 2, 4, 6])
    let swapped = try read(file(header(">u2", order: "True", "(2, 2)"), [0, 1, 0, 2, 0, 3, 0, 4]))
    #expect(swapped.doubles() == [1, 3, 2, 4])
  }

  @Test(
    "shapes are read as NumPy writes them",
    arguments: [
      ("()", []), ("(2,)", [2]), ("(1, 2)", [1, 2]), ("(2L, 1L)", [2, 1]),
      ("( 1 ,2 , 1 )", [1, 2, 1]),
      ("(1,2,)", [1, 2]),
    ])
  func shapes(text: String, shape: [Int]) throws {
    let data = [UInt8](repeating: 0, count: shape.reduce(1, *))
    #expect(try read(file(header("|u1", text), data)).shape == shape)
  }

  @Test("an array without elements is read")
  func empty() throws {
    #expect(try read(file(header("<f4", "(0, 3)"))).shape == [0, 3])
  }

  @Test("keys may come in any order, in either kind of quotes")
  func quotes() throws {
    let text = #"{"shape":(1,),'fortran_order':False,"descr":"|u1"}"#
    #expect(try read(file(text, [5])).doubles() == [5])
  }

  @Test("the tensor is a view of the file, located by its bytes")
  func view() throws {
    let region = file(header("|u1", "(2,)"), [7, 8])
    let end = UInt64(region.count)
    #expect(try read(region).location.bytes == end - 2..<end)
  }

  @Test(
    "headers that break a rule are refused",
    arguments: [
      "", "{", "}", "()", "{}", "{'descr': '|u1'}", "{'descr': '|u1', 'fortran_order': False}",
      "{'fortran_order': False, 'shape': (1,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'x': 1}",
      "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'shape': (1,)}",
      "{'descr': '|u1', 'fortran_order': false, 'shape': (1,)}",
      "{'descr': '|u1', 'fortran_order': 0, 'shape': (1,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': [1]}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': 1}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1.0,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1 1)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1,}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} x",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}{}",
      "{'descr': '|u1' 'fortran_order': False, 'shape': (1,)}",
      "{'descr' '|u1', 'fortran_order': False, 'shape': (1,)}",
      "{descr: '|u1', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '|u1\", 'fortran_order': False, \"shape\": (1,)}",
      "{'descr': None, 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}\0",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (True,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (__import__('os'),)}",
    ])
  func brokenHeader(text: String) {
    expectDiagnostic("npy.header.invalid") { try read(file(text, [0])) }
  }

  @Test("a shape in brackets without a comma is a number to Python, and refused")
  func noTuple() {
    expectDiagnostic("npy.header.invalid") { try read(file(header("|u1", "(1)"), [0])) }
  }

  @Test("a wrong magic number, an unknown version or a header beyond the limit is refused")
  func beginning() {
    let good = file(header("|u1", "(1,)"), [5]).bytes()
    for index in 0..<6 {
      expectDiagnostic("npy.header.invalid") {
        try read(TestData.region(Bytes.patched(good, at: index, [good[index] ^ 1])))
      }
    }
    for version: UInt8 in [0, 4, 255] {
      expectDiagnostic("npy.header.invalid") {
        try read(TestData.region(Bytes.patched(good, at: 6, [version])))
      }
    }
    let blanks = String(repeating: " ", count: 70_000)
    expectDiagnostic("npy.header.invalid") {
      try read(file(header("|u1", "(1,)") + blanks, version: 2, [5]))
    }
  }

  @Test(
    "a minor version other than 0 is unknown to NumPy, and refused",
    arguments: [1, 2, 3] as [UInt8])
  func minorVersion(major: UInt8) {
    let good = file(header("|u1", "(1,)"), version: major, [5]).bytes()
    expectDiagnostic("npy.header.invalid") {
      try read(TestData.region(Bytes.patched(good, at: 7, [1])))
    }
  }

  @Test("objects are refused without looking at their pickle")
  func objects() {
    let diagnostic = expectDiagnostic("npy.dtype.unsupported") {
      try read(file(header("|O", "(1,)"), [0x80, 2, 0x4E, 0x2E]))
    }
    #expect(
      diagnostic?.message == "dtype '|O' holds pickled objects, which are never loaded")
  }

  @Test(
    "other types are refused",
    arguments: [
      "", "<", "f4", "4", "<f3", "<c4", "<U-2", "<f4[ns]", "!f4",
      "<f44",
      "<F4", "<b1 ",
    ])
  func otherTypes(descriptor: String) {
    expectDiagnostic("npy.dtype.unsupported") { try read(file(header(descriptor, "(1,)"))) }
  }

  @Test("data longer or shorter than the shape needs is refused")
  func wrongLength() {
    for count in [0, 23, 25, 100] {
      expectDiagnostic("tensor.bytes-mismatch") {
        try read(file(header("<f4", "(2, 3)"), [UInt8](repeating: 0, count: count)))
      }
      expectDiagnostic("tensor.bytes-mismatch") {
        try read(file(header(">f4", order: "True", "(2, 3)"), [UInt8](repeating: 0, count: count)))
      }
    }
    expectDiagnostic("tensor.bytes-mismatch") {
      try read(file(header("<f4", "(4294967296, 4294967296, 0)")))
    }
  }

  @Test("rank is limited")
  func rank() throws {
    func shape(_ rank: Int) -> String { "(" + String(repeating: "1, ", count: rank) + ")" }
    #expect(try read(file(header("|u1", shape(32)), [0])).rank == 32)
    expectDiagnostic("npy.header.invalid") { try read(file(header("|u1", shape(33)), [0])) }
  }

  @Test("a file cut off at any byte is refused")
  func truncated() {
    let bytes = file(header("<f4", "(2,)"), [UInt8](repeating: 0, count: 8)).bytes()
    for count in 0..<bytes.count {
      #expect(throws: CheckpointError.self) { try read(TestData.region(Array(bytes[..<count]))) }
    }
  }

  @Test(
    "what is written is read back, data at a multiple of 64",
    arguments: ElementType.allCases.filter {
      $0 != .bfloat16 && !$0.isComplex && $0.float8 == nil
    })
  func roundTrip(type: ElementType) throws {
    for shape in [[], [0], [3], [2, 3], [2, 0, 4], [1, 2, 3, 4]] {
      let bytes = (0..<shape.reduce(type.byteCount, *)).map { UInt8(truncatingIfNeeded: $0) }
      let tensor = try Tensor(TestData.region(bytes), type, shape: shape)
      let written = try NPYFile.bytes(of: tensor)
      #expect((written.count - bytes.count) % 64 == 0)
      #expect(try read(TestData.region(written)).isBitEqual(to: tensor))
      let view = tensor.transposed()
      let rewritten = try NPYFile.bytes(of: view)
      #expect(try read(TestData.region(rewritten)).isBitEqual(to: view))
    }
  }

  @Test("bfloat16, which NumPy does not have, is not written")
  func bfloat16() {
    expectDiagnostic("npy.dtype.unsupported") {
      try NPYFile.bytes(of: .zeros(.bfloat16, shape: [2]))
    }
  }

  @Test("the header is what NumPy writes")
  func writtenHeader() throws {
    let bytes = try NPYFile.bytes(of: .float32([1, 2, 3], shape: [3]))
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"
    #expect(Array(bytes[..<10]) == NPYFile.magic + [1, 0, 118, 0])
    #expect(String(decoding: bytes[10..<67], as: UTF8.self) == text)
    #expect(bytes[67..<127].allSatisfy { $0 == 0x20 } && bytes[127] == 0x0A)
  }
}
