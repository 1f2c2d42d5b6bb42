import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("NPZ archive")
struct NPZArchiveTests {
  private func written(_ arrays: [(name: String, tensor: Tensor)]) throws -> [UInt8] {
    var sink = MemorySink()
    try NPZArchive.write(arrays, to: &sink)
    return sink.bytes
  }

  @Test("arrays are read back under their names, in order")
  func roundTrip() throws {
    let arrays: [(name: String, tensor: Tensor)] = [
      ("b", try .float32([1, 2], shape: [2])), ("a/b:0", try .int32([3], shape: [])),
      ("é", try .float64([], shape: [0, 2])), ("x.npy", try .float32([4], shape: [1])),
    ]
    let bytes = try written(arrays)
    let archive = try NPZArchive(TestData.region(bytes))
    #expect(archive.names == arrays.map(\.name))
    for (name, tensor) in arrays {
      #expect(try archive.tensor(name)?.isBitEqual(to: tensor) == true)
      #expect(try archive.tensor(name)?.location.object == name)
    }
    #expect(try archive.tensor("none") == nil)
    #expect(try written(arrays) == bytes)
  }

  @Test("data of a stored array is a view at a multiple of 64 bytes")
  func alignment() throws {
    let bytes = try written([("w", .float32([1, 2], shape: [2]))])
    let archive = try NPZArchive(TestData.region(bytes))
    let place = try #require(try archive.tensor("w")?.location.bytes)
    #expect(place.lowerBound % 64 == 0 && place.count == 8)
  }

  // Python: header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"; padded with
  // blanks to 117 bytes and a newline; npy = b"\x93NUMPY\x01\x00v\x00" + header
  // + struct.pack("<3f", 1, 2.5, -3); then zlib.compressobj(9, zlib.DEFLATED, -15) as usual.
  private let deflated = Bytes.hexadecimal(
    """
    9bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774bcc29
    4e058a17672416a402f91ac63a9a3a0ab50a14002e0686067b060605070606870300
    """)

  @Test("a deflated array is read, as savez_compressed writes it")
  func compressed() throws {
    let content = try NPYFile.bytes(of: .float32([1, 2.5, -3], shape: [3]))
    let fixture = ZipFixture([.init("w.npy", deflated: deflated, of: content)])
    let archive = try NPZArchive(TestData.region(fixture.bytes))
    #expect(try archive.tensor("w")?.doubles() == [1, 2.5, -3])
  }

  @Test("an entry that is no array is refused")
  func unexpectedEntry() {
    expectDiagnostic("npz.entry.unexpected") {
      try NPZArchive(TestData.region(ZipFixture.plain.bytes))
    }
  }

  @Test("a broken array is refused under its name")
  func brokenArray() throws {
    let archive = try NPZArchive(TestData.region(ZipFixture([.init("w.npy", [1, 2])]).bytes))
    let diagnostic = expectDiagnostic("npy.header.invalid") { try archive.tensor("w") }
    #expect(diagnostic?.location.object == "w")
  }

  @Test("a flipped bit in the data is found by the checksum")
  func flippedBit() throws {
    var bytes = try written([("w", .float32([1, 2], shape: [2]))])
    let archive = try NPZArchive(TestData.region(bytes))
    let place = try #require(try archive.tensor("w")?.location.bytes)
    bytes[Int(place.lowerBound)] ^= 1
    let changed = try NPZArchive(TestData.region(bytes))
    expectDiagnostic("zip.crc.mismatch") { try changed.tensor("w") }
  }
}
