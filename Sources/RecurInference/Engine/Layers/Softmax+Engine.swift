import RecurModel
import RecurTensors

extension Softmax: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let function: Activation = isLogarithm ? .logSoftmax : .softmax
    let kernels = planner.kernels
    planner.transform(
      call.x, along: positions(of: axes, rank: call.x.shape.count) ?? [], into: call.y.buffer,
      cost: isLogarithm ? 32 : 8
    ) { line, _ in function.apply(to: line, kernels) }
  }
}
