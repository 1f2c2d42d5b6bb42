import RecurModel
import RecurTensors

extension CategoryEncoding: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let x = call.x
    let isVector = x.shape.count > 1 && (mode != .oneHot || x.width == 1)
    let size = isVector ? x.width : 1
    var y = Values<Scalar>(
      shape: (isVector ? x.shape.dropLast() : x.shape[...]) + [categories])
    for (index, element) in x.elements.enumerated() {
      // Categories outside the range have no element.
      guard element >= 0, element < Scalar(categories) else { continue }
      let place = index / size * categories + Int(element)
      y.elements[place] = mode == .count ? y.elements[place] + 1 : 1
    }
    return [y]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard mode == .oneHot || !flow.isLast(call.x, call.node) else { return flow.mixed(call.node) }
    return [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
