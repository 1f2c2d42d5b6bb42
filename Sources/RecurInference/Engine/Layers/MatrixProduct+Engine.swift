import RecurModel
import RecurTensors

extension MatrixProduct: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    guard let constant = right.constant, constant.shape.count == 2 else { return self }
    let (depth, columns) = (constant.shape[0], constant.shape[1])
    var rows = [Float](repeating: 0, count: depth * columns)
    for (index, element) in constant.elements.enumerated() {
      rows[index % columns * depth + index / columns] = Float(element)
    }
    return PackedProduct(
      matrix: packing.own {
        PackedMatrix(rows, units: columns, inputs: depth, bias: nil, .linear, $0)
      })
  }
}

/// The product with a constant matrix on the right.
private struct PackedProduct: PlannedLayer {
  let matrix: PackedMatrix

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let rows = call.x.rows
    planner.multiply(
      matrix, call.x.buffer, stride: matrix.inputs, into: call.y.buffer, stride: matrix.units,
      rows: rows)
  }
}

extension MatrixProduct: PlannedLayer {
  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    var both = planner.values(of: allOperands, call)
    if both[0].shape.count == 1 { both[0] = both[0].reshaped([1] + both[0].shape) }
    if both[1].shape.count == 1 { both[1] = both[1].reshaped(both[1].shape + [1]) }
    let (left, right) = (both[0].shape, both[1].shape)
    let (rows, depth, columns) = (left[left.count - 2], both[0].width, both[1].width)
    guard right[right.count - 2] == depth else {
      throw CheckpointError(
        .inputShape, "'\(call.step.node.layerName)' can't multiply its inputs",
        at: call.step.node.location, expected: "matrices […, n, k] and […, k, m]",
        found: "\(shapeText(left)) and \(shapeText(right))")
    }
    let (leftOuter, rightOuter) = (Array(left.dropLast(2)), Array(right.dropLast(2)))
    let outer = Values<Float>.common([leftOuter, rightOuter])
    let lines = StridedLines(
      outer + [1],
      [
        repeatingStrides(leftOuter, filling: outer).map { $0 * rows * depth } + [0],
        repeatingStrides(rightOuter, filling: outer).map { $0 * depth * columns } + [0],
        rowMajorStrides(outer).map { $0 * rows * columns } + [0],
      ])
    var places: [MatrixProducts.Place] = []
    lines.forEach(0..<lines.count) { start in
      for i in 0..<lines.length {
        let at = start &+ lines.steps &* StridedLines.Offsets(repeating: i)
        places.append(.init(a: at[0], b: at[1], y: at[2]))
      }
    }
    planner.multiply(
      MatrixProducts(
        rows: rows, columns: columns, depth: depth,
        a: .init(buffer: both[0].buffer, row: depth, column: 1),
        b: .init(buffer: both[1].buffer, row: columns, column: 1),
        y: .init(buffer: call.y.buffer, row: columns, column: 1)), at: places)
  }
}
