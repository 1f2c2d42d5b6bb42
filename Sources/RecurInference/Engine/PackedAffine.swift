/// x·scale + shift, with one number each, or one number per element of the last axis.
struct PackedAffine: PlannedLayer {
  let scale: [Float]
  let shift: [Float]

  var isAlias: Bool { false }

  func plan(_ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call) {
    let (x, y, width, kernels) = (call.x.buffer, call.y.buffer, call.x.width, planner.kernels)
    let all = FloatMemory(count: 2 * width)
    let (scales, shifts) = (all.buffer.part(0, width), all.buffer.part(width, width))
    if scale.count == 1 { scales.fill(scale[0]) } else { scales.copy(scale.span) }
    if shift.count == 1 { shifts.fill(shift[0]) } else { shifts.copy(shift.span) }
    planner.hold(all)
    planner.share(call.x.rows, products: x.count) { rows, _ in
      for row in rows {
        let target = y.part(row * width, width)
        target.copy(shifts)
        kernels.multiplyAdd(x.part(row * width, width), scales, into: target)
      }
    }
  }
}
