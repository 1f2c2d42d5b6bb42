import RecurModel

/// Sums of products of two operands by an equation, as products of matrices.
///
/// Every axis belongs to one of four groups: axes of both operands and the output, axes of the first
/// operand and the output, axes of the second operand and the output, and axes that are summed over.
struct Contraction {
  typealias Axis = Einsum.Equation.Axis

  let shared: [Axis]
  let rows: [Axis]
  let columns: [Axis]
  let summed: [Axis]
  private let first: [Axis]
  private let second: [Axis]
  private let output: [Axis]

  /// Groups the axes; nil for an equation that is no product of matrices: an axis occurs twice in an
  /// operand, or is summed over in one operand alone.
  init?(_ axes: (operands: [[Axis]], output: [Axis])) {
    guard axes.operands.count == 2 else { return nil }
    (first, second, output) = (axes.operands[0], axes.operands[1], axes.output)
    let (one, other, kept) = (Set(first), Set(second), Set(output))
    guard one.count == first.count, other.count == second.count,
      one.symmetricDifference(other).isSubset(of: kept)
    else { return nil }
    shared = output.filter { one.contains($0) && other.contains($0) }
    rows = output.filter { one.contains($0) && !other.contains($0) }
    columns = output.filter { other.contains($0) && !one.contains($0) }
    summed = first.filter { !kept.contains($0) }
  }

  /// The axes of the first operand in the order of its matrices.
  var firstOrder: [Int] { Self.order(of: shared + rows + summed, in: first) }

  /// The axes of the second operand in the order of row-major matrices, or of transposed ones.
  func secondOrder(isTransposed: Bool) -> [Int] {
    Self.order(of: shared + (isTransposed ? columns + summed : summed + columns), in: second)
  }

  /// The axes of the products in the order of the output.
  var outputOrder: [Int] { Self.order(of: output, in: shared + rows + columns) }

  private static func order(of axes: [Axis], in operand: [Axis]) -> [Int] {
    axes.map { operand.firstIndex(of: $0) ?? 0 }
  }

  /// The product of the extents of some axes.
  static func size(_ axes: [Axis], _ extents: [Axis: Int]) -> Int {
    axes.reduce(1) { $0 * (extents[$1] ?? 1) }
  }
}

extension WorkspacePlanner {
  /// Plans the products of a contraction.
  ///
  /// - Parameters:
  ///   - contraction: the groups of axes.
  ///   - extents: the extents of all axes.
  ///   - both: the operands.
  ///   - y: the output.
  mutating func contract(
    _ contraction: Contraction, _ extents: [Contraction.Axis: Int], _ both: [Value], into y: Value
  ) {
    func size(_ axes: [Contraction.Axis]) -> Int { Contraction.size(axes, extents) }
    let (rows, columns) = (size(contraction.rows), size(contraction.columns))
    let (count, depth) = (size(contraction.shared), size(contraction.summed))
    let a = permuted(both[0], contraction.firstOrder)
    let transposed = contraction.secondOrder(isTransposed: true)
    let isTransposed = transposed == Array(transposed.indices)
    let b =
      isTransposed
      ? both[1] : permuted(both[1], contraction.secondOrder(isTransposed: false))
    let order = contraction.outputOrder
    let isDirect = order == Array(order.indices)
    let results = isDirect ? y.buffer : temporary(y.buffer.count)
    multiply(
      MatrixProducts(
        rows: rows, columns: columns, depth: depth,
        a: .init(buffer: a.buffer, row: depth, column: 1),
        b: isTransposed
          ? .init(buffer: b.buffer, row: 1, column: depth)
          : .init(buffer: b.buffer, row: columns, column: 1),
        y: .init(buffer: results, row: columns, column: 1)),
      at: (0..<count).map {
        .init(a: $0 * rows * depth, b: $0 * depth * columns, y: $0 * rows * columns)
      })
    if !isDirect { reorder(results, order, into: y) }
  }

  /// Plans a copy of an array whose axes are in another order.
  ///
  /// - Parameters:
  ///   - x: the array.
  ///   - order: for each axis of `y`, the axis of `x`.
  ///   - y: the copy.
  mutating func reorder(_ x: FloatBuffer, _ order: [Int], into y: Value) {
    var shape = y.shape
    for (axis, own) in order.enumerated() { shape[own] = y.shape[axis] }
    let strides = rowMajorStrides(shape)
    gather(x, strides: order.map { strides[$0] }, into: y)
  }
}
