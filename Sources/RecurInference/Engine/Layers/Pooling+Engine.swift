import RecurModel
import RecurTensors

extension Pooling: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (batch, channels) = (call.x.shape[0], call.x.width)
    let (x, y) = (call.x.buffer, call.y.buffer)
    let extents = Array(call.x.shape[1...axisCount])
    let grid = WindowGrid(windows(over: extents), over: extents)
    let windows = (0..<grid.count).map { grid.places(of: $0).map(\.position) }
    let (count, positions) = (grid.count, grid.positionCount)
    let isMaximum = operation == .maximum
    // Only the mean over the whole sequence uses a mask.
    let mask = isMeanOfTimesteps ? call.mask?.buffer : nil
    planner.act {
      for row in 0..<batch {
        for (window, places) in windows.enumerated() {
          for channel in 0..<channels {
            var (largest, sum, seen) = (-Float.infinity, 0.0, 0)
            for place in places where mask.map({ $0[row * positions + place] != 0 }) ?? true {
              let value = x[(row * positions + place) * channels + channel]
              largest = maximum(largest, value)
              sum += Double(value)
              seen += 1
            }
            y[(row * count + window) * channels + channel] =
              isMaximum ? largest : Float(sum / Double(seen))
          }
        }
      }
    }
  }
}
