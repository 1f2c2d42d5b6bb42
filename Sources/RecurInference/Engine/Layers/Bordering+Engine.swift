import RecurModel
import RecurTensors

extension Bordering: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let filling: Float = if case .constant(let number) = content { Float(number) } else { 0 }
    var x = call.x
    for (number, part) in parts.enumerated() {
      let extent = x.shape[part.axis]
      guard max(part.before, part.after) <= part.limit(extent, content) else {
        throw CheckpointError(
          .inputLength,
          "'\(call.step.node.layerName)' repeats positions that axis \(part.axis) of "
            + "\(extent) does not have", at: call.step.node.location, expected: title,
          found: "\(extent) elements")
      }
      let places = (0..<part.before + extent + part.after).map {
        part.source($0, extent, content)
      }
      var shape = x.shape
      shape[part.axis] = places.count
      let isLast = number == parts.count - 1
      let y = isLast ? call.y.buffer : planner.temporary(shape.reduce(1, *))
      planner.choose(x, axis: part.axis, places, filling: filling, into: y)
      x = Workspace.Value(buffer: y, shape: shape)
    }
    if parts.isEmpty {
      let (source, y) = (call.x.buffer, call.y.buffer)
      planner.act { y.copy(source) }
    }
  }
}
