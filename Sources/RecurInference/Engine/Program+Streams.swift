import RecurModel
public import RecurTensors

// What callers of a stream need besides its steps: states, sizes, and arrays in place of spans.
extension Program {
  /// The state before the first timestep, with the names of its parts.
  ///
  /// The memory of the pieces is made here, so that the first one allocates nothing.
  ///
  /// - Parameters:
  ///   - batch: the number of sequences that run beside each other.
  ///   - timesteps: the number of timesteps of the pieces that will follow; others are allowed.
  /// - Returns: a state for this program.
  /// - Throws: `sequence.stream` for every layer that needs the whole sequence, `input.…` for sizes
  ///   that do not fit.
  public func makeState(
    batch: Int = 1, timesteps: Int = 1
  ) throws(CheckpointError) -> ProgramState {
    let size = ProgramSequence.Size(batch: batch, timesteps: timesteps)
    let places = try core.graph(.first).places
    var rows: [Int] = []
    try core.with(.first, size) { rows = $0.kept.map(\.rows) }
    try core.with(.next, size) { _ in }
    var fields: [ProgramState.Field] = []
    var position = 0
    for (place, rows) in zip(places, rows) {
      for (name, width) in zip(place.stateNames, place.widths) {
        fields.append(
          .init(
            name: "\(place.name).\(name)", range: position..<position + rows * width,
            isComputed: place.isComputed))
        position += rows * width
      }
    }
    return ProgramState(batch: batch, fields: fields)
  }

  /// The number of numbers that a piece of this size takes.
  ///
  /// - Parameters:
  ///   - batch: the number of sequences.
  ///   - timesteps: the number of timesteps; by default one, a frame.
  /// - Returns: the number of elements of the sequence input.
  /// - Throws: `input.…` for sizes that do not fit.
  public func inputSize(batch: Int = 1, timesteps: Int = 1) throws(CheckpointError) -> Int {
    try size(batch, timesteps) { workspace in
      workspace.inputs[workspace.hasSeveralInputs ? core.sequence?.input ?? 0 : 0].buffer.count
    }
  }

  /// The element count of the first output for a batch of sequences of this length.
  ///
  /// - Parameters:
  ///   - batch: the number of sequences.
  ///   - timesteps: the number of timesteps; by default one, a frame.
  /// - Returns: the number of elements.
  /// - Throws: `input.…` for sizes that do not fit.
  public func outputSize(batch: Int = 1, timesteps: Int = 1) throws(CheckpointError) -> Int {
    try size(batch, timesteps) { $0.output.count }
  }

  /// A size of a piece where the program runs in pieces, else of a whole sequence.
  private func size(
    _ batch: Int, _ timesteps: Int, _ count: (borrowing Workspace) -> Int
  ) throws(CheckpointError) -> Int {
    let role: ProgramCore.Role = core.streams ? .first : .call
    return try core.with(role, ProgramSequence.Size(batch: batch, timesteps: timesteps), count)
  }

  // MARK: arrays

  /// Runs the next timestep of one sequence, as the step of spans does.
  ///
  /// - Parameters:
  ///   - x: the numbers of this timestep, `[inputSize]`.
  ///   - state: the state after the timesteps before; on return, after this timestep.
  ///   - y: receives the first output, `[units]`; an array of another size is resized, once.
  /// - Throws: what the run of spans throws.
  public func step(
    _ x: [Float], state: inout ProgramState, into y: inout [Float]
  ) throws(CheckpointError) {
    try run(x, batch: 1, timesteps: 1, state: &state, into: &y)
  }

  /// Runs the next piece of a sequence, as the run of spans does.
  ///
  /// - Parameters:
  ///   - x: the numbers of the sequence input, row-major.
  ///   - batch: the number of sequences.
  ///   - timesteps: the number of timesteps of this piece.
  ///   - state: the state after the pieces before; on return, after this piece.
  ///   - y: receives the first output, row-major; an array of another size is resized, once.
  /// - Throws: what the run of spans throws.
  public func run(
    _ x: [Float], batch: Int = 1, timesteps: Int, state: inout ProgramState, into y: inout [Float]
  ) throws(CheckpointError) {
    try piece(batch, timesteps, &state) { workspace throws(CheckpointError) in
      let count = workspace.output.count
      if y.count != count { y = [Float](repeating: 0, count: count) }
      var span = y.mutableSpan
      try run(x.span, workspace, into: &span)
    }
  }
}

extension ProgramGraph.KeptStates {
  /// The names of all kept values: `h`, `c`, `output`.
  var stateNames: [String] {
    node.layer.innermost.stateNames + (outputWidth == nil ? [] : ["output"])
  }
}
