import RecurTensors
import RecurTestSupport
import Testing

@Suite("Tensor")
struct TensorTests {
  private func region(_ count: Int) -> ByteRegion {
    ByteRegion(ByteStorage(copying: [UInt8](repeating: 0, count: count)))
  }

  @Test(
    "a row-major tensor has the strides of its shape", arguments: Grid.shapes(rank: 3, extent: 3))
  func strides(shape: [Int]) throws {
    let tensor = try Grid(shape: shape).tensor(.int16)
    #expect(tensor.rank == shape.count)
    #expect(tensor.count == shape.reduce(1, *))
    for axis in shape.indices {
      #expect(tensor.strides[axis] == shape[(axis + 1)...].reduce(1) { $0 * max($1, 1) })
    }
  }

  @Test("a shape that needs another number of bytes is refused, with both numbers")
  func wrongByteCount() {
    let diagnostic = expectDiagnostic("tensor.bytes-mismatch") {
      try Tensor(region(23), .float32, shape: [2, 3])
    }
    #expect(diagnostic?.message == "shape [2, 3] of float32 needs 24 bytes, found 23")
    #expect(diagnostic?.expected == "24 bytes")
    #expect(diagnostic?.found == "23 bytes")
  }

  @Test("one byte more or less is refused for every element type", arguments: ElementType.allCases)
  func offByOne(type: ElementType) throws {
    let needed = 6 * type.byteCount
    #expect(try Tensor(region(needed), type, shape: [3, 2]).byteCount == needed)
    for count in [needed - 1, needed + 1] {
      expectDiagnostic("tensor.bytes-mismatch") {
        try Tensor(region(count), type, shape: [3, 2])
      }
    }
  }

  @Test(
    "a negative or overflowing shape is impossible, even beside a zero",
    arguments: [
      [-1], [2, -3], [Int.min], [.max], [1 << 31, 1 << 31], [0, .max], [.max, 0], [0, -1],
      [1 << 62, 4, 0], [.max, .max, .max],
    ])
  func impossibleShape(shape: [Int]) {
    let diagnostic = expectDiagnostic("tensor.bytes-mismatch") {
      try Tensor(region(0), .float32, shape: shape)
    }
    #expect(diagnostic?.message.hasSuffix("of float32 is impossible") == true)
  }

  @Test("a scalar has no dimensions and one element; an extent of zero has none")
  func scalarAndEmpty() throws {
    let scalar = try Tensor.float32([1.5], shape: [])
    #expect(scalar.count == 1 && scalar.rank == 0 && scalar.floats() == [1.5])
    let empty = try Tensor.float32([], shape: [2, 0, 3])
    #expect(empty.count == 0 && empty.byteCount == 0 && empty.doubles() == [])
  }

  @Test("the location is the region's bytes with the object's name")
  func location() throws {
    let bytes = ByteRegion(
      ByteStorage(copying: [UInt8](repeating: 0, count: 16), isFileImage: true))
    let tensor = try Tensor(
      bytes.slice(at: 4, length: 8), .float32, shape: [2], at: .init(object: "w"))
    #expect(tensor.location == .init(object: "w", bytes: 4..<12))
    #expect(tensor.transposed().slice(axis: 0, 1..<2).location == tensor.location)
  }

  // MARK: strided

  @Test("strides reach any element inside the bytes and none outside")
  func stridedBounds() throws {
    let bytes = region(4 * 12)
    for shape in [[3, 4], [4, 3], [2, 2], [1, 1]] {
      for strides in [[4, 1], [1, 4], [1, 3], [0, 0], [0, 1], [6, 2], [5, 5]] {
        for offset in 0...12 {
          let last = offset + zip(shape, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
          if last < 12 {
            let view = try Tensor(
              bytes, .float32, shape: shape, strides: strides, offset: offset)
            #expect(view.doubles().count == view.count)
          } else {
            expectDiagnostic("tensor.bytes-mismatch") {
              try Tensor(bytes, .float32, shape: shape, strides: strides, offset: offset)
            }
          }
        }
      }
    }
  }

  @Test("a strided view shows the elements its strides lead to")
  func stridedElements() throws {
    let base = ByteRegion(ByteStorage(copying: [UInt8](0..<12)))
    func view(_ shape: [Int], _ strides: [Int], _ offset: Int) throws -> [Double] {
      try Tensor(base, .uint8, shape: shape, strides: strides, offset: offset).doubles()
    }
    #expect(try view([2, 3], [1, 4], 1) == [1, 5, 9, 2, 6, 10])
    #expect(try view([3], [0], 7) == [7, 7, 7])
    #expect(try view([], [], 11) == [11])
    #expect(try view([2, 2, 2], [6, 2, 1], 0) == [0, 1, 2, 3, 6, 7, 8, 9])
  }

  @Test(
    "strides, offsets and extents that overflow are refused",
    arguments: [
      ([2], [Int.max], 0), ([2], [.max], .max), ([.max], [.max], 0), ([3], [.max / 2], 2),
      ([2, 2], [.max, .max], 0), ([1], [1], .max), ([1], [1], -1), ([1], [-1], 0),
      ([2], [-1], 1), ([1], [.min], 0), ([1], [1, 1], 0), ([1, 1], [1], 0), ([-1], [1], 0),
    ] as [([Int], [Int], Int)])
  func stridedOverflow(shape: [Int], strides: [Int], offset: Int) {
    expectDiagnostic("tensor.bytes-mismatch") {
      try Tensor(region(16), .float32, shape: shape, strides: strides, offset: offset)
    }
  }

  @Test("a dimension of one may have any stride, and is read without a trap")
  func hugeStrideOfOne() async {
    await #expect(processExitsWith: .success) {
      let bytes = ByteRegion(ByteStorage(copying: [UInt8](repeating: 0, count: 16)))
      for (shape, strides) in [([1], [Int.max]), ([1, 2], [.max, 1]), ([2, 1], [1, .max])] {
        let view = try Tensor(bytes, .float32, shape: shape, strides: strides, offset: 0)
        _ = view.doubles()
        _ = try view.rowMajorBytes()
        _ = view.transposed().floats()
      }
    }
  }

  @Test("an empty view may begin anywhere, and is copied without a trap")
  func emptyBeyondTheEnd() async {
    await #expect(processExitsWith: .success) {
      let bytes = ByteRegion(ByteStorage(copying: [UInt8](repeating: 0, count: 16)))
      for (strides, offset) in [([1], Int.max), ([.max], 1), ([.max], 0)] {
        let view = try Tensor(bytes, .float32, shape: [0], strides: strides, offset: offset)
        _ = view.doubles()
        _ = try view.rowMajorBytes()
        _ = try view.slice(axis: 0, 0..<0).rowMajorBytes()
      }
    }
  }

  @Test("an empty view that the initialiser accepts can be copied")
  func emptyIsCopied() throws {
    let view = try Tensor(region(16), .float32, shape: [0], strides: [1], offset: 100)
    #expect(throws: Never.self) { try view.rowMajorBytes() }
  }
}
