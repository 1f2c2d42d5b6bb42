import RecurModel
import RecurTensors

// Copies values into a workspace before a run, and out of it afterwards.
extension Workspace {
  /// Writes the inputs of a call; omitted inputs become zeros.
  ///
  /// - Throws: `input.dtype` for tokens that are not whole numbers, unless the Embedding truncates
  ///   them.
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

  /// Binds or copies one input of the caller, and binds the caller's output; all other inputs are
  /// zeros.
  ///
  /// - Parameters:
  ///   - numbers: the input, of the size that the run needs; it must stay valid until the run ends.
  ///   - position: the index of the input.
  ///   - y: receives the first output by the end of ``unload(_:)``; it has the output's size.
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

  /// Copies the first output to the caller's buffer, unless the run has written it there.
  @inline(__always)
  func unload(_ y: UnsafeMutableBufferPointer<Float>) {
    if callerOutput.isEmpty { unsafe output.write(to: y) }
  }

  // MARK: states

  /// Copies the states of stateful layers into the workspace.
  ///
  /// - Throws: `state.…` for a state that does not fit this call.
  func load(_ state: RecurrentState, _ graph: ProgramGraph) throws(CheckpointError) {
    for (place, own) in zip(graph.places, kept) {
      own.isSet = false
      guard place.isRead, let layer = state[place.name] else { continue }
      let findings = layer.findings(place.node, batch: own.rows)
      if let error = CheckpointError(findings: findings) { throw error }
      own.load(layer)
    }
  }

  /// Copies the states of stateful layers out of the workspace.
  func store(_ state: inout RecurrentState, _ graph: ProgramGraph) {
    // After a piece of a sequence, every place holds a state.
    for (place, own) in zip(graph.places, kept) where graph.isStream || own.isSet {
      state[place.name] = own.layer
    }
  }

  /// Copies the state of a sequence into the workspace, if any piece was read.
  ///
  /// - Precondition: the state has as many numbers as the workspace keeps.
  func load(_ state: borrowing ProgramState) {
    marks.fill(state.hasBegun ? 1 : 0)
    if state.hasBegun { states.copy(state.values.span) }
  }

  /// Copies the state of a sequence out of the workspace.
  func store(_ state: inout ProgramState) {
    var values = state.values.mutableSpan
    states.write(to: &values)
  }
}

extension Workspace.Input {
  /// Rounds the numbers of this input in place.
  ///
  /// - Throws: `input.dtype` for tokens that are not whole numbers, unless the Embedding truncates
  ///   them.
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
  /// Copies the numbers of a tensor of the same element count, rounded to float32.
  fileprivate func copy(_ tensor: Tensor) {
    precondition(tensor.count == count)
    unsafe tensor.copyFloats(to: UnsafeMutableBufferPointer(start: base, count: count))
  }
}
