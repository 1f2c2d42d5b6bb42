import RecurModel
import RecurTensors

extension Reshaping: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool {
    switch self {
    case .flatten, .reshape, .insertAxis, .reshapeAll: true
    case .permute, .repeatVector, .pad, .crop, .exchangeBatchAndTime, .upsample: false
    }
  }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y) = (call.x, call.y)
    switch self {
    case .flatten, .reshape, .insertAxis, .reshapeAll: break  // the output is the input under another shape
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
    case .pad(let margins):
      // Each line of the input along its last axes lies somewhere in the output.
      let lines = ShiftedLines(inner: x.shape, outer: y.shape, margins.map(\.before))
      planner.act {
        y.buffer.fill(0)
        for line in lines.places {
          y.buffer.part(line.outer, lines.length).copy(x.buffer.part(line.inner, lines.length))
        }
      }
    case .crop(let margins):
      let lines = ShiftedLines(inner: y.shape, outer: x.shape, margins.map(\.before))
      planner.act {
        for line in lines.places {
          y.buffer.part(line.inner, lines.length).copy(x.buffer.part(line.outer, lines.length))
        }
      }
    case .upsample(let factors):
      let rows = upsampled(x.shape, y.shape, factors)
      let width = x.width
      planner.act {
        for (row, source) in rows.enumerated() {
          y.buffer.part(row * width, width).copy(x.buffer.part(source * width, width))
        }
      }
    }
  }

  /// For each row of the output along the last axis, the row of the input that it repeats.
  private func upsampled(_ x: [Int], _ y: [Int], _ factors: [Int]) -> [Int] {
    let divisors = [1] + factors
    var index = [Int](repeating: 0, count: divisors.count)
    return (0..<y.dropLast().reduce(1, *)).map { _ in
      var source = 0
      for axis in index.indices { source = source * x[axis] + index[axis] / divisors[axis] }
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < y[axis] { break }
        index[axis] = 0
      }
      return source
    }
  }

  /// Permutes axes: axis i of the output is axis `axes[i]` of the input.
  private func permute(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call, _ axes: [Int]
  ) {
    let strides = rowMajorStrides(call.x.shape)
    planner.gather(call.x.buffer, strides: axes.map { strides[$0] }, into: call.y)
  }
}

/// An array inside a larger one, as lines that are contiguous in both.
private struct ShiftedLines {
  /// The first number of each line in both arrays.
  private(set) var places: [(inner: Int, outer: Int)] = []
  /// The number of numbers of a line.
  let length: Int

  /// The smaller array begins at `before` in the larger one, on each axis behind the batch.
  init(inner: [Int], outer: [Int], _ before: [Int]) {
    let last = before.count
    length = inner[last...].reduce(1, *)
    let unit = outer[(last + 1)...].reduce(1, *)
    let starts = [0] + before
    var index = [Int](repeating: 0, count: last)
    for line in 0..<inner[..<last].reduce(1, *) {
      var place = 0
      for axis in 0..<last { place = place * outer[axis] + index[axis] + starts[axis] }
      places.append((line * length, (place * outer[last] + starts[last]) * unit))
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < inner[axis] { break }
        index[axis] = 0
      }
    }
  }
}
