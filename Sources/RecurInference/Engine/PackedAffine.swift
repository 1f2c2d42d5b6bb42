/// x·scale + shift, with one number each, or one number per element of the last axis.
struct PackedAffine: PlannedLayer {
  let scale: [Float]
  let shift: [Float]

  var isAlias: Bool { false }

  func plan(_ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call) {
    let (x, y, width) = (call.x.buffer, call.y.buffer, call.x.width)
    let scales = scale.count == 1 ? [Float](repeating: scale[0], count: width) : scale
    let shifts = shift.count == 1 ? [Float](repeating: shift[0], count: width) : shift
    planner.act {
      for start in stride(from: 0, to: x.count, by: max(width, 1)) {
        for index in 0..<width {
          y[start + index] = x[start + index] * scales[index] + shifts[index]
        }
      }
    }
  }
}
