import RecurModel
import RecurTensors

// What goes into a workspace before a run, and comes out of it.
extension Workspace {
  /// Writes the inputs of a call; those that are left out are zeros.
  ///
  /// - Throws: `input.dtype` for tokens that are no whole numbers, unless the Embedding cuts them.
  func load(_ tensors: [Tensor], _ graph: ProgramGraph) throws(CheckpointError) {
    let positions = graph.positions(given: tensors.count)
    if positions.count < inputs.count { for input in inputs { input.buffer.fill(0) } }
    for (position, tensor) in zip(positions, tensors) {
      inputs[position].buffer.copy(tensor)
      try inputs[position].finish()
    }
    unsafe callerInput.bind(input.buffer.base)
    unsafe callerOutput.bind(output.base)
  }

  /// Takes one input from a caller, and the place for the first output; all other inputs are zeros.
  ///
  /// - Parameters:
  ///   - numbers: the input, as many numbers as it needs, which stay there until the run ends.
  ///   - position: which input it is.
  ///   - y: gets the output, as many numbers as it has, by the end of ``unload(_:)``.
  /// - Throws: what ``load(_:_:)`` throws.
  @inline(__always)
  func load(
    _ numbers: UnsafeBufferPointer<Float>, at position: Int,
    for y: UnsafeMutableBufferPointer<Float>
  ) throws(CheckpointError) {
    unsafe callerOutput.bind(y.baseAddress ?? output.base)
    if !callerInput.isEmpty, let start = numbers.baseAddress {
      return unsafe callerInput.bind(UnsafeMutablePointer(mutating: start))
    }
    unsafe callerInput.bind(input.buffer.base)
    if hasSeveralInputs {
      for index in inputs.indices where index != position { inputs[index].buffer.fill(0) }
    }
    unsafe inputs[position].buffer.copy(numbers)
    try inputs[position].finish()
  }

  /// Writes the first output, unless it is there already.
  @inline(__always)
  func unload(_ y: UnsafeMutableBufferPointer<Float>) {
    if callerOutput.isEmpty { unsafe output.write(to: y) }
  }

  // MARK: states

  /// Takes over the states of stateful layers.
  ///
  /// - Throws: `state.…` for a state that is not the one before this call.
  func load(_ state: RecurrentState, _ graph: ProgramGraph) throws(CheckpointError) {
    for (place, own) in zip(graph.places, kept) {
      own.isSet = false
      guard place.isRead, let layer = state[place.name] else { continue }
      let findings = layer.findings(place.node, batch: own.rows)
      if let error = CheckpointError(findings: findings) { throw error }
      own.load(layer)
    }
  }

  /// Hands over the states of stateful layers.
  func store(_ state: inout RecurrentState, _ graph: ProgramGraph) {
    // A piece of a sequence leaves a state in every place.
    for (place, own) in zip(graph.places, kept) where graph.isStream || own.isSet {
      state[place.name] = own.layer
    }
  }

  /// Takes over the state of a sequence, if any of it was read.
  ///
  /// - Precondition: it has as many numbers as are kept here.
  func load(_ state: borrowing ProgramState) {
    marks.fill(state.hasBegun ? 1 : 0)
    if state.hasBegun { states.copy(state.values.span) }
  }

  /// Hands over the state of a sequence.
  func store(_ state: inout ProgramState) {
    var values = state.values.mutableSpan
    states.write(to: &values)
  }
}

extension Workspace.Input {
  /// Rounds the numbers that are in their place.
  ///
  /// - Throws: `input.dtype` for tokens that are no whole numbers, unless the Embedding cuts them.
  fileprivate func finish() throws(CheckpointError) {
    if let type {
      for index in buffer.indices { buffer[index] = Float(type.rounded(Double(buffer[index]))) }
    }
    guard demandsWholeNumbers else { return }
    for index in buffer.indices where buffer[index] != buffer[index].rounded(.towardZero) {
      throw CheckpointError(
        .inputType, "token \(buffer[index]) (element \(index)) is no whole number",
        found: "\(buffer[index])")
    }
  }
}

extension FloatBuffer {
  /// Replaces the numbers by those of a tensor of as many, rounded to binary32.
  fileprivate func copy(_ tensor: Tensor) {
    precondition(tensor.count == count)
    unsafe tensor.copyFloats(to: UnsafeMutableBufferPointer(start: base, count: count))
  }
}
