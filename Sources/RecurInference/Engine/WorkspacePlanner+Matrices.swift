import CRecurKernels

/// Many products of two matrices of values: y = a·b.
struct MatrixProducts: Sendable {
  /// One product: the offsets of its matrices.
  struct Place: Sendable {
    let a: Int
    let b: Int
    let y: Int
  }

  /// A matrix's buffer, and the distances between neighbouring rows and columns.
  struct Side: Sendable {
    let buffer: FloatBuffer
    let row: Int
    let column: Int
  }

  /// The number of rows of a and y, of columns of b and y, and of columns of a.
  let rows: Int
  let columns: Int
  let depth: Int
  /// `[rows, depth]`; its columns are next to each other.
  let a: Side
  /// `[depth, columns]`; its columns or its rows are next to each other.
  let b: Side
  /// `[rows, columns]`; its columns are next to each other.
  let y: Side

  /// The size of the memory that a thread needs: the panels of b where b is not row-major.
  func scratch(_ kernels: Kernels) -> Int {
    b.column == 1 ? 0 : kernels.panelSize(columns, depth)
  }

  /// Computes some of the rows of one product, with as much memory as ``scratch(_:)`` says.
  func run(_ place: Place, _ range: Range<Int>, _ kernels: Kernels, _ memory: FloatBuffer) {
    let left = a.buffer.suffix(from: place.a + range.lowerBound * a.row)
    let right = b.buffer.suffix(from: place.b)
    let target = y.buffer.suffix(from: place.y + range.lowerBound * y.row)
    if b.column == 1 {
      kernels.multiply(
        left, row: a.row, right, row: b.row, into: target, row: y.row, rows: range.count,
        columns: columns, depth: depth)
    } else {
      kernels.pack(right, units: columns, stride: b.column, inputs: depth, into: memory)
      kernels.multiply(
        left, row: a.row, panels: memory, into: target, row: y.row, rows: range.count,
        units: columns, inputs: depth)
    }
  }
}

extension WorkspacePlanner {
  /// Plans products of matrices; threads share the rows of all products.
  mutating func multiply(_ products: MatrixProducts, at places: [MatrixProducts.Place]) {
    let kernels = kernels
    guard products.columns > 0, products.depth > 0 else {
      return act { products.y.buffer.fill(0) }
    }
    shareRows(
      of: places.count, rows: products.rows, products: products.columns * products.depth,
      scratch: products.scratch(kernels)
    ) { number, range, memory in products.run(places[number], range, kernels, memory) }
  }

  /// Plans work on the rows of several matrices.
  ///
  /// - Parameters:
  ///   - count: the number of matrices.
  ///   - rows: the number of rows of each.
  ///   - products: the cost of a row, in multiplications.
  ///   - scratch: the size of the memory that each thread gets for itself.
  ///   - body: does the work of some rows of one matrix.
  mutating func shareRows(
    of count: Int, rows: Int, products: Int, scratch: Int,
    _ body: @escaping @Sendable (Int, Range<Int>, FloatBuffer) -> Void
  ) {
    guard count > 0, rows > 0 else { return }
    share(count * rows, products: count * rows * products, in: memories(scratch)) { range, memory in
      var first = range.lowerBound
      while first < range.upperBound {
        let (number, row) = first.quotientAndRemainder(dividingBy: rows)
        let end = min(rows, row + range.upperBound - first)
        body(number, row..<end, memory)
        first += end - row
      }
    }
  }

  /// A value whose axes are in another order: the value itself if that is the order in memory, else
  /// a copy that the run makes.
  mutating func permuted(_ x: Value, _ axes: [Int]) -> Value {
    guard axes != Array(axes.indices) else { return x }
    let strides = rowMajorStrides(x.shape)
    let copy = Value(
      buffer: temporary(x.buffer.count), shape: axes.map { x.shape[$0] })
    gather(x.buffer, strides: axes.map { strides[$0] }, into: copy)
    return copy
  }
}
