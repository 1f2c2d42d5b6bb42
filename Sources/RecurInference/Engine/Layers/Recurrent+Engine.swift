import RecurModel
import RecurTensors

extension Recurrent {
  /// The layer's engine form; nil when its cell has no kernel.
  var engine: (any EngineLayer)? { cell.engine.map { EngineRecurrent(layer: self, cell: $0) } }
}

/// A recurrent layer whose cell has a kernel.
private struct EngineRecurrent: EngineLayer {
  let layer: Recurrent
  let cell: any EngineCell

  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedRecurrent(layer, cell, &packing)
  }
}

extension PackedRecurrent: PlannedLayer {
  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y) = (call.x, call.y)
    let batch = x.shape[0]
    let kept = try planner.keptState(call.step, rows: batch)
    let states = planner.states(stateSizes, kept, call, first: returnsState ? 1 : nil)
    let last =
      kept?.output ?? (returnsSequence ? planner.repeated(batch * units, call) : y.buffer)
    let hasState = planner.prepare(states, kept, keptWins: keptStateWins, call)
    if call.mask != nil, let last {
      planner.act { if !(kept?.isSet ?? false) || kept?.output == nil { last.fill(0) } }
    }
    let target =
      returnsSequence
      ? WorkspacePlanner.Target(buffer: y.buffer, start: 0, row: x.shape[1] * units, step: units)
      : nil
    let direction = WorkspacePlanner.Direction(
      layer: self, states: states, hasState: hasState, last: last)
    planner.lendInput(call)
    // Without a returned sequence the output is `last`. A pass reads `last` first where masked timesteps
    // repeat a previous output, which the caller's buffer does not hold.
    let isLent =
      planner.isLastValue(call) && (returnsSequence || kept?.output == nil && call.mask == nil)
    for stage in planner.stages(
      direction, call, target, lent: isLent ? y.buffer : nil, threads: planner.threads)
    {
      planner.act(sharing: stage.shared, solo: stage.solo)
    }
    if !returnsSequence, let last = kept?.output { planner.act { y.buffer.copy(last) } }
    planner.finish(states, kept, call, first: returnsState ? 1 : nil)
  }
}
