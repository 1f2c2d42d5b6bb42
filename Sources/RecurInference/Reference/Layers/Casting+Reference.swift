import RecurModel
import RecurTensors

extension Casting: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let x = call.x
    if type == .bool {
      return [Values(shape: x.shape, elements: x.elements.map { $0 != 0 ? 1 : 0 })]
    }
    guard !type.isFloatingPoint else { return [x.rounded(to: type)] }
    return [Values(shape: x.shape, elements: x.elements.map { $0.rounded(.towardZero) })]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    [type == .bool ? call.x : call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
