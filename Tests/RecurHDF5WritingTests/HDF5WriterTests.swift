import Foundation
import RecurContainers
import RecurHDF5Writing
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Writing HDF5")
struct HDF5WriterTests {
  /// The content of a written file with the root `root`, read back.
  private func file(_ root: HDF5Node) throws -> HDF5File {
    try HDF5File(HDF5Writer.image(of: root).region())
  }

  private func tensor(_ type: ElementType, shape: [Int], _ bytes: [UInt8]) throws -> Tensor {
    try Tensor(ByteRegion(ByteStorage(copying: bytes)), type, shape: shape)
  }

  /// `count` elements of `type` whose bytes count up.
  private func numbered(_ type: ElementType, shape: [Int]) throws -> Tensor {
    let count = shape.reduce(1, *) * type.byteCount
    let bytes = (0..<count).map { type == .bool ? UInt8($0 % 2) : UInt8(truncatingIfNeeded: $0) }
    return try tensor(type, shape: shape, bytes)
  }

  private func expectSame(
    _ root: HDF5Node, _ path: String, _ tensor: Tensor,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = try file(root)
    let object = try #require(file[path], sourceLocation: sourceLocation)
    let read = try file.tensor(object)
    #expect(read.shape == tensor.shape, sourceLocation: sourceLocation)
    #expect(read.isBitEqual(to: tensor), sourceLocation: sourceLocation)
  }

  @Test(
    "every element type that Keras reads is read back, bit for bit",
    arguments: ElementType.allCases.filter { $0.float8 == nil && !$0.isComplex })
  func elementTypes(_ type: ElementType) throws {
    let expected = try numbered(type, shape: [2, 3])
    let file = try file(.group([.init("x", .dataset(expected))]))
    let read = try file.tensor(#require(file["/x"]))
    // bfloat16 has no datatype of its own; its bytes are opaque, which are read as uint16.
    #expect(read.elementType == (type == .bfloat16 ? .uint16 : type))
    #expect(read.reinterpreted(as: type).isBitEqual(to: expected))
    #expect(read.shape == [2, 3])
  }

  @Test("views are written as what they show") func views() throws {
    let whole = try numbered(.float32, shape: [4, 5])
    for view in [
      whole.transposed(), whole.slice(axis: 1, 1..<3), whole.slice(axis: 0, 2..<4),
      whole.select(axis: 1, 2), whole.select(axis: 0, 1),
    ] {
      try expectSame(.group([.init("x", .dataset(view))]), "/x", view)
    }
  }

  @Test("a scalar, no elements, many dimensions")
  func shapes() throws {
    for shape in [[], [0], [3, 0, 2], [1, 1, 1], [2] + [Int](repeating: 1, count: 31)] {
      let tensor = try numbered(.float64, shape: shape)
      try expectSame(.group([.init("x", .dataset(tensor))]), "/x", tensor)
    }
  }

  @Test("datasets next to each other keep their numbers, small and large")
  func neighbours() throws {
    let sizes = [1, 3, 0, 700, 5_000, 1, 300_000, 2, 16_384, 7]
    let tensors = try sizes.map { try numbered(.float32, shape: [$0]) }
    let root = HDF5Node.group(
      tensors.enumerated().map { .init("n\($0)", .dataset($1, attributes: [])) })
    let file = try file(root)
    for (index, tensor) in tensors.enumerated() {
      #expect(try file.tensor(#require(file["/n\(index)"])).isBitEqual(to: tensor))
    }
  }

  @Test("groups within groups, and empty ones") func groups() throws {
    let tensor = try numbered(.float32, shape: [2])
    var root = HDF5Node.group()
    try root.insert(.dataset(tensor), at: ["a", "b", "kernel"])
    try root.insert(.dataset(tensor), at: ["a", "bias"])
    try root.insert(.group(), at: ["a", "b", "vars"])
    #expect(
      try file(root).objects.map(\.path)
        == ["/", "/a", "/a/b", "/a/b/kernel", "/a/b/vars", "/a/bias"])
    try expectSame(root, "/a/b/kernel", tensor)
  }

  @Test("three thousand children, each in a group and with an attribute") func many() throws {
    let count = 3_000
    let children = try (0..<count).map { index in
      HDF5Node.Child(
        "layer_\(index)",
        .group(
          [.init("x", .dataset(try Tensor.int32([Int32(index)], shape: [1])))],
          attributes: [.init("name", .string("layer \(index)", .utf8))]))
    }
    var file = try file(.group(children))
    #expect(file.objects.count == 1 + 2 * count)
    for index in stride(from: 0, to: count, by: 97) {
      #expect(try file.texts("name", of: "/layer_\(index)") == ["layer \(index)"])
      let tensor = try file.tensor(#require(file["/layer_\(index)/x"]))
      #expect(tensor.doubles() == [Double(index)])
    }
  }

  @Test("names beyond ASCII are kept byte by byte, however many there are") func unicode() throws {
    let names =
      ["é", "e\u{301}", "слой", "层", "🙂", "a b", "kernel:0"]
      + (0..<20).map { "schicht_ä\($0)" }
    let tensor = try numbered(.float32, shape: [1])
    let root = HDF5Node.group(names.map { .init($0, .dataset(tensor)) })
    let read = try file(root).objects.dropFirst().map { Name($0.name) }
    #expect(read == names.map { Name($0) }.sorted())
  }

  @Test("the same tree gives the same bytes, and a sink gets what the image holds")
  func deterministic() throws {
    let root = HDF5Node.group(
      [
        .init("x", .dataset(try numbered(.float32, shape: [40, 50]))),
        .init("g", .group([.init("y", .dataset(try numbered(.bool, shape: [3])))])),
      ],
      attributes: [.init("model_config", .string(String(repeating: "{}", count: 9_999), .ascii))])
    let image = try HDF5Writer.image(of: root)
    let bytes = try image.region().bytes()
    var sink = MemorySink()
    try HDF5Writer.write(root, to: &sink)
    #expect(sink.bytes == bytes)
    #expect(image.byteCount == bytes.count)
    #expect(bytes.prefix(9) == [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0])
  }

  @Test("datasets of any size are written in pieces")
  func pieces() throws {
    let bytes = ByteRegion(ByteStorage(copying: [1, 2]))
    let large = try Tensor(bytes, .int16, shape: [1 << 13, 1 << 13], strides: [0, 0], offset: 0)
    let joined = try Tensor.concatenated([large, large.transposed()], axis: 1)
    var sink = CountingSink(largest: TensorBlocks.stridedByteCount)
    try HDF5Writer.write(
      .group([.init("one", .dataset(large)), .init("joined", .dataset(joined))]), to: &sink)
    #expect((3 << 27)..<(3 << 27) + 8_192 ~= sink.count)
  }

  @Test("several threads can write at once") func threads() async throws {
    let tensor = try numbered(.float32, shape: [100])
    let root = HDF5Node.group([.init("x", .dataset(tensor))])
    let expected = try HDF5Writer.image(of: root).region().bytes()
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<32 { group.addTask { try HDF5Writer.image(of: root).region().bytes() } }
      for try await bytes in group { #expect(bytes == expected) }
    }
  }

  @Test("an error of the sink is passed on") func fullDisk() throws {
    struct Full: ByteSink {
      var room: Int
      mutating func write(_ bytes: RawSpan) throws(CheckpointError) {
        room -= bytes.byteCount
        if room < 0 { throw CheckpointError(.fileUnwritable, "no space left") }
      }
      mutating func replace(at offset: Int, with bytes: RawSpan) throws(CheckpointError) {
        Issue.record("an HDF5 file is written front to back")
      }
    }
    let root = HDF5Node.group([.init("x", .dataset(try numbered(.float32, shape: [5_000])))])
    for room in [0, 1_000, 10_000] {
      expectDiagnostic("file.unwritable") {
        var sink = Full(room: room)
        try HDF5Writer.write(root, to: &sink)
      }
    }
  }
}
