import RecurModel
import RecurTensors

extension Bordering: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    var x = call.x
    for part in parts {
      let extent = x.shape[part.axis]
      guard max(part.before, part.after) <= part.limit(extent, content) else {
        throw CheckpointError(
          .inputLength,
          "'\(call.node.layerName)' repeats positions that axis \(part.axis) of "
            + "\(extent) does not have", at: call.node.location, expected: title,
          found: "\(extent) elements")
      }
      let added: Scalar =
        if case .constant(let number) = content { Scalar(call.precision.rounded(number)) } else {
          0
        }
      x = x.mapLines(part.axis) { line in
        (0..<part.before + extent + part.after).map { index in
          part.source(index, extent, content).map { line[$0] } ?? added
        }
      }
    }
    return [x]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.followed(call, along: parts.map(\.axis))
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
