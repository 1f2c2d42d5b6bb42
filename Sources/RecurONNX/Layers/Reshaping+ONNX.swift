import RecurModel
import RecurTensors

extension Reshaping: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let (x, rank) = (call.x, call.rank)
    switch self {
    case .flatten: return [graph.reshaped(x, [0, -1])]
    case .reshape(let extents): return [graph.reshaped(x, [0] + extents.map { $0 ?? -1 })]
    case .permute(let axes): return [graph.permuted(x, [0] + axes)]
    case .repeatVector(let count):
      return [
        graph.expanded(graph.insertingAxes(x, [1]), to: graph.integers([1, count, 1]))
      ]
    case .pad(let margins):
      return [
        graph.padded(
          x, rank: rank,
          margins.enumerated().map { ($0 + 1, $1.before, $1.after) }, 0)
      ]
    case .crop(let margins):
      return [
        graph.sliced(
          x,
          margins.enumerated().filter { $1.total > 0 }.map { axis, margin in
            Slicing.Part(
              axis: axis + 1, start: margin.before,
              stop: margin.after == 0 ? nil : -margin.after)
          })
      ]
    case .insertAxis(let position): return [graph.insertingAxes(x, [position])]
    case .exchangeBatchAndTime: return [graph.permuted(x, [1, 0] + Array(2..<rank))]
    case .upsample(let factors):
      let y = graph.resized(graph.channelsFirst(x, rank), factors, mode: "nearest")
      return [graph.channelsLast(y, rank)]
    case .reshapeAll(let extents): return [all(call.inputs, extents, &graph)]
    }
  }

  /// All axes in another shape.
  private func all(
    _ inputs: [ONNXValue], _ extents: [Extent], _ graph: inout ONNXGraphWriter
  ) -> ONNXValue {
    let x = inputs[0]
    var isPlain = true
    let numbers = extents.enumerated().map { index, extent -> Int in
      switch extent {
      case .fixed(let value): return value
      case .rest: return -1
      case .axis(let axis):
        isPlain = isPlain && axis == index
        return 0
      case .axisOfSecond:
        isPlain = false
        return 0
      }
    }
    guard !isPlain else { return graph.reshaped(x, numbers) }
    let parts = extents.map { extent in
      switch extent {
      case .fixed(let value): graph.integers([value])
      case .rest: graph.integers([-1])
      case .axis(let axis): graph.extents(of: x, [axis])
      case .axisOfSecond(let axis): graph.extents(of: inputs[inputs.count - 1], [axis])
      }
    }
    return graph.reshaped(x, to: graph.concatenated(parts, axis: 0))
  }
}
