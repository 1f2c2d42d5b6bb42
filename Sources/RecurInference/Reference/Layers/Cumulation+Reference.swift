import RecurModel
import RecurTensors

extension Cumulation: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let result = call.x.mapLines(axis) { line in
      var total: Scalar = function == .sum ? 0 : 1
      let sums = (isReversed ? line.reversed() : line).map { element in
        let before = total
        total = function == .sum ? total + element : total * element
        return isExclusive ? before : total
      }
      return isReversed ? sums.reversed() : sums
    }
    return [result]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.followed(call, along: [axis])
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
