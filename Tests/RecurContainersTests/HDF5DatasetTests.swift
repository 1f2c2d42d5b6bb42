import CHDF5
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("HDF5 dataset")
struct HDF5DatasetTests {
  private func dataset(
    type: hid_t, shape: [Int], _ bytes: [UInt8],
    layout: HDF5FixtureWriter.Layout = .contiguous
  ) throws -> HDF5File {
    try HDF5Fixture.file { try $0.dataset("/w", type: type, shape: shape, bytes, layout: layout) }
  }

  private func tensor(_ file: HDF5File) throws -> Tensor {
    try file.tensor(#require(file["/w"]))
  }

  private func counting(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) & 0x3F }
  }

  static let shapes = [[], [1], [5], [2, 3], [3, 1], [2, 3, 4], [0], [0, 3], [2, 0, 4]]

  @Test("contiguous numbers of every rank are the bytes that were written", arguments: shapes)
  func contiguous(shape: [Int]) throws {
    for (type, element) in [
      (recur_float(), ElementType.float32), (recur_double(), .float64), (recur_int64(), .int64),
      (recur_int32(), .int32), (recur_uint8(), .uint8), (recur_half(), .float16),
    ] {
      let bytes = counting(shape.reduce(element.byteCount, *))
      let file = try dataset(type: type, shape: shape, bytes)
      let tensor = try tensor(file)
      #expect(tensor.elementType == element && tensor.shape == shape)
      #expect(try tensor.rowMajorBytes().bytes() == bytes)
      #expect(tensor.location.object == "/w")
      let dataset = try file.dataset(#require(file["/w"]))
      #expect(dataset.shape == shape)
      #expect(dataset.datatype.kind == .number(element, isBigEndian: false))
      #expect(dataset.datatype.description == element.rawValue)
    }
  }

  @Test("contiguous data is a view of the file")
  func view() throws {
    let bytes = try HDF5Fixture.bytes { try $0.floats("/w", shape: [2], [1.5, -3]) }
    let file = try HDF5File(TestData.region(bytes))
    let place = try #require(try tensor(file).location.bytes)
    #expect(
      Array(bytes[Int(place.lowerBound)..<Int(place.upperBound)])
        == [Float(1.5), -3].map(\.bitPattern).littleEndianBytes)
  }

  @Test("compact data, kept in the header, is read")
  func compact() throws {
    let bytes = counting(24)
    let file = try dataset(type: recur_float(), shape: [2, 3], bytes, layout: .compact)
    #expect(try tensor(file).rowMajorBytes().bytes() == bytes)
  }

  @Test("a dataset without elements is read, though nothing was ever stored")
  func empty() throws {
    #expect(try tensor(dataset(type: recur_float(), shape: [0, 4], [])).shape == [0, 4])
  }

  @Test("opaque elements of two bytes are given as their bits")
  func opaque() throws {
    let file = try dataset(type: recur_opaque(2), shape: [2], [0x80, 0x3F, 0x20, 0xC0])
    #expect(try tensor(file).elementType == .uint16)
    #expect(try tensor(file).reinterpreted(as: .bfloat16).doubles() == [1, -2.5])
  }

  @Test("data that was never written is its fill value")
  func unwritten() throws {
    let file = try dataset(type: recur_float(), shape: [2], [], layout: .unwritten)
    #expect(try tensor(file).doubles() == [0, 0])
    let large = try dataset(type: recur_float(), shape: [1 << 20], [], layout: .unwritten)
    let diagnostic = expectDiagnostic("hdf5.data.missing") { try tensor(large) }
    #expect(diagnostic?.location.object == "/w")
  }

  @Test(
    "chunks make the array that was written, also at its edges",
    arguments: [[4], [7], [1], [5, 7], [3, 1], [4, 3, 5]],
    [HDF5FixtureWriter.Layout.chunked, .deflated])
  func chunked(shape: [Int], layout: HDF5FixtureWriter.Layout) throws {
    let bytes = counting(4 * shape.reduce(1, *))
    let file = try dataset(type: recur_float(), shape: shape, bytes, layout: layout)
    let whole = try dataset(type: recur_float(), shape: shape, bytes)
    #expect(try tensor(file).isBitEqual(to: tensor(whole)))
  }

  @Test("a deflated chunk with a changed byte is refused")
  func brokenChunk() throws {
    let content = try HDF5Fixture.bytes {
      try $0.dataset("/w", type: recur_float(), shape: [64], counting(256), layout: .deflated)
    }
    let good = try tensor(HDF5File(TestData.region(content)))
    var refused = 0
    for offset in content.indices.dropFirst(96) {
      let patched = Bytes.patched(content, at: offset, [content[offset] ^ 0x10])
      do {
        let file = try HDF5File(TestData.region(patched))
        // A change that is read without an error did not hit the numbers.
        if file["/w"]?.isDataset == true {
          let read = try tensor(file)
          #expect(read.shape != good.shape || read.isBitEqual(to: good) || read.count == 64)
        }
      } catch { refused += 1 }
    }
    #expect(refused > 20)
  }

  @Test("a chunk between two places, outside or of another rank is refused")
  func misplacedChunk() throws {
    let content = try HDF5Fixture.bytes {
      try $0.dataset("/w", type: recur_float(), shape: [8], counting(32), layout: .chunked)
    }
    // Keys of the B-tree: size 16, filter mask 0, then the offsets of the chunk and of its bytes.
    let key = Bytes.le32(16) + Bytes.le32(0) + Bytes.le64(4) + Bytes.le64(0)
    let place = try #require(Bytes.offset(of: key, in: content))
    for origin in [1, 8, 1 << 40, 0] {
      let patched = Bytes.patched(content, at: place + 8, Bytes.le64(origin))
      expectDiagnostic("hdf5.chunk.invalid") { try tensor(HDF5File(TestData.region(patched))) }
    }
    let short = Bytes.patched(content, at: place, Bytes.le32(12))
    expectDiagnostic("hdf5.chunk.invalid") { try tensor(HDF5File(TestData.region(short))) }
  }

  @Test("data in another file is refused and never opened")
  func external() throws {
    let file = try dataset(type: recur_float(), shape: [4], counting(16), layout: .external)
    expectDiagnostic("hdf5.external-storage.refused") { try tensor(file) }
  }

  @Test("big-endian numbers are put into order")
  func bigEndian() throws {
    let file = try dataset(
      type: recur_big_endian_float(), shape: [2], [0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0])
    #expect(try tensor(file).doubles() == [1, -2.5])
  }

  @Test("types without numbers that this reader knows are refused")
  func otherTypes() throws {
    for (type, width) in [
      (recur_compound(), 8), (recur_opaque(4), 4),
      (recur_fixed_string(4, 0), 4),
    ] {
      let file = try dataset(type: type, shape: [2], counting(2 * width))
      expectDiagnostic("hdf5.datatype.unsupported") { try tensor(file) }
    }
  }

  @Test("a group is no dataset")
  func group() throws {
    let file = try HDF5Fixture.file { try $0.group("/w") }
    expectDiagnostic("hdf5.structure.invalid") { try tensor(file) }
  }

  @Test("a shape that does not fit the stored bytes is refused")
  func wrongShape() throws {
    let bytes = try HDF5Fixture.bytes {
      try $0.floats("/w", shape: [3, 5], [Float](repeating: 1, count: 15))
    }
    let extents = try #require(Bytes.offset(of: Bytes.le64(3) + Bytes.le64(5), in: bytes))
    for (rows, code) in [
      (2, "tensor.bytes-mismatch"), (4, "tensor.bytes-mismatch"), (0, "tensor.bytes-mismatch"),
      ((1 << 31) - 1, "tensor.bytes-mismatch"), (1 << 31, "bytes.limit-exceeded"),
      (-1, "bytes.limit-exceeded"),
    ] {
      let changed = Bytes.patched(bytes, at: extents, Bytes.le64(rows))
      let file = try HDF5File(TestData.region(changed))
      expectDiagnostic(code) { try tensor(file) }
    }
  }
}
