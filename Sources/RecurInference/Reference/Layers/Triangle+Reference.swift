import RecurModel
import RecurTensors

extension Triangle: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    var x = call.x
    let (rows, columns) = (x.shape[x.shape.count - 2], x.shape[x.shape.count - 1])
    for index in x.elements.indices {
      let (row, column) = (index / columns % rows, index % columns)
      let distance = column - row - diagonal
      if isLower ? distance > 0 : distance < 0 { x.elements[index] = 0 }
    }
    return [x]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard let axis = call.x.axis, let rank = flow.rank(call.node), axis < rank - 2,
      call.x.batchAxis < rank - 2
    else { return flow.mixed(call.node) }
    return [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
