import RecurModel
import RecurTensors

extension OneHot: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let x = Values(
      shape: call.x.shape[..<axis] + [1] + call.x.shape[axis...], elements: call.x.elements)
    return [
      x.mapLines(axis) { line in (0..<count).map { line[0] == Scalar($0) ? 1 : 0 } }
    ]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard let axis = call.x.axis else { return flow.mixed(call.node) }
    var result = call.x.changed
    result.axis = axis + (self.axis <= axis ? 1 : 0)
    result.batchAxis += self.axis <= call.x.batchAxis ? 1 : 0
    return [result]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
