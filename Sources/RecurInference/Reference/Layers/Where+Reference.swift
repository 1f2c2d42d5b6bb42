import RecurModel
import RecurTensors

extension Where: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let all = call.aligned(allOperands)
    var y = all[2]
    for index in y.elements.indices where all[0].elements[index] != 0 {
      y.elements[index] = all[1].elements[index]
    }
    return [y]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.aligned(call, constants: allOperands.compactMap(\.constant?.shape))
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
