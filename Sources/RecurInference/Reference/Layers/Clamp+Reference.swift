import RecurModel
import RecurTensors

extension Clamp: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let (least, most) = (minimum.map { Scalar($0) }, maximum.map { Scalar($0) })
    var y = call.x
    for index in y.elements.indices {
      if let least { y.elements[index] = RecurInference.maximum(y.elements[index], least) }
      if let most { y.elements[index] = RecurInference.minimum(y.elements[index], most) }
    }
    return [y]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
