import CRecurKernels
import RecurModel
import RecurTensors

// Planning shared by recurrent layers of one and of two directions.
extension WorkspacePlanner {
  /// The buffer to which a layer of cells writes its timesteps.
  struct Target {
    /// Timestep t of sequence r begins at `start` + r·`row` + t·`step`.
    let buffer: FloatBuffer
    let start: Int
    let row: Int
    let step: Int
  }

  /// One direction of a layer, ready to run.
  struct Direction {
    let layer: PackedRecurrent
    /// The states, `[batch, size]` each: before the pass the initial states, after it the final
    /// states.
    let states: [FloatBuffer]
    /// Holds 0 if the initial states are zeros, whatever `states` hold; nil if `states` are the
    /// initial states.
    let hasState: FloatBuffer?
    /// The last output, `[batch, units]`; before the pass, the output that masked timesteps repeat
    /// at first.
    ///
    /// Nil where nothing reads the last output.
    let last: FloatBuffer?
  }

  /// The tasks of cells in one stage: run one after the other, or shared between threads.
  struct Stage {
    var shared: [ParallelTask]
    var solo: [ParallelTask]
  }

  // MARK: states

  /// The buffers of the states during the pass: the kept state, an output of the layer, or
  /// temporary memory.
  mutating func states(
    _ sizes: [Int], _ kept: KeptState?, _ call: Call, first: Int?
  ) -> [FloatBuffer] {
    if let kept { return kept.values }
    if let first { return call.outputs[first...].map(\.buffer) }
    return sizes.map { temporary(call.x.shape[0] * $0) }
  }

  /// Prepares the initial states: given states, else the kept state of the call before, else zeros.
  ///
  /// - Returns: a number that is 0 during the pass if the initial state is zeros, whatever the
  ///   buffers hold; nil if the buffers always hold the initial state.
  mutating func prepare(
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

  /// The buffer for the output that masked timesteps repeat; nil without a mask.
  mutating func repeated(_ count: Int, _ call: Call) -> FloatBuffer? {
    call.mask == nil ? nil : temporary(count)
  }

  /// Marks the kept state as set, and copies the states to the outputs if the layer returns them.
  mutating func finish(
    _ states: [FloatBuffer], _ kept: KeptState?, _ call: Call, first: Int?
  ) {
    guard let kept else { return }
    // In a stream, only another node of the same layer reads the mark after the pass.
    if !graph.isStream || isShared(call.step) { act { kept.isSet = true } }
    guard let first else { return }
    let outputs = call.outputs[first...].map(\.buffer)
    act { for (output, state) in zip(outputs, states) { output.copy(state) } }
  }

  // MARK: passes

  /// The passes of a stack of cells, one stage per cell; a lower cell writes the input of the cell
  /// above.
  ///
  /// `lent` is the first output of the model, if the last cell writes it.
  mutating func stages(
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
        // Timestep t is always at position t, even when the cell reads backwards.
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

  /// The stage of one cell, both for one thread and shared between threads.
  ///
  /// `input` is the model's input if the cell reads it; `output` is the model's first output if the
  /// cell writes it.
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
