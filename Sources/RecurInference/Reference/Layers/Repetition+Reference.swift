import RecurModel
import RecurTensors

extension Repetition: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    [
      call.x.mapLines(axis) { line in
        isWhole
          ? (0..<count).flatMap { _ in line }
          : line.flatMap { [Scalar](repeating: $0, count: count) }
      }
    ]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.followed(call, along: [axis])
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
