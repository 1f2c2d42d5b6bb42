import RecurModel
import RecurTensors

extension Interpolation: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    var x = call.x
    let stretched = factors.indices.filter { factors[$0] > 1 }
    for index in stretched {
      let (factor, extent) = (factors[index], x.shape[index + 1])
      var shape = x.shape
      shape[index + 1] = extent * factor
      let y = index == stretched.last ? call.y.buffer : planner.temporary(shape.reduce(1, *))
      planner.mapLines(x, axis: index + 1, into: y) { line, target, _ in
        for place in target.indices {
          let (first, second, part) = Self.place(place, factor: factor, extent: extent)
          target[place] = line[first] + (line[second] - line[first]) * Float(part)
        }
      }
      x = Workspace.Value(buffer: y, shape: shape)
    }
    if stretched.isEmpty {
      let (source, y) = (call.x.buffer, call.y.buffer)
      planner.act { y.copy(source) }
    }
  }
}
