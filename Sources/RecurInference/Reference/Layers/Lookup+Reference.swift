import RecurModel
import RecurTensors

extension Lookup: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let positions = Dictionary(
      keys.enumerated().map { (Scalar($1), Scalar(firstPosition + $0)) },
      uniquingKeysWith: { one, _ in one })
    var x = call.x
    for index in x.elements.indices {
      let number = x.elements[index]
      if let position = positions[number] {
        x.elements[index] = position
      } else {
        let remainder =
          Double(number) - Double(unknownCount)
          * (Double(number) / Double(unknownCount)).rounded(.down)
        x.elements[index] = Scalar(Double(unknownPosition) + remainder)
      }
    }
    return [x]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
