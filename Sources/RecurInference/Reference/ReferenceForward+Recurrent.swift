import RecurModel
import RecurTensors

// Computation shared by recurrent layers of one and of two directions.
extension ReferenceForward {
  /// Runs a cell over the sequence; the states are `[batch, units]` each.
  ///
  /// Masked timesteps repeat the previous output. For masked timesteps before the first unmasked
  /// one, that is `before`, the last output of the piece before, or else zeros.
  ///
  /// - Returns: the sequence or the last output, the final states, and the last output.
  mutating func sequence(
    _ layer: Recurrent, _ call: Call, _ initial: [Values<Scalar>], half: Int,
    before: [[Double]]? = nil
  ) -> (output: Values<Scalar>, states: [Values<Scalar>], last: Values<Scalar>) {
    let x = call.x
    let (batch, timesteps, width) = (x.shape[0], x.shape[1], x.shape[2])
    let units = layer.cell.units
    let cell = Scalar.step(of: layer.cell.reference, precision: call.precision)
    var sequence = Values<Scalar>(shape: [batch, timesteps, units])
    var last = Values<Scalar>(shape: [batch, units])
    var states = initial
    // The index of the state that equals the output: h of the top cell.
    let shown = initial.count - (layer.cell.cells.last?.stateSizes.count ?? initial.count)
    var activity = gateActivity == nil ? nil : GateActivity(call.node.layerName, half: half, layer)
    for row in 0..<batch {
      var state = initial.map { $0.row(row) }
      // The output that a masked timestep repeats; zeros before the first unmasked timestep.
      var output =
        before?[row].map { Scalar($0) } ?? [Scalar](repeating: 0, count: units)
      for position in 0..<timesteps {
        let t = layer.direction == .forward ? position : timesteps - 1 - position
        let counts = call.mask.map { $0.elements[row * timesteps + t] != 0 } ?? true
        if counts {
          let start = (row * timesteps + t) * width
          let step = Array(x.elements[start..<start + width])
          if activity == nil {
            output = cell(step, &state, CellPosition(), nil)
          } else {
            let observer = GateObserver<Scalar> { activity?.add($2, gate: $1, cell: $0) }
            output = cell(step, &state, CellPosition(), observer)
          }
        } else {
          switch layer.maskedOutput {
          case .previous: break
          case .zero: output = [Scalar](repeating: 0, count: units)
          case .state: output = state[shown]
          }
        }
        let target = (row * timesteps + position) * units
        sequence.elements.replaceSubrange(target..<target + units, with: output)
      }
      last.elements.replaceSubrange(row * units..<(row + 1) * units, with: output)
      for index in states.indices { states[index].setRow(row, state[index]) }
    }
    if let activity { gateActivity?.append(activity) }
    return (layer.returnsSequence ? sequence : last, states, last)
  }

  /// Keeps the final states of a stateful layer for the next call.
  mutating func keep(
    _ states: [Values<Scalar>], _ isStateful: Bool, _ call: Call, output: Values<Scalar>? = nil
  ) {
    guard isStateful else { return }
    var kept = RecurrentState.LayerState(values: states.map(\.rows))
    kept.output = output?.rows
    state[call.node.layerName] = kept
  }

  /// The initial states: given states, else the kept state of the call before, else zeros.
  func initialState(
    _ sizes: [Int], isStateful: Bool, keptWins: Bool, _ call: Call
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let batch = call.x.shape[0]
    let kept = isStateful ? state[call.node.layerName] : nil
    if !call.initialState.isEmpty, !(keptWins && !(kept?.isZero ?? true)) {
      return call.initialState
    }
    guard let kept else { return sizes.map { Values(shape: [batch, $0]) } }
    let findings = kept.findings(call.node, batch: batch)
    if let error = CheckpointError(findings: findings) { throw error }
    return zip(kept.values, sizes).map { state, size in
      Values(shape: [batch, size], elements: state.flatMap { $0.map { Scalar($0) } })
    }
  }
}

extension Values {
  /// The rows of `[batch, width]`.
  fileprivate var rows: [[Double]] {
    (0..<shape[0]).map { row($0).map { Double($0) } }
  }
}
