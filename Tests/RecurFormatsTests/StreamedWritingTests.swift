import RecurContainers
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Writers hold no copy of what they write")
struct StreamedWritingTests {
  /// A matrix of 64 MiB whose view repeats four bytes.
  private func matrix(_ shape: [Int]) throws -> Tensor {
    try Tensor(
      ByteRegion(ByteStorage(copying: [0, 0, 0x80, 0x3F])), .float32, shape: shape,
      strides: [0, 0], offset: 0)
  }

  @Test(
    "every state dict is written in pieces",
    arguments: [
      PyTorchFormat() as any StateDictEncoding, SafetensorsFormat(PyTorchStateDicts()),
      NPZFormat(PyTorchStateDicts()),
    ])
  func stateDicts(format: any StateDictEncoding) throws {
    var tensors = TensorTable()
    let (wide, tall) = (try matrix([16, 1 << 20]), try matrix([1 << 20, 16]))
    try tensors.append("wide.weight", wide)
    try tensors.append("tall.weight", tall.transposed())
    try tensors.append("joined.weight", Tensor.concatenated([wide, tall.transposed()], axis: 1))
    var sink = CountingSink(largest: TensorBlocks.stridedByteCount)
    try format.encode(StateDict(tensors: tensors), into: &sink)
    #expect((1 << 28)..<(1 << 28) + 4_096 ~= sink.count)
  }

  @Test("the checksum of an entry is that of its content, also when it is written in pieces")
  func checksums() throws {
    let values = (0..<1_200_000).map { Float($0) }
    let tensor = try Tensor.float32(values, shape: [1_200, 1_000]).transposed()
    var sink = MemorySink()
    var writer = ZipWriter(alignment: 64)
    try writer.append("turned", tensor, to: &sink)
    try writer.append("small", TestData.region([1, 2, 3]), to: &sink)
    try writer.finish(to: &sink)
    let archive = try ZipArchive(TestData.region(sink.bytes))
    let entry = try #require(archive["turned"])
    let content = try archive.content(of: entry)
    #expect(try Tensor(content, .float32, shape: [1_000, 1_200]).isBitEqual(to: tensor))
  }

  @Test("an archive that is only listed is not held against the checksums of its arrays")
  func listing() throws {
    var bytes = try TestData.bytes("keras3/lstm_last.golden.npz")
    let entry = try #require(ZipArchive(TestData.region(bytes)).entries.first)
    let last = try #require(entry.stored.location.bytes?.upperBound) - 1
    bytes[Int(last)] ^= 1
    let damaged = TestData.region(bytes)
    #expect(try NPZArchive(damaged, limits: .listing).table().names.count > 0)
    expectDiagnostic("zip.crc.mismatch") { try NPZArchive(damaged).table() }
  }
}
