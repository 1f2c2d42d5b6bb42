import RecurModel
import RecurTensors

extension Pooling: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let extents = Array(call.x.shape[1...axisCount])
    let places = WindowPlaces(windows(over: extents), over: extents)
    let (x, y, channels) = (call.x.buffer, call.y.buffer, call.x.width)
    let (count, positions) = (places.count, places.positions)
    let (kernels, isMaximum) = (planner.kernels, operation == .maximum)
    // Only the mean over the whole sequence uses a mask.
    let mask = isMeanOfTimesteps ? call.mask?.buffer : nil
    planner.share(
      call.x.shape[0] * count, products: call.x.buffer.count
    ) { range, _ in
      for index in range {
        let (row, window) = index.quotientAndRemainder(dividingBy: count)
        let target = y.part(index * channels, channels)
        let input = x.part(row * positions * channels, positions * channels)
        if isMaximum {
          target.fill(-.infinity)
          places.forEach(of: window) { position, _ in
            kernels.maximum(input.part(position * channels, channels), into: target)
          }
        } else {
          let own = mask.map { $0.part(row * positions, positions) }
          for first in stride(from: 0, to: channels, by: 8) {
            mean(places, window, input, own, first, channels, into: target)
          }
        }
      }
    }
  }

  /// Writes the means of up to eight channels.
  private func mean(
    _ places: WindowPlaces, _ window: Int, _ x: FloatBuffer, _ mask: FloatBuffer?, _ first: Int,
    _ channels: Int, into y: FloatBuffer
  ) {
    var (sum, seen) = (SIMD8<Double>.zero, 0)
    let width = min(channels - first, 8)
    places.forEach(of: window) { position, _ in
      if let mask, mask[position] == 0 { return }
      seen += 1
      let start = position * channels + first
      if width == 8 {
        let numbers = x.part(start, 8)
        sum += SIMD8<Double>(numbers.eight)
      } else {
        for lane in 0..<width { sum[lane] += Double(x[start + lane]) }
      }
    }
    for lane in 0..<width { y[first + lane] = Float(sum[lane] / Double(seen)) }
  }
}
