import Foundation
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Tensors in blocks")
struct TensorBlocksTests {
  /// The bytes of all blocks of at most `limit` bytes, and the size of the largest.
  private func blocks(_ tensor: Tensor, limit: Int) -> (bytes: [UInt8], largest: Int) {
    var blocks = TensorBlocks(tensor, limit: limit)
    var (bytes, largest): ([UInt8], Int) = ([], 0)
    while blocks.advance() {
      largest = max(largest, blocks.block.count)
      blocks.block.withBytes { span in
        for offset in 0..<span.byteCount {
          bytes.append(unsafe span.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
        }
      }
    }
    return (bytes, largest)
  }

  @Test(
    "blocks of any size hold all elements in order", arguments: Grid.shapes(rank: 3, extent: 3))
  func sizes(shape: [Int]) throws {
    let grid = Grid(shape: shape)
    let tensor = try grid.tensor(.float32)
    for limit in stride(from: 4, through: 112, by: 4) {
      for (view, model) in [(tensor, grid), (tensor.transposed(), grid.transposed())] {
        let found = blocks(view, limit: limit)
        #expect(found.bytes == model.bytes(width: 4), "\(shape) in blocks of \(limit)")
        #expect(found.largest <= limit)
      }
    }
  }

  @Test("a tensor without elements has no blocks", arguments: Grid.emptyShapes(rank: 3, extent: 2))
  func empty(shape: [Int]) throws {
    #expect(blocks(try Grid(shape: shape).tensor(.int16), limit: 64).bytes == [])
  }

  /// Extents near the sizes of tiles, runs and reads.
  static let sides = [(1, 9_001), (3, 5_000), (63, 129), (65, 4_099), (130, 67), (4_097, 66)]

  @Test(
    "large matrices of every width are transposed bit for bit, from memory and from a file",
    arguments: [ElementType.int8, .float16, .float32, .float64, .complex128])
  func transposes(type: ElementType) throws {
    let width = type.byteCount
    try TestData.withFolder { folder in
      for (rows, columns) in Self.sides {
        let numbers = (0..<rows * columns).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
        let elements = numbers.map { number in
          (0..<width).map { UInt8(truncatingIfNeeded: number >> UInt64($0 % 8 * 8 + 3)) }
        }
        let content = elements.flatMap { $0 }
        let file = folder.appending(path: "\(rows)x\(columns)")
        try Data(content).write(to: file)
        let mapped = try ByteStorage(mapping: file.path(percentEncoded: false))
        for storage in [ByteStorage(copying: content), mapped] {
          let tensor = try Tensor(ByteRegion(storage), type, shape: [rows, columns])
          let cut = rows / 3..<rows
          let other = columns / 4..<columns
          let view = tensor.slice(axis: 0, cut).slice(axis: 1, other).transposed()
          let expected = other.flatMap { c in cut.flatMap { r in elements[r * columns + c] } }
          var sink = MemorySink()
          try view.write(to: &sink)
          #expect(sink.bytes == expected, "\(rows) × \(columns)")
          #expect(blocks(view, limit: 70_000).bytes == expected)
          #expect(view.inStorageOrder().isBitEqual(to: view.transposed()))
        }
      }
    }
  }

  @Test(
    "blocks that two threads fill hold all elements", arguments: [ElementType.float16, .float32])
  func shared(type: ElementType) throws {
    let content = (0..<3_000 * 1_400 * type.byteCount).map {
      UInt8(truncatingIfNeeded: $0 / 3 ^ $0)
    }
    let tensor = try Tensor(
      ByteRegion(ByteStorage(copying: content)), type, shape: [3_000, 1_400])
    let gates = [2, 0, 1].map { tensor.slice(axis: 0, $0 * 1_000..<($0 + 1) * 1_000) }
    for view in [
      tensor, tensor.transposed(), try Tensor.joined(gates, axis: 0),
      try Tensor.joined(gates.map { $0.transposed() }, axis: 0),
      try Tensor.joined(gates.map { $0.transposed() }, axis: 1),
    ] {
      let expected = try view.rowMajorBytes().bytes()
      for limit in [300_000, 5_000_000] {
        #expect(blocks(view, limit: limit).bytes == expected, "\(view.shape) in blocks of \(limit)")
      }
    }
  }

  @Test("one changed bit anywhere makes tensors differ, however both lie")
  func changedBit() throws {
    let shape = [600, 500]
    let content = [UInt8](repeating: 7, count: 1_200_000)
    let tensor = try Tensor(ByteRegion(ByteStorage(copying: content)), .float32, shape: shape)
    for place in [0, 524_287, 524_288, 1_048_576, 1_199_999] {
      var changed = content
      changed[place] ^= 128
      let other = try Tensor(ByteRegion(ByteStorage(copying: changed)), .float32, shape: shape)
      let (one, another) = (
        try tensor.transposed().contiguous(), try other.transposed().contiguous()
      )
      #expect(tensor.transposed().isBitEqual(to: one) && one.isBitEqual(to: tensor.transposed()))
      for (a, b) in [
        (tensor, other), (one, other.transposed()), (tensor.transposed(), another),
        (tensor.transposed(), other.transposed()),
      ] { #expect(!a.isBitEqual(to: b), "byte \(place)") }
    }
  }

  @Test("columns that lie far apart are gathered")
  func distantColumns() throws {
    let grid = Grid(shape: [5, 40, 300])
    let tensor = try grid.tensor(.float16)
    for column in [0, 7, 299] {
      #expect(try tensor.select(axis: 2, column).shows(grid.select(axis: 2, column)))
      let part = tensor.select(axis: 2, column).transposed()
      #expect(try part.shows(grid.select(axis: 2, column).transposed()))
    }
  }

  @Test("a view that repeats one element needs no memory of its size")
  func repeated() throws {
    let one = ByteRegion(ByteStorage(copying: [1, 2, 3, 4]))
    let tensor = try Tensor(one, .float32, shape: [1 << 12, 1 << 14], strides: [0, 0], offset: 0)
    var sink = CountingSink(largest: TensorBlocks.stridedByteCount)
    try tensor.write(to: &sink)
    #expect(sink.count == 1 << 28)
    #expect(tensor.split(elements: 1 << 20).reduce(0) { $0 + $1.count } == tensor.count)
  }

  @Test("numbers that are not finite are found where they are, in every order")
  func notFinite() throws {
    var values = [Float](repeating: 1, count: 300 * 700)
    values[41 * 700 + 650] = .nan
    values[299 * 700 + 3] = -.infinity
    let tensor = try Tensor.float32(values, shape: [300, 700])
    let found = try #require(tensor.notFiniteNumbers())
    #expect(found.count == 2 && found.first == 41 * 700 + 650 && found.value.isNaN)
    let turned = try #require(tensor.transposed().notFiniteNumbers())
    #expect(turned.count == 2 && turned.first == 3 * 300 + 299 && turned.value == -.infinity)
    #expect(tensor.slice(axis: 0, 42..<299).notFiniteNumbers() == nil)
    var screen = NotFiniteScreen()
    for part in [tensor.slice(axis: 0, 0..<41), tensor.slice(axis: 0, 42..<299).transposed()] {
      #expect(part.isBitEqual(to: try part.contiguous(), screen: &screen))
    }
    #expect(!screen.mayHoldNotFinite && screen.byteCount == 298 * 700 * 4)
    #expect(tensor.isBitEqual(to: tensor, screen: &screen) && screen.mayHoldNotFinite)
    #expect(!tensor.holdsOnly(1) && tensor.slice(axis: 0, 0..<41).transposed().holdsOnly(1))
  }
}

@Suite("Numbers that are not finite")
struct NotFiniteTests {
  /// Infinity, a NaN, and the largest finite number, by their bits.
  static let numbers: [(ElementType, notFinite: [UInt64], finite: UInt64)] = [
    (.float16, [0x7C00, 0xFC01], 0xFBFF), (.bfloat16, [0xFF80, 0x7FFF], 0x7F7F),
    (.float32, [0x7F80_0000, 0xFF80_0001], 0xFF7F_FFFF),
    (.float64, [0xFFF0_0000_0000_0000, 0x7FF8_0000_0000_0000], 0x7FEF_FFFF_FFFF_FFFF),
  ]

  @Test("one is found wherever it stands", arguments: numbers.indices)
  func anywhere(index: Int) throws {
    let (type, notFinite, finite) = Self.numbers[index]
    func tensor(_ bits: [UInt64]) throws -> Tensor {
      let bytes = bits.flatMap { number in
        (0..<type.byteCount).map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
      }
      return try Tensor(ByteRegion(ByteStorage(copying: bytes)), type, shape: [bits.count])
    }
    for count in 1...50 {
      let bits = [UInt64](repeating: finite, count: count)
      #expect(try tensor(bits).notFiniteNumbers() == nil)
      for place in 0..<count {
        for number in notFinite {
          var bits = bits
          bits[place] = number
          let found = try #require(try tensor(bits).notFiniteNumbers(), "\(place) of \(count)")
          #expect(found.count == 1 && found.first == place)
        }
      }
    }
  }
}

@Suite("Joined tensors")
struct JoinedTensorTests {
  /// Describes views of joined parts with wrong elements.
  private func wrongViews(_ joined: Tensor, _ model: Grid) -> [String] {
    var wrong: [String] = []
    func check(_ view: Tensor, _ model: Grid, _ what: String) {
      if (try? view.shows(model)) != true { wrong.append(what) }
    }
    check(joined, model, "itself")
    check(joined.transposed(), model.transposed(), "transposed")
    for axis in model.shape.indices {
      for lower in 0...model.shape[axis] {
        for upper in lower...model.shape[axis] {
          let part = joined.slice(axis: axis, lower..<upper)
          let expected = model.slice(axis: axis, lower..<upper)
          check(part, expected, "slice \(axis) \(lower)..<\(upper)")
          check(part.transposed(), expected.transposed(), "slice \(axis) \(lower) transposed")
        }
      }
      for index in 0..<model.shape[axis] {
        check(
          joined.select(axis: axis, index), model.select(axis: axis, index),
          "select \(axis) \(index)")
      }
    }
    return wrong
  }

  @Test(
    "parts joined in another order show every element", arguments: Grid.shapes(rank: 3, extent: 3))
  func reordered(shape: [Int]) throws {
    let grid = Grid(shape: shape)
    let tensor = try grid.tensor(.float32)
    for axis in shape.indices {
      let cuts = (0..<shape[axis]).reversed().map { $0..<$0 + 1 }
      for isTurned in [false, true] {
        let parts = cuts.map { tensor.slice(axis: axis, $0) }
        let models = cuts.map { grid.slice(axis: axis, $0) }
        let place = isTurned ? shape.count - 1 - axis : axis
        let joined = try Tensor.joined(
          isTurned ? parts.map { $0.transposed() } : parts, axis: place)
        let model = Grid(joining: isTurned ? models.map { $0.transposed() } : models, axis: place)
        #expect(wrongViews(joined, model) == [], "\(shape) along \(place)")
        let copy = try Tensor.concatenated(
          isTurned ? parts.map { $0.transposed() } : parts, axis: place)
        #expect(copy.isContiguous && copy.isBitEqual(to: joined))
      }
    }
  }

  @Test("joined parts of joined parts show every element")
  func nested() throws {
    let grid = Grid(shape: [4, 6])
    let tensor = try grid.tensor(.complex64)
    let (top, bottom) = (0..<2, 2..<4)
    let left = try Tensor.joined(
      [tensor.slice(axis: 0, bottom), tensor.slice(axis: 0, top)], axis: 0)
    let model = Grid(joining: [grid.slice(axis: 0, bottom), grid.slice(axis: 0, top)], axis: 0)
    let both = try Tensor.joined([left, tensor], axis: 1)
    #expect(wrongViews(both, Grid(joining: [model, grid], axis: 1)) == [])
  }

  @Test("parts of other types and shapes are refused")
  func mismatch() throws {
    let tensor = try Grid(shape: [2, 3]).tensor(.float32)
    for other in [
      try Grid(shape: [2, 3]).tensor(.int32), try Grid(shape: [2]).tensor(.float32),
      try Grid(shape: [3, 2]).tensor(.float32),
    ] {
      expectDiagnostic("tensor.shape-mismatch") { try Tensor.joined([tensor, other], axis: 0) }
    }
  }

  @Test("large parts are joined without a copy, small ones with one")
  func copies() throws {
    let one = ByteRegion(ByteStorage(copying: [1, 2]))
    let large = try Tensor(one, .float16, shape: [1 << 20, 4], strides: [0, 0], offset: 0)
    #expect(try !Tensor.concatenated([large, large], axis: 1).isContiguous)
    let small = large.slice(axis: 0, 0..<10)
    #expect(try Tensor.concatenated([small, small], axis: 1).isContiguous)
  }
}

extension Grid {
  /// Grids one after the other along `axis`.
  init(joining parts: [Grid], axis: Int) {
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    self.init(shape: shape)
    elements = Grid.indices(of: shape).map { index in
      var index = index
      for part in parts {
        if index[axis] < part.shape[axis] { return part[index] }
        index[axis] -= part.shape[axis]
      }
      return -1
    }
  }
}
