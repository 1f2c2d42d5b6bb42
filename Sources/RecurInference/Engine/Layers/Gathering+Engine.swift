import RecurModel
import RecurTensors

extension Gathering: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y, node) = (call.x, call.y.buffer, call.step.node)
    let extent = x.shape[axis]
    if let constant = positions.constant {
      let places = constant.elements.map { Int($0) }
      guard places.allSatisfy(Self.range(extent).contains) else { throw missing(node, extent) }
      return planner.choose(x, axis: axis, places.map { $0 < 0 ? $0 + extent : $0 }, into: y)
    }
    let given = call.inputs[1]
    var strides = rowMajorStrides(x.shape)
    let step = strides[axis]
    strides[axis] = 0
    let lines = StridedLines(given.shape, [rowMajorStrides(given.shape), strides])
    planner.act { () throws(CheckpointError) in
      for place in given.buffer.indices {
        let wanted = given.buffer[place]
        guard wanted >= Float(-extent), wanted < Float(extent) else {
          throw self.missing(node, extent)
        }
      }
      lines.forEach(0..<lines.count) { start in
        for index in 0..<lines.length {
          let at = start &+ lines.steps &* StridedLines.Offsets(repeating: index)
          let position = Int(given.buffer[at[0]])
          y[at[0]] = x.buffer[at[1] + (position < 0 ? position + extent : position) * step]
        }
      }
    }
  }

  private func missing(_ node: Model.Node, _ extent: Int) -> CheckpointError {
    CheckpointError(
      .inputLength,
      "'\(node.layerName)' takes elements that axis \(axis) of \(extent) does not have",
      at: node.location, expected: title, found: "\(extent) elements")
  }
}
