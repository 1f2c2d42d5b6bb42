import RecurModel
import RecurTensors

extension Reshaping: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool {
    switch self {
    case .flatten, .reshape, .insertAxis: true
    case .permute, .repeatVector, .pad, .crop, .exchangeBatchAndTime, .upsample: false
    }
  }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y) = (call.x, call.y)
    switch self {
    case .flatten, .reshape, .insertAxis: break  // the output is the input under another shape
    case .permute(let axes): permute(&planner, call, [0] + axes)
    case .exchangeBatchAndTime: permute(&planner, call, [1, 0] + x.shape.indices.dropFirst(2))
    case .repeatVector(let count):
      let width = x.width
      planner.act {
        for row in 0..<x.buffer.count / max(width, 1) {
          for copy in 0..<count {
            y.buffer.part((row * count + copy) * width, width)
              .copy(x.buffer.part(row * width, width))
          }
        }
      }
    case .pad(let before, _):
      let (own, size) = (x.shape[1] * x.shape[2], y.shape[1] * x.shape[2])
      let start = before * x.shape[2]
      planner.act {
        y.buffer.fill(0)
        for row in 0..<x.shape[0] {
          y.buffer.part(row * size + start, own).copy(x.buffer.part(row * own, own))
        }
      }
    case .crop(let before, _):
      let (own, size) = (x.shape[1] * x.shape[2], y.shape[1] * x.shape[2])
      let start = before * x.shape[2]
      planner.act {
        for row in 0..<x.shape[0] {
          y.buffer.part(row * size, size).copy(x.buffer.part(row * own + start, size))
        }
      }
    case .upsample(let factor):
      let width = x.shape[2]
      planner.act {
        for step in 0..<x.shape[0] * x.shape[1] {
          for copy in 0..<factor {
            y.buffer.part((step * factor + copy) * width, width)
              .copy(x.buffer.part(step * width, width))
          }
        }
      }
    }
  }

  /// Permutes axes: axis i of the output is axis `axes[i]` of the input.
  private func permute(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call, _ axes: [Int]
  ) {
    let (x, y) = (call.x, call.y)
    let strides = rowMajorStrides(x.shape)
    let steps = axes.map { strides[$0] }
    planner.act {
      var position = 0
      forEachOffset(y.shape[...], steps[...]) { offset in
        y.buffer[position] = x.buffer[offset]
        position += 1
      }
    }
  }
}

/// The strides of a row-major array, in elements.
private func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * shape[axis + 1]
  }
  return strides
}

/// Calls `body` with the offset of every element of a strided array, in row-major order.
private func forEachOffset(
  _ shape: ArraySlice<Int>, _ strides: ArraySlice<Int>, from start: Int = 0, _ body: (Int) -> Void
) {
  guard let extent = shape.first, let stride = strides.first else { return body(start) }
  for index in 0..<extent {
    forEachOffset(shape.dropFirst(), strides.dropFirst(), from: start + index * stride, body)
  }
}
