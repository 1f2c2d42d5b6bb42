import RecurModel
import RecurTensors

// What goes into a workspace before a run, and comes out of it.
extension Workspace {
  /// Writes the inputs of a call; those that are left out are zeros.
  ///
  /// - Throws: `input.token` for tokens that are no whole numbers, unless the model is of Keras, which
  ///   cuts them.
  func load(_ tensors: [Tensor], _ graph: ProgramGraph) throws(CheckpointError) {
    let positions = graph.positions(given: tensors.count)
    if positions.count < inputs.count { for input in inputs { input.buffer.fill(0) } }
    for (position, tensor) in zip(positions, tensors) {
      inputs[position].buffer.copy(tensor)
      try finish(graph.inputs[position], inputs[position].buffer, graph)
    }
  }

  /// Rounds numbers that are in their place already, and zeros the inputs that are left out.
  ///
  /// - Throws: what ``load(_:_:)`` throws.
  func prepareInputs(
    except position: Int, _ core: ProgramCore, _ role: ProgramCore.Role
  ) throws(CheckpointError) {
    let graph = try core.graph(role)
    for index in inputs.indices where index != position { inputs[index].buffer.fill(0) }
    try finish(graph.inputs[position], inputs[position].buffer, graph)
  }

  private func finish(
    _ input: ProgramGraph.Input, _ buffer: FloatBuffer, _ graph: ProgramGraph
  ) throws(CheckpointError) {
    for type in [input.input.elementType, input.node.precision]
    where type != .float32 && type != .float64 {
      if type == input.node.precision, !type.isHalfWidthFloat { continue }
      for index in buffer.indices { buffer[index] = Float(type.rounded(Double(buffer[index]))) }
    }
    guard input.vocabularySize != nil, graph.model.framework != .keras else { return }
    for index in buffer.indices where buffer[index] != buffer[index].rounded(.towardZero) {
      throw CheckpointError(
        .inputType, "token \(buffer[index]) (element \(index)) is no whole number",
        at: input.node.location, found: "\(buffer[index])")
    }
  }

  // MARK: states

  /// Takes over the states of stateful layers.
  ///
  /// - Throws: `state.…` for a state that is not the one before this call.
  func load(_ state: RecurrentState, _ graph: ProgramGraph) throws(CheckpointError) {
    for (place, own) in zip(graph.places, kept) {
      own.isSet = false
      guard place.isRead, let layer = state[place.name] else { continue }
      let findings = layer.findings(
        place.node, batch: own.rows, framework: graph.model.framework)
      if let error = CheckpointError(findings: findings) { throw error }
      own.load(layer)
    }
  }

  /// Hands over the states of stateful layers.
  func store(_ state: inout RecurrentState, _ graph: ProgramGraph) {
    for (place, own) in zip(graph.places, kept) where own.isSet { state[place.name] = own.layer }
  }

  /// Takes over the state of a sequence, if any of it was read.
  ///
  /// - Precondition: it has as many numbers as are kept here.
  func load(_ state: inout ProgramState) {
    for own in kept { own.isSet = state.hasBegun }
    guard state.hasBegun else { return }
    unsafe state.values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      let numbers = unsafe FloatBuffer(base, count: values.count)
      var position = 0
      for own in kept { own.load(numbers, &position) }
    }
  }

  /// Hands over the state of a sequence.
  func store(_ state: inout ProgramState) {
    unsafe state.values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      let numbers = unsafe FloatBuffer(base, count: values.count)
      var position = 0
      for own in kept { own.store(numbers, &position) }
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
