import RecurModel
import RecurTensors

extension Dense: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    let tensors = [kernel, bias].compactMap { $0 }
    return PackedDense(
      matrix: packing.shared(tensors, [activation], "dense") {
        PackedMatrix(kernel, bias: bias, activation, $0)
      }, activation: activation)
  }
}

private struct PackedDense: PlannedLayer {
  let matrix: PackedMatrix
  let activation: Activation

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let rows = call.x.rows
    guard activation == .glu else {
      planner.multiply(
        matrix, call.x.buffer, stride: matrix.inputs, into: call.y.buffer, stride: matrix.units,
        rows: rows)
      return
    }
    let linear = planner.temporary(rows * matrix.units)
    planner.multiply(
      matrix, call.x.buffer, stride: matrix.inputs, into: linear, stride: matrix.units, rows: rows)
    planner.activate(linear, width: matrix.units, .glu, into: call.y.buffer)
  }
}
