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
    let (batch, timesteps) = (call.x.shape[0], call.x.shape[1])
    let units = layer.cell.units
    let cell = Scalar.step(of: layer.cell.reference, precision: call.precision)
    var sequence = Values<Scalar>(shape: [batch, timesteps, units])
    var states = initial
    // The output that masked timesteps repeat; zeros before the first unmasked timestep.
    var last = Values<Scalar>(shape: [batch, units])
    if let before { last.elements = before.joined().map { Scalar($0) } }
    // The index of the state that equals the output: h of the top cell.
    let shown = initial.count - (layer.cell.cells.last?.stateSizes.count ?? initial.count)
    var activity =
      gateActivity == nil
      ? nil
      : GateActivity(call.node.layerName, half: half, layer, keepsCourses: keepsGateCourses)
    for position in 0..<timesteps {
      let t = layer.direction == .forward ? position : timesteps - 1 - position
      let counted = (0..<batch).filter { row in
        call.mask.map { $0.elements[row * timesteps + t] != 0 } ?? true
      }
      if counted.count < batch {
        for row in 0..<batch where call.mask?.elements[row * timesteps + t] == 0 {
          switch layer.maskedOutput {
          case .previous: break
          case .zero: last.setRow(row, [Scalar](repeating: 0, count: units))
          case .state: last.setRow(row, states[shown].row(row))
          }
        }
      }
      if !counted.isEmpty {
        var rows = states.map { $0.rows(counted) }
        let observer =
          activity == nil
          ? nil : GateObserver<Scalar> { activity?.add($2, gate: $1, cell: $0) }
        let output = cell(
          call.x.timestep(t, of: counted), counted.count, &rows, CellPosition(), observer)
        for (index, row) in counted.enumerated() {
          last.setRow(row, Array(output[index * units..<(index + 1) * units]))
        }
        for index in states.indices { states[index].setRows(counted, rows[index]) }
      }
      for row in 0..<batch {
        let target = (row * timesteps + position) * units
        sequence.elements.replaceSubrange(target..<target + units, with: last.row(row))
      }
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
  /// Timestep `t` of some sequences of `[batch, timesteps, width]`: `[sequences, width]`.
  fileprivate func timestep(_ t: Int, of sequences: [Int]) -> [Scalar] {
    let (timesteps, width) = (shape[1], shape[2])
    var result: [Scalar] = []
    result.reserveCapacity(sequences.count * width)
    for sequence in sequences {
      let start = (sequence * timesteps + t) * width
      result += elements[start..<start + width]
    }
    return result
  }

  /// Some rows of `[batch, width]`, one after the other.
  fileprivate func rows(_ chosen: [Int]) -> [Scalar] {
    chosen.count == shape[0] ? elements : chosen.flatMap { row($0) }
  }

  /// Replaces some rows of `[batch, width]`.
  fileprivate mutating func setRows(_ chosen: [Int], _ numbers: [Scalar]) {
    guard chosen.count < shape[0] else {
      elements = numbers
      return
    }
    let width = shape[1]
    for (index, row) in chosen.enumerated() {
      setRow(row, Array(numbers[index * width..<(index + 1) * width]))
    }
  }

  /// The rows of `[batch, width]`.
  fileprivate var rows: [[Double]] {
    (0..<shape[0]).map { row($0).map { Double($0) } }
  }
}
