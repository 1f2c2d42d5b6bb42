import RecurModel
import RecurTensors

extension Bordering: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    var x = call.x
    for part in parts where part.before > 0 || part.after > 0 {
      let axis = part.axis < 0 ? part.axis + call.rank : part.axis
      switch content {
      case .constant(let value):
        x = graph.padded(x, rank: call.rank, [(axis, part.before, part.after)], value)
      case .edge:
        x = graph.padded(x, rank: call.rank, [(axis, part.before, part.after)], mode: "edge")
      case .reflected, .symmetric:
        // The positions beside each end, in reverse order.
        let skipped = content == .reflected ? 1 : 0
        let first = part.before - 1 + skipped
        let ahead = Slicing.Part(
          axis: axis, start: first, stop: skipped == 0 ? nil : 0, step: -1)
        let behind = Slicing.Part(
          axis: axis, start: -1 - skipped, stop: -1 - skipped - part.after, step: -1)
        let pieces =
          (part.before > 0 ? [graph.sliced(x, [ahead])] : []) + [x]
          + (part.after > 0 ? [graph.sliced(x, [behind])] : [])
        x = graph.concatenated(pieces, axis: axis)
      }
    }
    return [x]
  }
}
