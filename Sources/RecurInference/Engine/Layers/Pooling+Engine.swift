import RecurModel
import RecurTensors

extension Pooling: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (batch, timesteps, channels) = (call.x.shape[0], call.x.shape[1], call.x.shape[2])
    let (x, y) = (call.x.buffer, call.y.buffer)
    let (size, stride) = window ?? (timesteps, max(timesteps, 1))
    let (before, count) =
      window == nil
      ? (0, 1) : padding.windows(timesteps: timesteps, span: size, stride: stride)
    let isMaximum = operation == .maximum
    // Only the mean over the whole sequence uses a mask.
    let mask = window == nil && !isMaximum ? call.mask?.buffer : nil
    planner.act {
      for row in 0..<batch {
        for position in 0..<count {
          let first = position * stride - before
          let steps = max(first, 0)..<min(first + size, timesteps)
          for channel in 0..<channels {
            var (largest, sum, seen) = (-Float.infinity, 0.0, 0)
            for t in steps where mask.map({ $0[row * timesteps + t] != 0 }) ?? true {
              let value = x[(row * timesteps + t) * channels + channel]
              largest = maximum(largest, value)
              sum += Double(value)
              seen += 1
            }
            y[(row * count + position) * channels + channel] =
              isMaximum ? largest : Float(sum / Double(seen))
          }
        }
      }
    }
  }
}
