import RecurModel
import RecurTensors

extension Sorting: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let extent = call.x.shape[axis]
    guard count ?? 0 <= extent else {
      throw CheckpointError(
        .inputLength,
        "'\(call.node.layerName)' takes \(count ?? 0) elements of axis \(axis), which "
          + "has \(extent)", at: call.node.location, expected: title, found: "\(extent) elements")
    }
    let result = call.x.mapLines(axis) { line in
      let order = line.indices.sorted { one, other in
        let (a, b) = (line[one], line[other])
        return a == b ? one < other : isDescending ? a > b : a < b
      }.prefix(count ?? extent)
      return order.map { givesPositions ? Scalar($0) : line[$0] }
    }
    return [result]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.followed(call, along: [axis])
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
