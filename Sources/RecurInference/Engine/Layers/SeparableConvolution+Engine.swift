import RecurModel
import RecurTensors

extension SeparableConvolution: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedSeparable(
      depthwise: depthwise.packed(&packing), pointwise: pointwise.packed(&packing), layer: self)
  }
}

private struct PackedSeparable: PlannedLayer {
  let depthwise: any PlannedLayer
  let pointwise: any PlannedLayer
  let layer: SeparableConvolution

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let shape = call.y.shape.dropLast() + [layer.depthwise.outputSize]
    let between = Workspace.Value(
      buffer: planner.temporary(shape.reduce(1, *)), shape: Array(shape))
    var (first, second) = (call, call)
    first.outputs = [between]
    second.inputs = [between]
    try depthwise.plan(&planner, first)
    try pointwise.plan(&planner, second)
  }
}
