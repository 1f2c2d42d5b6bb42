import RecurModel
import RecurTensors

extension Slicing: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let x = call.x
    var (shape, strides, start) = (x.shape, x.strides, 0)
    for part in parts {
      let (first, count) = part.positions(in: shape[part.axis])
      guard count > 0 else { throw empty(call.node, part.axis, shape[part.axis]) }
      start += first * strides[part.axis]
      shape[part.axis] = count
      strides[part.axis] *= part.step
    }
    return [x.gathered(shape, strides: strides, start: start)]
  }

  /// The error of a part without elements, which only an input of free extents can show.
  private func empty(_ node: Model.Node, _ axis: Int, _ extent: Int) -> CheckpointError {
    CheckpointError(
      .inputLength, "'\(node.layerName)' takes no element of axis \(axis), which has \(extent)",
      at: node.location, expected: title, found: "\(extent) elements")
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard call.x.isApart(from: parts.map(\.axis)) else {
      return flow.mixed(call.node, "it takes timesteps at places that depend on the length")
    }
    return [call.x]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
