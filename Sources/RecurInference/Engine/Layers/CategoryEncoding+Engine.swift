import RecurModel
import RecurTensors

extension CategoryEncoding: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y, categories, mode) = (call.x, call.y.buffer, categories, mode)
    let isVector = x.shape.count > 1 && (mode != .oneHot || x.width == 1)
    let size = isVector ? x.width : 1
    planner.act {
      y.fill(0)
      for index in x.buffer.indices {
        let element = x.buffer[index]
        // Categories outside the range have no element.
        guard element >= 0, element < Float(categories) else { continue }
        let place = index / size * categories + Int(element)
        y[place] = mode == .count ? y[place] + 1 : 1
      }
    }
  }
}
