import RecurModel
import RecurTensors

extension Sorting: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let extent = call.x.shape[axis]
    guard count ?? 0 <= extent else {
      throw CheckpointError(
        .inputLength,
        "'\(call.step.node.layerName)' takes \(count ?? 0) elements of axis \(axis), which "
          + "has \(extent)", at: call.step.node.location, expected: title,
        found: "\(extent) elements")
    }
    let (isDescending, givesPositions) = (isDescending, givesPositions)
    planner.mapLines(
      call.x, axis: axis, into: call.y.buffer, cost: 32, scratch: extent
    ) { line, target, order in
      for index in order.indices { order[index] = Float(index) }
      sort(order) { one, other in
        let (a, b) = (line[Int(one)], line[Int(other)])
        return a == b ? one < other : isDescending ? a > b : a < b
      }
      for index in target.indices {
        target[index] = givesPositions ? order[index] : line[Int(order[index])]
      }
    }
  }
}

/// Sorts numbers in place, without other memory (heap sort).
private func sort(_ numbers: FloatBuffer, by precedes: (Float, Float) -> Bool) {
  /// Moves a number down until none below it comes later.
  func sink(_ start: Int, _ end: Int) {
    var parent = start
    while 2 * parent + 1 < end {
      var child = 2 * parent + 1
      if child + 1 < end, precedes(numbers[child], numbers[child + 1]) { child += 1 }
      guard precedes(numbers[parent], numbers[child]) else { return }
      (numbers[parent], numbers[child]) = (numbers[child], numbers[parent])
      parent = child
    }
  }
  for start in (0..<numbers.count / 2).reversed() { sink(start, numbers.count) }
  for end in (1..<max(numbers.count, 1)).reversed() {
    (numbers[0], numbers[end]) = (numbers[end], numbers[0])
    sink(0, end)
  }
}
