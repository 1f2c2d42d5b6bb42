public import RecurModel
public import RecurTensors

/// A model packed for one processor: computes in float32 what ``Model/run(_:state:)`` computes in
/// Double.
///
///     let program = try Program(model)
///     var state = ProgramState()
///     try program.step(frame.span, state: &state, into: &y)   // [features] → [units]
///
/// Immutable: any number of threads may run one program at the same time, each with its own state.
/// Results do not depend on the number of threads. Working memory is kept for the shapes used last: a
/// run of a shape that was seen before allocates nothing, except for the tensors it returns and for
/// layers that the reference's code computes: those in float16 and bfloat16, Attention, Dot, cells
/// without a kernel, and sparsemax.
public struct Program: Sendable {
  private let core: ProgramCore

  /// Packs a model.
  ///
  /// - Parameters:
  ///   - model: a model that ``Model/validated()`` found nothing wrong with.
  ///   - kernels: what it runs on.
  ///   - threads: how many threads a run may use, at least 1.
  /// - Throws: `engine.precision` for layers that compute in float64, `model.layer.opaque`,
  ///   `model.not-connected`, `model.graph.invalid`.
  public init(
    _ model: Model, kernels: Kernels = .best, threads: Int = 1
  ) throws(CheckpointError) {
    try self.init(model, mask: nil, kernels: kernels, threads: threads)
  }

  /// Packs a model that takes a mask, `[batch, timesteps]`, besides its sequence.
  package init(
    _ model: Model, mask: String?, kernels: Kernels = .best, threads: Int = 1
  ) throws(CheckpointError) {
    precondition(threads > 0, "a program needs a thread")
    core = try ProgramCore(model, mask: mask, kernels, threads: threads)
  }

  /// What it runs on.
  public var kernels: Kernels { core.kernels }
  /// How many threads a run may use.
  public var threads: Int { core.threads }
  /// The bytes of the packed weights.
  public var byteCount: Int { core.byteCount }

  // MARK: tensors

  /// Runs the model once from a state of zeros.
  ///
  /// - Parameter inputs: as for ``Model/run(_:state:)``.
  /// - Returns: one float32 tensor per model output.
  /// - Throws: what ``Model/run(_:)`` throws.
  public func run(_ inputs: [Tensor]) throws(CheckpointError) -> [Tensor] {
    var state = RecurrentState()
    return try run(inputs, state: &state)
  }

  /// Runs the model, its stateful layers from the state that the call before left.
  ///
  /// - Parameters:
  ///   - inputs: as for ``Model/run(_:state:)``.
  ///   - state: the state of stateful layers before this call; on return, after it.
  /// - Returns: one float32 tensor per model output.
  /// - Throws: what ``Model/run(_:state:)`` throws; the state is then as before.
  public func run(
    _ inputs: [Tensor], state: inout RecurrentState
  ) throws(CheckpointError) -> [Tensor] {
    var results: [Tensor] = []
    for value in try values(of: inputs, state: &state, .call) {
      results.append(try value.tensor())
    }
    return results
  }

  /// What one call, or the next piece of a sequence, puts out.
  func values(
    of inputs: [Tensor], state: inout RecurrentState, _ role: ProgramCore.Role
  ) throws(CheckpointError) -> [Values<Float>] {
    let graph = try core.graph(role)
    return try core.with(role, inputs) { workspace throws(CheckpointError) in
      do throws(CheckpointError) {
        try workspace.load(state, graph)
        try workspace.load(inputs, graph)
        try core.run(workspace)
      } catch {
        // What is wrong with the caller's numbers is said in the caller's words.
        try graph.model.checkInputs(inputs)
        throw error
      }
      workspace.store(&state, graph)
      return workspace.outputs.map { Values(shape: $0.shape, elements: $0.buffer.array) }
    }
  }

  // MARK: numbers

  /// Reads the next piece of a sequence.
  ///
  /// Pieces of any size one after the other give bit for bit what the whole gives. For models that
  /// take one sequence; other inputs must be optional, and are zeros.
  ///
  /// - Parameters:
  ///   - x: the numbers of the sequence input, row-major, in its own shape: `[batch, timesteps,
  ///     inputSize]` for most models.
  ///   - batch: the number of sequences.
  ///   - timesteps: the number of timesteps of this piece.
  ///   - state: what was read before; on return, this piece too.
  ///   - y: gets the first output of the model for this piece, row-major: `[batch, timesteps, units]`
  ///     or `[batch, units]`.
  /// - Throws: `sequence.stream` for every layer that needs the whole sequence, `input.…` for sizes
  ///   that do not fit, `state.batch` for a state of another batch; the state is then as before.
  public func run(
    _ x: Span<Float>, batch: Int, timesteps: Int, state: inout ProgramState,
    into y: inout MutableSpan<Float>
  ) throws(CheckpointError) {
    try core.with(
      state.hasBegun ? .next : .first, ProgramSequence.Size(batch: batch, timesteps: timesteps)
    ) { workspace throws(CheckpointError) in
      if state.hasBegun {
        guard state.values.count == workspace.states.count, state.batch == batch else {
          throw CheckpointError(
            .stateBatch, "the state is for a batch of \(state.batch)", expected: "\(batch)",
            found: "\(state.batch)")
        }
      } else {
        state.values = [Float](repeating: 0, count: workspace.states.count)
      }
      workspace.load(state)
      try run(x, workspace, into: &y)
      workspace.store(&state)
    }
    state.batch = batch
    state.timesteps += timesteps
  }

  /// Reads the next timestep of one sequence.
  ///
  /// - Parameters:
  ///   - x: the numbers of this timestep, `[inputSize]`.
  ///   - state: what was read before; on return, this timestep too.
  ///   - y: gets the first output of the model, `[units]`.
  /// - Throws: what ``run(_:batch:timesteps:state:into:)`` throws.
  public func step(
    _ x: Span<Float>, state: inout ProgramState, into y: inout MutableSpan<Float>
  ) throws(CheckpointError) {
    try run(x, batch: 1, timesteps: 1, state: &state, into: &y)
  }

  /// Reads a whole sequence, from a state of zeros.
  ///
  /// - Parameters:
  ///   - x: the numbers of the sequence input, row-major, in its own shape.
  ///   - batch: the number of sequences.
  ///   - timesteps: the number of timesteps.
  ///   - y: gets the first output of the model, row-major.
  /// - Throws: `input.…` for sizes that do not fit.
  public func run(
    _ x: Span<Float>, batch: Int, timesteps: Int, into y: inout MutableSpan<Float>
  ) throws(CheckpointError) {
    try core.with(
      .call, ProgramSequence.Size(batch: batch, timesteps: timesteps)
    ) { workspace throws(CheckpointError) in
      workspace.marks.fill(0)
      try run(x, workspace, into: &y)
    }
  }

  /// The numbers of the first output for so much of the sequence.
  ///
  /// - Parameters:
  ///   - batch: the number of sequences.
  ///   - timesteps: the number of timesteps.
  /// - Returns: the number of elements.
  /// - Throws: `input.…` for sizes that do not fit.
  public func outputSize(batch: Int, timesteps: Int) throws(CheckpointError) -> Int {
    try core.with(
      .call, ProgramSequence.Size(batch: batch, timesteps: timesteps)
    ) { $0.output.count }
  }

  private func run(
    _ x: Span<Float>, _ workspace: borrowing Workspace, into y: inout MutableSpan<Float>
  ) throws(CheckpointError) {
    let position = workspace.hasSeveralInputs ? core.sequence?.input ?? 0 : 0
    let needed =
      workspace.hasSeveralInputs
      ? workspace.inputs[position].buffer.count : workspace.input.buffer.count
    guard x.count == needed else {
      throw CheckpointError(
        .inputShape, "the input has \(x.count) numbers",
        expected: "\(needed), \(shapeText(workspace.key.shapes[position]))", found: "\(x.count)")
    }
    guard y.count == workspace.output.count else {
      throw CheckpointError(
        .inputShape, "there is room for \(y.count) numbers of the output",
        expected: "\(workspace.output.count), \(shapeText(workspace.outputs[0].shape))",
        found: "\(y.count)")
    }
    try unsafe x.withUnsafeBufferPointer { x throws(CheckpointError) in
      try unsafe y.withUnsafeMutableBufferPointer { y throws(CheckpointError) in
        unsafe try workspace.load(x, at: position, for: y)
        try core.run(workspace)
        unsafe workspace.unload(y)
      }
    }
  }
}
