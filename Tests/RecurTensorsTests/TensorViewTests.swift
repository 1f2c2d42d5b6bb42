import RecurTensors
import Testing

@Suite("Tensor views")
struct TensorViewTests {
  /// Describes the views of a tensor of `shape` with wrong elements.
  private func wrongViews(of shape: [Int], _ type: ElementType) throws -> [String] {
    var wrong: [String] = []
    let grid = Grid(shape: shape)
    let tensor = try grid.tensor(type)
    func check(_ view: Tensor, _ model: Grid, _ what: String) {
      if (try? view.shows(model)) != true { wrong.append("\(shape) \(what)") }
    }
    check(tensor, grid, "itself")
    check(tensor.transposed(), grid.transposed(), "transposed")
    for axis in shape.indices {
      for lower in 0...shape[axis] {
        for upper in lower...shape[axis] {
          check(
            tensor.slice(axis: axis, lower..<upper), grid.slice(axis: axis, lower..<upper),
            "slice \(axis) \(lower)..<\(upper)")
        }
      }
      for index in 0..<shape[axis] {
        check(
          tensor.select(axis: axis, index), grid.select(axis: axis, index),
          "select \(axis) \(index)")
      }
    }
    return wrong
  }

  @Test("every view of every small shape shows the right elements", arguments: ElementType.allCases)
  func allViews(type: ElementType) throws {
    for shape in Grid.shapes(rank: 3, extent: 3) {
      #expect(try wrongViews(of: shape, type) == [])
    }
  }

  @Test(
    "every view of a tensor without elements is empty and can be copied",
    arguments: Grid.emptyShapes(rank: 3, extent: 2))
  func emptyViews(shape: [Int]) throws {
    #expect(try wrongViews(of: shape, .float32) == [])
  }

  @Test("views of views show the right elements", arguments: Grid.shapes(rank: 3, extent: 3))
  func nestedViews(shape: [Int]) throws {
    var wrong: [String] = []
    let grid = Grid(shape: shape)
    let tensor = try grid.tensor(.int32)
    for axis in shape.indices {
      for lower in 0..<shape[axis] {
        let part = tensor.slice(axis: axis, lower..<shape[axis]).transposed()
        let model = grid.slice(axis: axis, lower..<shape[axis]).transposed()
        for other in part.shape.indices {
          for start in 0...part.shape[other] {
            let range = start..<part.shape[other]
            let view = part.slice(axis: other, range)
            if (try? view.shows(model.slice(axis: other, range))) != true {
              wrong.append("\(axis) \(lower) \(other) \(start)")
            }
          }
          for index in 0..<part.shape[other] {
            let view = part.select(axis: other, index)
            if (try? view.shows(model.select(axis: other, index))) != true {
              wrong.append("\(axis) \(lower) \(other) select \(index)")
            }
          }
        }
      }
    }
    #expect(wrong == [])
  }

  @Test("transposing twice gives the same view")
  func transposedTwice() throws {
    let tensor = try Grid(shape: [2, 3, 4]).tensor(.float64)
    let twice = tensor.transposed().transposed()
    #expect(twice.shape == tensor.shape && twice.strides == tensor.strides)
    #expect(twice.isBitEqual(to: tensor))
  }

  @Test("a transposed matrix is not contiguous unless one side is one")
  func contiguity() throws {
    #expect(try Grid(shape: [2, 3]).tensor(.int8).isContiguous)
    #expect(try !Grid(shape: [2, 3]).tensor(.int8).transposed().isContiguous)
    #expect(try Grid(shape: [1, 3]).tensor(.int8).transposed().isContiguous)
    #expect(try Grid(shape: [3, 1]).tensor(.int8).transposed().isContiguous)
    #expect(try Grid(shape: [3, 4]).tensor(.int8).slice(axis: 0, 1..<3).isContiguous)
    #expect(try !Grid(shape: [3, 4]).tensor(.int8).slice(axis: 1, 1..<3).isContiguous)
    #expect(try Grid(shape: [1, 4]).tensor(.int8).slice(axis: 1, 1..<3).isContiguous)
  }

  @Test("a row-major tensor is contiguous, also without elements")
  func rowMajorIsContiguous() throws {
    let shapes = Grid.shapes(rank: 3, extent: 3) + Grid.emptyShapes(rank: 3, extent: 2)
    #expect(try shapes.filter { try !Grid(shape: $0).tensor(.int8).isContiguous } == [])
  }
}

@Suite("Tensor elements")
struct TensorElementTests {
  /// Bytes of one element, and its value.
  static let values: [(ElementType, [UInt8], Double)] = [
    (.float16, [0x00, 0xC1], -2.5), (.bfloat16, [0x20, 0xC0], -2.5),
    (.float32, [0, 0, 0x20, 0xC0], -2.5), (.float64, [0, 0, 0, 0, 0, 0, 0x04, 0xC0], -2.5),
    (.int8, [0xFE], -2), (.int16, [0xFE, 0xFF], -2), (.int32, [0xFE, 0xFF, 0xFF, 0xFF], -2),
    (.int64, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], -2),
    (.uint8, [0xFE], 254), (.uint16, [0xFE, 0xFF], 65534),
    (.uint32, [0xFE, 0xFF, 0xFF, 0xFF], 4_294_967_294),
    (.uint64, [0, 0, 0, 0, 0, 0, 0, 0x80], 0x1p63), (.bool, [1], 1), (.bool, [7], 1),
    (.bool, [0], 0),
  ]

  @Test("each element type is read as its numbers", arguments: values)
  func value(type: ElementType, bytes: [UInt8], expected: Double) throws {
    let tensor = try Tensor(
      ByteRegion(ByteStorage(copying: bytes + bytes)), type, shape: [2])
    #expect(tensor.doubles() == [expected, expected])
    #expect(tensor.floats() == [Float(expected), Float(expected)])
  }

  @Test("elements are read at odd addresses")
  func unaligned() throws {
    let bytes = [0xFF] + [1.5, -3.25].map(\.bitPattern).littleEndianBytes
    let region = try ByteRegion(ByteStorage(copying: bytes)).slice(at: 1, length: 16)
    #expect(try Tensor(region, .float64, shape: [2]).doubles() == [1.5, -3.25])
  }

  @Test("bit equality tells -0 from 0 and finds equal NaN, unlike number equality")
  func bitEquality() throws {
    func single(_ bits: UInt32) throws -> Tensor {
      try Tensor.float32([Float(bitPattern: bits)], shape: [1])
    }
    #expect(try !single(0).isBitEqual(to: single(0x8000_0000)))
    #expect(try single(0x7FC0_0001).isBitEqual(to: single(0x7FC0_0001)))
    #expect(try !single(0x7FC0_0001).isBitEqual(to: single(0x7FC0_0002)))
  }

  @Test("tensors of another shape or type are not bit-equal")
  func otherShape() throws {
    let flat = try Tensor.int32([0, 0], shape: [2])
    #expect(try !flat.isBitEqual(to: .int32([0, 0], shape: [1, 2])))
    #expect(try !flat.isBitEqual(to: .float32([0, 0], shape: [2])))
    #expect(try flat.isBitEqual(to: .int32([0, 0], shape: [2])))
  }

  @Test("one changed bit is found in every element type", arguments: ElementType.allCases)
  func changedBit(type: ElementType) throws {
    let grid = Grid(shape: [2, 3])
    let tensor = try grid.tensor(type)
    var bytes = grid.bytes(width: type.byteCount)
    for index in bytes.indices {
      bytes[index] ^= 0x40
      let other = try Tensor(ByteRegion(ByteStorage(copying: bytes)), type, shape: [2, 3])
      bytes[index] ^= 0x40
      #expect(!tensor.isBitEqual(to: other))
      #expect(!tensor.transposed().isBitEqual(to: other.transposed()))
    }
  }

  @Test("integers become their bytes, least significant first")
  func littleEndianBytes() {
    #expect([UInt16(0x1234), 0xFF].littleEndianBytes == [0x34, 0x12, 0xFF, 0])
    #expect([Int32(-2)].littleEndianBytes == [0xFE, 0xFF, 0xFF, 0xFF])
    #expect([UInt8]().littleEndianBytes == [])
  }
}
