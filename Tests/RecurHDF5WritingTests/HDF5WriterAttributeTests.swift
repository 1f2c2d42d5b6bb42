import RecurContainers
import RecurHDF5Writing
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Writing attributes and refusing what HDF5 can't hold")
struct HDF5WriterAttributeTests {
  private func file(_ attributes: [HDF5Node.Attribute]) throws -> HDF5File {
    try HDF5File(HDF5Writer.image(of: .group(attributes: attributes)).region())
  }

  private func name(_ length: Int) -> String { String(repeating: "n", count: length) }

  @Test("strings, lists of strings and the empty list are read back") func strings() throws {
    var file = try file([
      .init("version", .string("3.15.1", .utf8)),
      .init("config", .string("{\"name\": \"größe\"}", .ascii)),
      .init("empty", .string("", .utf8)),
      .init("names", .strings(["masking", "", "lstm_é"], .ascii)),
      .init("none", .strings([], .ascii)),
      .init("fixed", .fixedStrings(["a", "bcd", ""])),
      .init("blank", .fixedStrings([""])),
    ])
    #expect(try file.texts("version", of: "/") == ["3.15.1"])
    #expect(try file.texts("config", of: "/") == ["{\"name\": \"größe\"}"])
    #expect(try file.texts("empty", of: "/") == [""])
    #expect(try file.texts("names", of: "/") == ["masking", "", "lstm_é"])
    #expect(try file.texts("none", of: "/") == [])
    #expect(try file.texts("fixed", of: "/") == ["a", "bcd", ""])
    #expect(try file.texts("blank", of: "/") == [""])
  }

  @Test("a string of megabytes is read back") func large() throws {
    let text = String(repeating: "0123456789abcdef", count: 200_000)
    var file = try file([.init("model_config", .string(text, .ascii))])
    #expect(try file.texts("model_config", of: "/") == [text])
  }

  @Test("numbers are attributes of their type and shape") func numbers() throws {
    let half = try Tensor(
      ByteRegion(ByteStorage(copying: [0, 0x3C])), .float16, shape: [1])
    let file = try file([
      .init("integer", .integer(-3)),
      .init("float", .float(0.5)),
      .init("half", .tensor(half)),
      .init("turned", .tensor(try Tensor.int32([1, 2, 3, 4], shape: [2, 2]).transposed())),
    ])
    let names = try #require(file["/"]).attributeNames()
    #expect(names == ["float", "half", "integer", "turned"])
  }

  @Test("datasets have attributes too") func onDataset() throws {
    let tensor = try Tensor.float32([1], shape: [])
    let root = HDF5Node.group([
      .init("x", .dataset(tensor, attributes: [.init("dtype", .string("bfloat16", .utf8))]))
    ])
    var file = try HDF5File(HDF5Writer.image(of: root).region())
    #expect(try file.texts("dtype", of: "/x") == ["bfloat16"])
  }

  @Test("an attribute may take 64512 bytes and no more") func largest() throws {
    let fixed = [String](repeating: name(16), count: 4_032)
    var file = try file([
      .init("fixed", .fixedStrings(fixed)), .init("variable", .strings(fixed, .ascii)),
    ])
    #expect(try file.texts("fixed", of: "/") == fixed)
    #expect(try file.texts("variable", of: "/") == fixed)
    let group = HDF5Node.group(attributes: [.init("names", .strings(fixed + ["one more"], .ascii))])
    let diagnostic = expectDiagnostic("hdf5.write.unrepresentable") {
      try HDF5Writer.image(of: .group([.init("layer", group)]))
    }
    #expect(diagnostic?.location.object == "/layer@names")
    #expect(diagnostic?.found == "64528 bytes")
    #expect(diagnostic?.expected == "at most 64512 bytes")
  }

  @Test(
    "a name that is no component of a path is refused, with its place",
    arguments: ["", ".", "..", "a/b", "/", "a\0b"])
  func names(_ name: String) throws {
    let inner = HDF5Node.group([.init(name, .group())])
    let diagnostic = expectDiagnostic("hdf5.write.unrepresentable") {
      try HDF5Writer.image(of: .group([.init("outer", inner)]))
    }
    #expect(diagnostic?.location.object == "/outer/\(name)")
  }

  @Test("a name that is there twice is refused; names that only look the same are not")
  func duplicates() throws {
    let twice = HDF5Node.group([.init("x", .group()), .init("x", .group())])
    expectDiagnostic("hdf5.write.unrepresentable") { try HDF5Writer.image(of: twice) }
    let attributes = [
      HDF5Node.Attribute("x", .strings([], .utf8)), .init("x", .strings([], .utf8)),
    ]
    expectDiagnostic("hdf5.write.unrepresentable") {
      try HDF5Writer.image(of: .group(attributes: attributes))
    }
    let alike = HDF5Node.group([.init("é", .group()), .init("e\u{301}", .group())])
    #expect(try HDF5File(HDF5Writer.image(of: alike).region()).objects.count == 3)
  }

  @Test("an insertion that is in the way of something is refused") func insertions() throws {
    let tensor = try Tensor.float32([1], shape: [])
    var root = HDF5Node.group()
    try root.insert(.dataset(tensor), at: ["a", "x"])
    expectDiagnostic("hdf5.write.unrepresentable") {
      try root.insert(.dataset(tensor), at: ["a", "x"])
    }
    let below = expectDiagnostic("hdf5.write.unrepresentable") {
      try root.insert(.dataset(tensor), at: ["a", "x", "y"])
    }
    #expect(below?.location.object == "/a/x/y")
    expectDiagnostic("hdf5.write.unrepresentable") { try root.insert(.group(), at: []) }
    #expect(try HDF5File(HDF5Writer.image(of: root).region()).objects.count == 3)
  }

  @Test("a zero byte in a string, 33 dimensions and a root with data are refused")
  func unrepresentable() throws {
    expectDiagnostic("hdf5.write.unrepresentable") {
      try file([.init("a", .string("x\0y", .utf8))])
    }
    expectDiagnostic("hdf5.write.unrepresentable") { try file([.init("a", .fixedStrings(["\0"]))]) }
    expectDiagnostic("hdf5.write.unrepresentable") { try file([.init("", .strings([], .utf8))]) }
    let deep = try Tensor.float32([1], shape: [Int](repeating: 1, count: 33))
    expectDiagnostic("hdf5.write.unrepresentable") {
      try HDF5Writer.image(of: .group([.init("x", .dataset(deep))]))
    }
    expectDiagnostic("hdf5.write.unrepresentable") { try HDF5Writer.image(of: .dataset(deep)) }
  }

  @Test("what libhdf5 refuses is said in its words, and the next file is written all the same")
  func refused() throws {
    let diagnostic = expectDiagnostic("hdf5.write.failed") {
      try file([.init(name(70_000), .strings(["x"], .ascii))])
    }
    #expect(diagnostic?.message == "can't make an attribute")
    #expect(diagnostic?.notes.first?.hasPrefix("libhdf5 says: ") == true)
    #expect(diagnostic?.location.object == "/@" + name(70_000))
    var next = try file([.init("a", .strings(["x"], .ascii))])
    #expect(try next.texts("a", of: "/") == ["x"])
  }
}

extension HDF5File {
  /// The strings of an attribute as text; nil when there is none.
  mutating func texts(_ name: String, of path: String) throws -> [String?]? {
    guard let object = self[path] else { return nil }
    return try strings(name, of: object)?.map { $0.text() }
  }
}
