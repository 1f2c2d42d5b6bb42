import RecurTensors
import RecurTestSupport

/// A slow model of a tensor: for each element, in row-major order, its index in the original.
struct Grid: Equatable {
  var shape: [Int]
  var elements: [Int]

  init(shape: [Int]) {
    self.shape = shape
    elements = Array(0..<shape.reduce(1, *))
  }

  private init(shape: [Int], _ element: ([Int]) -> Int) {
    self.shape = shape
    elements = Self.indices(of: shape).map(element)
  }

  /// Every index of `shape`, the last dimension fastest.
  static func indices(of shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { prefixes, extent in
      prefixes.flatMap { prefix in (0..<extent).map { prefix + [$0] } }
    }
  }

  /// Every shape of at most `rank` dimensions with extents from 1 to `extent`.
  static func shapes(rank: Int, extent: Int) -> [[Int]] {
    (0...rank).flatMap { indices(of: [Int](repeating: extent, count: $0)) }
      .map { $0.map { $0 + 1 } }
  }

  /// Every shape of at most `rank` dimensions with extents up to `extent`, at least one of them 0.
  static func emptyShapes(rank: Int, extent: Int) -> [[Int]] {
    (0...rank).flatMap { indices(of: [Int](repeating: extent + 1, count: $0)) }
      .filter { $0.contains(0) }
  }

  subscript(index: [Int]) -> Int {
    elements[zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  func transposed() -> Grid {
    Grid(shape: shape.reversed()) { self[$0.reversed()] }
  }

  func slice(axis: Int, _ range: Range<Int>) -> Grid {
    var shape = shape
    shape[axis] = range.count
    return Grid(shape: shape) { index in
      var index = index
      index[axis] += range.lowerBound
      return self[index]
    }
  }

  func select(axis: Int, _ position: Int) -> Grid {
    var shape = shape
    shape.remove(at: axis)
    return Grid(shape: shape) { index in
      var index = index
      index.insert(position, at: axis)
      return self[index]
    }
  }

  /// The bytes of element `index`: different for every element, and no NaN in any float type.
  static func bytes(of index: Int, width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: index * 7 + $0 * 3) & 0x3F }
  }

  /// The elements' bytes, one after the other.
  func bytes(width: Int) -> [UInt8] {
    elements.flatMap { Self.bytes(of: $0, width: width) }
  }

  /// The tensor that this grid models.
  func tensor(_ type: ElementType) throws -> Tensor {
    let bytes = bytes(width: type.byteCount)
    return try Tensor(ByteRegion(ByteStorage(copying: bytes)), type, shape: shape)
  }
}

extension Tensor {
  /// Whether this view has the elements of `grid`, by every way of reading a view.
  func shows(_ grid: Grid) throws -> Bool {
    let bytes = grid.bytes(width: elementType.byteCount)
    var sink = MemorySink()
    try write(to: &sink)
    let flat = try contiguous()
    let packed = try rowMajorBytes().bytes()
    return shape == grid.shape && count == grid.elements.count && byteCount == bytes.count
      && sink.bytes == bytes && flat.shape == shape && (flat.isContiguous || count == 0)
      && packed == bytes && isBitEqual(to: flat)
      && components() == flat.components()
      && (elementType.isComplex || floats() == flat.floats())
  }
}
