import RecurModel
import RecurTensors

extension Lookup: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let positions = Dictionary(
      keys.enumerated().map { (Float($1), Float(firstPosition + $0)) },
      uniquingKeysWith: { one, _ in one })
    let (count, first) = (Double(unknownCount), Double(unknownPosition))
    planner.map(call.x.buffer, into: call.y.buffer, cost: 32) { number in
      if let position = positions[number] { return position }
      let remainder = Double(number) - count * (Double(number) / count).rounded(.down)
      return Float(first + remainder)
    }
  }
}
