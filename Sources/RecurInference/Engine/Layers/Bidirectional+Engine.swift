import RecurModel
import RecurTensors

extension Bidirectional {
  /// The layer's engine form; nil when one of its cells has no kernel.
  var engine: (any EngineLayer)? {
    guard let one = forward.cell.engine, let other = backward.cell.engine else { return nil }
    return EnginePair(pair: self, forward: one, backward: other)
  }
}

/// Two recurrent layers whose cells both have kernels.
private struct EnginePair: EngineLayer {
  let pair: Bidirectional
  let forward: any EngineCell
  let backward: any EngineCell

  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedPair(
      forward: PackedRecurrent(pair.forward, forward, &packing),
      backward: PackedRecurrent(pair.backward, backward, &packing), mode: pair.mergeMode)
  }
}

private struct PackedPair: PlannedLayer {
  let forward: PackedRecurrent
  let backward: PackedRecurrent
  let mode: Bidirectional.MergeMode?

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (batch, timesteps) = (call.x.shape[0], call.x.shape[1])
    let kept = try planner.keptState(call.step, rows: batch)
    let sizes = forward.stateSizes + backward.stateSizes
    let first = forward.returnsState ? (mode == nil ? 2 : 1) : nil
    let states = planner.states(sizes, kept, call, first: first)
    let hasState = planner.prepare(states, kept, keptWins: forward.keptStateWins, call)
    let count = forward.stateSizes.count
    let lasts = [
      planner.temporary(batch * forward.units), planner.temporary(batch * backward.units),
    ]
    let halves = [
      WorkspacePlanner.Direction(
        layer: forward, states: Array(states.prefix(count)), hasState: hasState, last: lasts[0]),
      WorkspacePlanner.Direction(
        layer: backward, states: Array(states.dropFirst(count)), hasState: hasState,
        last: lasts[1]),
    ]
    if call.mask != nil {
      planner.act { for last in lasts { last.fill(0) } }
    }
    let isSequence = forward.returnsSequence
    let steps = isSequence ? timesteps : 1
    let targets = targets(&planner, halves.map(\.layer.units), call, rows: batch, steps: steps)
    let budget = max(planner.threads / 2, 1)
    planner.lendInput(call)
    let isLent = planner.isLastValue(call) && isSequence && mode == .concatenate
    var pair: [[WorkspacePlanner.Stage]] = []
    for (index, half) in halves.enumerated() {
      var target: WorkspacePlanner.Target? = targets[index]
      if !isSequence {
        target = nil
      } else if index == 1 {
        // The second output is reversed into the order of time.
        let own = targets[1]
        target = WorkspacePlanner.Target(
          buffer: own.buffer, start: own.start + (timesteps - 1) * own.step, row: own.row,
          step: -own.step)
      }
      pair.append(
        planner.stages(half, call, target, lent: isLent ? call.y.buffer : nil, threads: budget))
    }
    actTogether(&planner, pair[0], pair[1])
    if !isSequence {
      planner.act {
        for (index, target) in targets.enumerated() {
          let units = halves[index].layer.units
          for row in 0..<batch {
            target.buffer.part(target.start + row * target.row, units)
              .copy(lasts[index].part(row * units, units))
          }
        }
      }
    }
    merge(&planner, targets.map(\.buffer), call)
    planner.finish(states, kept, call, first: first)
  }

  /// The buffers for the outputs of both directions: side by side in the merged output, two
  /// separate outputs, or temporary buffers until the outputs are merged.
  private func targets(
    _ planner: inout WorkspacePlanner, _ units: [Int], _ call: WorkspacePlanner.Call, rows: Int,
    steps: Int
  ) -> [WorkspacePlanner.Target] {
    func target(_ buffer: FloatBuffer, start: Int = 0, width: Int) -> WorkspacePlanner.Target {
      WorkspacePlanner.Target(buffer: buffer, start: start, row: steps * width, step: width)
    }
    switch mode {
    case .concatenate:
      let width = units[0] + units[1]
      return [
        target(call.y.buffer, width: width),
        target(call.y.buffer, start: units[0], width: width),
      ]
    case nil:
      return [
        target(call.outputs[0].buffer, width: units[0]),
        target(call.outputs[1].buffer, width: units[1]),
      ]
    case .sum, .multiply, .average:
      return [
        target(call.y.buffer, width: units[0]),
        target(planner.temporary(rows * steps * units[1]), width: units[1]),
      ]
    }
  }

  private func merge(
    _ planner: inout WorkspacePlanner, _ parts: [FloatBuffer], _ call: WorkspacePlanner.Call
  ) {
    let (y, other) = (call.y.buffer, parts[1])
    switch mode {
    case nil, .concatenate: break
    case .sum: planner.act { for index in y.indices { y[index] += other[index] } }
    case .multiply: planner.act { for index in y.indices { y[index] *= other[index] } }
    case .average:
      planner.act { for index in y.indices { y[index] = (y[index] + other[index]) / 2 } }
    }
  }

  /// Runs both directions at the same time where that saves time.
  private func actTogether(
    _ planner: inout WorkspacePlanner, _ one: [WorkspacePlanner.Stage],
    _ other: [WorkspacePlanner.Stage]
  ) {
    for index in 0..<max(one.count, other.count) {
      let pair = [one, other].compactMap { $0.indices.contains(index) ? $0[index] : nil }
      let solo = pair.flatMap(\.solo)
      // A stage that threads don't share has one task, which one thread runs beside the other
      // direction.
      let shared = pair.flatMap { $0.shared.isEmpty ? $0.solo : $0.shared }
      let isWorth = planner.threads > 1 && pair.contains { !$0.shared.isEmpty }
      planner.act(sharing: isWorth && shared.count <= planner.threads ? shared : [], solo: solo)
    }
  }
}
