import RecurModel
import RecurTensors

extension ArgReduction: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let result = call.x.mapLines(axis) { line in
      var best = 0
      for (index, value) in line.enumerated()
      where isMaximum ? value > line[best] : value < line[best] { best = index }
      return [Scalar(best)]
    }
    return [keepsAxis ? result : result.removing([axis])]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard let axis = call.x.axis, call.x.isApart(from: [self.axis]) else {
      return flow.mixed(call.node)
    }
    var result = call.x.changed
    if !keepsAxis {
      result.axis = axis - (self.axis < axis ? 1 : 0)
      result.batchAxis -= self.axis < call.x.batchAxis ? 1 : 0
    }
    return [result]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
