import CRecurKernels
import RecurModel
import RecurTensors

extension WorkspacePlanner {
  /// Where a layer of cells puts out its timesteps.
  private struct Target {
    /// Timestep t of sequence r begins at `start` + r·`row` + t·`step`.
    let buffer: FloatBuffer
    let start: Int
    let row: Int
    let step: Int
  }

  /// One direction that is ready to run.
  private struct Direction {
    let layer: PackedRecurrent
    /// `[batch, size]` each: before the pass the first states, after it the last.
    let states: [FloatBuffer]
    /// 0 if the first states are zeros, whatever is there; nil if they are what is there.
    let hasState: FloatBuffer?
    /// The last output, `[batch, units]`; before the pass what masked timesteps repeat at first.
    ///
    /// Nil where nobody reads it.
    let last: FloatBuffer?
  }

  /// What cells do at the same stage: one after the other, or shared between threads.
  private struct Stage {
    var shared: [ParallelTask]
    var solo: [ParallelTask]
  }

  mutating func plan(
    _ layer: PackedRecurrent, _ call: Call
  ) throws(CheckpointError) {
    let (x, y) = (call.x, call.y)
    let batch = x.shape[0]
    let kept = try keptState(call.step, rows: batch)
    let states = states(layer.stateSizes, kept, call, first: layer.returnsState ? 1 : nil)
    let last =
      kept?.output ?? (layer.returnsSequence ? repeated(batch * layer.units, call) : y.buffer)
    let hasState = prepare(states, kept, keptWins: layer.keptStateWins, call)
    if call.mask != nil, let last {
      act { if !(kept?.isSet ?? false) || kept?.output == nil { last.fill(0) } }
    }
    let target =
      layer.returnsSequence
      ? Target(buffer: y.buffer, start: 0, row: x.shape[1] * layer.units, step: layer.units) : nil
    let direction = Direction(layer: layer, states: states, hasState: hasState, last: last)
    lendInput(call)
    // What masked timesteps repeat at first is read where the last output is.
    let isLent =
      isLastValue(call) && (layer.returnsSequence || kept?.output == nil && call.mask == nil)
    for stage in stages(
      direction, call, target, lent: isLent ? y.buffer : nil, threads: threads)
    {
      act(sharing: stage.shared, solo: stage.solo)
    }
    if !layer.returnsSequence, let last = kept?.output { act { y.buffer.copy(last) } }
    finish(states, kept, call, first: layer.returnsState ? 1 : nil)
  }

  mutating func plan(
    _ forward: PackedRecurrent, _ backward: PackedRecurrent, _ mode: Bidirectional.MergeMode?,
    _ call: Call
  ) throws(CheckpointError) {
    let (batch, timesteps) = (call.x.shape[0], call.x.shape[1])
    let kept = try keptState(call.step, rows: batch)
    let sizes = forward.stateSizes + backward.stateSizes
    let first = forward.returnsState ? (mode == nil ? 2 : 1) : nil
    let states = states(sizes, kept, call, first: first)
    let hasState = prepare(states, kept, keptWins: forward.keptStateWins, call)
    let count = forward.stateSizes.count
    let lasts = [temporary(batch * forward.units), temporary(batch * backward.units)]
    let halves = [
      Direction(
        layer: forward, states: Array(states.prefix(count)), hasState: hasState, last: lasts[0]),
      Direction(
        layer: backward, states: Array(states.dropFirst(count)), hasState: hasState,
        last: lasts[1]),
    ]
    if call.mask != nil {
      act { for last in lasts { last.fill(0) } }
    }
    let isSequence = forward.returnsSequence
    let steps = isSequence ? timesteps : 1
    let targets = targets(halves.map(\.layer.units), mode, call, rows: batch, steps: steps)
    let budget = max(threads / 2, 1)
    lendInput(call)
    let isLent = isLastValue(call) && isSequence && mode == .concatenate
    var pair: [[Stage]] = []
    for (index, half) in halves.enumerated() {
      var target: Target? = targets[index]
      if !isSequence {
        target = nil
      } else if index == 1 {
        // The second output is put back into the order of time.
        let own = targets[1]
        target = Target(
          buffer: own.buffer, start: own.start + (timesteps - 1) * own.step, row: own.row,
          step: -own.step)
      }
      pair.append(
        stages(half, call, target, lent: isLent ? call.y.buffer : nil, threads: budget))
    }
    actTogether(pair[0], pair[1])
    if !isSequence {
      act {
        for (index, target) in targets.enumerated() {
          let units = halves[index].layer.units
          for row in 0..<batch {
            target.buffer.part(target.start + row * target.row, units)
              .copy(lasts[index].part(row * units, units))
          }
        }
      }
    }
    merge(mode, targets.map(\.buffer), call)
    finish(states, kept, call, first: first)
  }

  // MARK: states

  /// Where the states are during the pass: where they are kept, or put out, or in memory of their own.
  private mutating func states(
    _ sizes: [Int], _ kept: KeptState?, _ call: Call, first: Int?
  ) -> [FloatBuffer] {
    if let kept { return kept.values }
    if let first { return call.outputs[first...].map(\.buffer) }
    return sizes.map { temporary(call.x.shape[0] * $0) }
  }

  /// Given values, the state of the call before, or zeros, in this order.
  ///
  /// - Returns: 0 during the pass where it begins with zeros, whatever the states hold; nil if they
  ///   always hold what it begins with.
  private mutating func prepare(
    _ states: [FloatBuffer], _ kept: KeptState?, keptWins: Bool, _ call: Call
  ) -> FloatBuffer? {
    let given = call.initialState.map(\.buffer)
    guard !given.isEmpty else { return kept?.mark ?? zero.buffer }
    act {
      let isKept = kept?.isSet ?? false
      guard !(keptWins && isKept && !(kept?.isZero ?? true)) else { return }
      for (state, value) in zip(states, given) { state.copy(value) }
    }
    return nil
  }

  /// Where a pass keeps what masked timesteps repeat; nil where there are none.
  private mutating func repeated(_ count: Int, _ call: Call) -> FloatBuffer? {
    call.mask == nil ? nil : temporary(count)
  }

  private mutating func finish(
    _ states: [FloatBuffer], _ kept: KeptState?, _ call: Call, first: Int?
  ) {
    guard let kept else { return }
    // Only another node of the same layer reads the mark of a stream after the pass.
    if !graph.isStream || isShared(call.step) { act { kept.isSet = true } }
    guard let first else { return }
    let outputs = call.outputs[first...].map(\.buffer)
    act { for (output, state) in zip(outputs, states) { output.copy(state) } }
  }

  // MARK: merging

  /// Where both directions put out: side by side in the output, in outputs of their own, or apart until
  /// they are merged.
  private mutating func targets(
    _ units: [Int], _ mode: Bidirectional.MergeMode?, _ call: Call, rows: Int, steps: Int
  ) -> [Target] {
    func target(_ buffer: FloatBuffer, start: Int = 0, width: Int) -> Target {
      Target(buffer: buffer, start: start, row: steps * width, step: width)
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
        target(temporary(rows * steps * units[1]), width: units[1]),
      ]
    }
  }

  private mutating func merge(
    _ mode: Bidirectional.MergeMode?, _ parts: [FloatBuffer], _ call: Call
  ) {
    let (y, other) = (call.y.buffer, parts[1])
    switch mode {
    case nil, .concatenate: break
    case .sum: act { for index in y.indices { y[index] += other[index] } }
    case .multiply: act { for index in y.indices { y[index] *= other[index] } }
    case .average: act { for index in y.indices { y[index] = (y[index] + other[index]) / 2 } }
    }
  }

  /// Both directions at once where that is worth it.
  private mutating func actTogether(_ one: [Stage], _ other: [Stage]) {
    for index in 0..<max(one.count, other.count) {
      let pair = [one, other].compactMap { $0.indices.contains(index) ? $0[index] : nil }
      let solo = pair.flatMap(\.solo)
      // A stage that isn't shared has one task, which is a thread's share beside the other direction.
      let shared = pair.flatMap { $0.shared.isEmpty ? $0.solo : $0.shared }
      let isWorth = threads > 1 && pair.contains { !$0.shared.isEmpty }
      act(sharing: isWorth && shared.count <= threads ? shared : [], solo: solo)
    }
  }

  // MARK: passes

  /// The passes of a stack of cells, a stage per cell; lower cells put out for the one above.
  ///
  /// `lent` is the first output of the model, if the last cell writes it.
  private mutating func stages(
    _ direction: Direction, _ call: Call, _ target: Target?, lent: FloatBuffer?, threads: Int
  ) -> [Stage] {
    let layer = direction.layer
    let (batch, timesteps) = (call.x.shape[0], call.x.shape[1])
    let isBackward = layer.direction == .backward
    var x = call.x.buffer
    var position = 0
    var stages: [Stage] = []
    for (index, cell) in layer.cells.enumerated() {
      let isLast = index == layer.cells.count - 1
      var output = target
      if !isLast {
        // Every timestep in its own place, whichever is read first.
        let (buffer, width) = (temporary(batch * timesteps * cell.outputs), cell.outputs)
        output = Target(
          buffer: buffer, start: isBackward ? (timesteps - 1) * width : 0,
          row: timesteps * width, step: isBackward ? -width : width)
      }
      let states = direction.states[position..<position + cell.stateSizes.count]
      let pass = CellPass(
        cell: cell, kernels: kernels, batch: batch, timesteps: timesteps, x: x,
        y: output?.buffer, yStart: output?.start ?? 0, yRow: output?.row ?? 0,
        yStep: output?.step ?? 0, mask: call.mask?.buffer,
        maskedOutput: isLast ? layer.maskedOutput : .previous, isBackward: isBackward,
        states: Array(states), hasState: direction.hasState,
        last: isLast ? direction.last : repeated(batch * cell.outputs, call))
      stages.append(
        stage(
          pass, threads, input: index == 0 && isInput(call) ? call.x.buffer : nil,
          output: isLast ? lent : nil))
      if !isLast, let output { x = output.buffer }
      position += cell.stateSizes.count
    }
    return stages
  }

  /// One cell alone and shared between threads; `input` is the model's if the cell reads it, `output`
  /// the model's first if the cell writes it.
  private mutating func stage(
    _ pass: CellPass, _ threads: Int, input: FloatBuffer?, output: FloatBuffer?
  ) -> Stage {
    func lend(_ share: CellPass.Share) -> CellPass.Share {
      if let input { inputPlaces.append(share.inputPlace(in: input)) }
      if let output { outputPlaces.append(share.outputPlace(in: output)) }
      return share
    }
    let whole = lend(
      pass.rows(0..<pass.batch, scratch: temporary(pass.scratch(batch: pass.batch))))
    let solo = [ParallelTask(run: { whole.run() })]
    var shared: [ParallelTask] = []
    switch WorkSharing(pass, threads: threads, all: self.threads) {
    case .none: break
    case .alone: shared = solo
    case .rows(let ranges):
      for range in ranges {
        let part = lend(
          pass.rows(range, scratch: temporary(pass.scratch(batch: range.count))))
        shared.append(ParallelTask { part.run() })
      }
    case .panels(let count):
      let barrier = PassBarrier(count: count)
      let scratch = temporary(pass.scratch(batch: pass.batch))
      for thread in 0..<count {
        let part = lend(pass.panels(thread, of: count, scratch: scratch, barrier))
        shared.append(ParallelTask { part.run() })
      }
    }
    return Stage(shared: shared, solo: solo)
  }
}
