import RecurModel
import RecurTensors

extension MatrixProduct: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let both = call.values(of: allOperands)
    let (isRow, isColumn) = (both[0].shape.count == 1, both[1].shape.count == 1)
    let left = isRow ? both[0].reshaped([1] + both[0].shape) : both[0]
    let right = isColumn ? both[1].reshaped(both[1].shape + [1]) : both[1]
    let (rows, depth) = (left.shape[left.shape.count - 2], left.width)
    let columns = right.width
    guard right.shape[right.shape.count - 2] == depth else {
      throw CheckpointError(
        .inputShape, "'\(call.node.layerName)' can't multiply its inputs", at: call.node.location,
        expected: "matrices […, n, k] and […, k, m]",
        found: "\(shapeText(both[0].shape)) and \(shapeText(both[1].shape))")
    }
    let outer = Values<Scalar>.common(
      [
        left.shape.dropLast(2), right.shape.dropLast(2),
      ].map { Array($0) })
    let (a, b) = (
      left.broadcast(to: outer + [rows, depth]), right.broadcast(to: outer + [depth, columns])
    )
    var y = Values<Scalar>(shape: outer + [rows, columns])
    for matrix in 0..<outer.reduce(1, *) {
      for row in 0..<rows {
        let target = (matrix * rows + row) * columns
        for k in 0..<depth {
          let factor = a.elements[(matrix * rows + row) * depth + k]
          let source = (matrix * depth + k) * columns
          for column in 0..<columns {
            y.elements[target + column] += factor * b.elements[source + column]
          }
        }
      }
    }
    let shape = outer + (isRow ? [] : [rows]) + (isColumn ? [] : [columns])
    return [y.reshaped(shape)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    // A constant on the right changes each row of the left operand by itself.
    guard right != .input, let rank = flow.rank(call.node),
      call.x.axis.map({ $0 < rank - 1 }) == true
    else { return flow.mixed(call.node) }
    return [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
