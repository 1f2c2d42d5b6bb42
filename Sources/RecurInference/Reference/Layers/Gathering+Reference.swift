import RecurModel
import RecurTensors

extension Gathering: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let x = call.x
    let extent = x.shape[axis]
    guard let constant = positions.constant else {
      return [try along(call, extent)]
    }
    let places = constant.elements.map { Int($0) }
    guard places.allSatisfy(Self.range(extent).contains) else { throw missing(call.node, extent) }
    var result = x.mapLines(axis) { line in places.map { line[$0 < 0 ? $0 + extent : $0] } }
    result.shape.replaceSubrange(axis...axis, with: constant.shape)
    return [result]
  }

  /// The elements at positions that the second input gives.
  private func along<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, _ extent: Int
  ) throws(CheckpointError) -> Values<Scalar> {
    let (x, given) = (call.x, call.inputs[1])
    var result = given
    var strides = x.strides
    let step = strides[axis]
    strides[axis] = 0
    var offsets = StridedOffsets(shape: given.shape, strides: strides)
    for index in given.elements.indices {
      let place = given.elements[index]
      guard place >= Scalar(-extent), place < Scalar(extent) else {
        throw missing(call.node, extent)
      }
      let position = Int(Double(place))
      result.elements[index] =
        x.elements[offsets.offset + (position < 0 ? position + extent : position) * step]
      offsets.advance()
    }
    return result
  }

  private func missing(_ node: Model.Node, _ extent: Int) -> CheckpointError {
    CheckpointError(
      .inputLength,
      "'\(node.layerName)' takes elements that axis \(axis) of \(extent) does not have",
      at: node.location, expected: title, found: "\(extent) elements")
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.followed(call, along: [axis])
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
