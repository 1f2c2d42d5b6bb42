public import RecurModel
public import RecurTensors

/// A model packed for one processor: it runs like ``Model/run(_:state:)``, but in float32 instead
/// of Double.
///
///     let program = try Program(model)
///     var state = try program.makeState()
///     var y: [Float] = []
///     try program.step(frame, state: &state, into: &y)   // [features] → [units]
///
/// A program is immutable: any number of threads may run it at the same time, each with its own
/// state. The number of threads does not change results. Working memory is kept for the shapes used
/// last, so a run with a known shape allocates only the tensors it returns, and memory for layers
/// that run on the reference's code: layers in float16 and bfloat16, einsum of more than three
/// operands, cells without a kernel, and sparsemax.
public struct Program: Sendable {
  let core: ProgramCore

  /// Packs a model.
  ///
  /// - Parameters:
  ///   - model: a model without ``Model/findings()``.
  ///   - weights: the type in which recurrent and dense layers, products with matrices and
  ///     embeddings hold their weights; layers in 16 bits and convolutions keep theirs.
  ///   - keptLayers: the names of layers whose weights stay float32, or the keys under which a state
  ///     dict keeps them.
  ///   - kernels: the instruction set to pack for.
  ///   - threads: the number of threads that a run may use, at least 1.
  /// - Throws: `engine.precision` for layers that compute in float64, `engine.weights` for a type
  ///   that can't hold a weight or that no layer takes, `model.layer.opaque`, `model.not-connected`,
  ///   `model.graph.invalid`.
  public init(
    _ model: Model, weights: WeightType = .float32, keeping keptLayers: [String] = [],
    kernels: Kernels = .best, threads: Int = 1
  ) throws(CheckpointError) {
    try self.init(
      model, mask: nil, WeightStorage(weights, keeping: keptLayers), kernels: kernels,
      threads: threads)
  }

  /// Packs a model that has a mask, `[batch, timesteps]`, as a further input beside its sequence.
  package init(
    _ model: Model, mask: String?,
    _ storage: WeightStorage = WeightStorage(.float32, keeping: []), kernels: Kernels = .best,
    threads: Int = 1
  ) throws(CheckpointError) {
    precondition(threads > 0, "a program needs a thread")
    core = try ProgramCore(model, mask: mask, storage, kernels, threads: threads)
  }

  /// The instruction set that the program was packed for.
  public var kernels: Kernels { core.kernels }
  /// The number of threads that a run may use.
  public var threads: Int { core.threads }
  /// The size of the packed weights in bytes.
  public var byteCount: Int { core.byteCount }
  /// The layers that hold weights in a narrower type than float32.
  public var narrowLayers: [String] { core.narrowLayers }

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

  /// Runs the model; stateful layers begin with the state of the call before.
  ///
  /// - Parameters:
  ///   - inputs: as for ``Model/run(_:state:)``.
  ///   - state: the state of stateful layers before this call; on return, after it.
  /// - Returns: one float32 tensor per model output.
  /// - Throws: what ``Model/run(_:state:)`` throws; the state is then unchanged.
  public func run(
    _ inputs: [Tensor], state: inout RecurrentState
  ) throws(CheckpointError) -> [Tensor] {
    var results: [Tensor] = []
    for value in try values(of: inputs, state: &state, .call) {
      results.append(try value.tensor())
    }
    return results
  }

  /// The outputs of one call, or of the next piece of a sequence.
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
        // The caller's input is checked first, so that errors name the caller's shapes and not a
        // later layer's.
        try graph.model.checkInputs(inputs)
        throw error
      }
      workspace.store(&state, graph)
      return workspace.outputs.map { Values(shape: $0.shape, elements: $0.buffer.array) }
    }
  }

  // MARK: numbers

  /// Runs the next piece of a sequence.
  ///
  /// Consecutive pieces of any size give bit for bit the same outputs as the whole sequence. The
  /// model must have one sequence input; its other inputs must be optional, and are zeros.
  ///
  /// - Parameters:
  ///   - x: the numbers of the sequence input, row-major, in its own shape: `[batch, timesteps,
  ///     inputSize]` for most models.
  ///   - batch: the number of sequences.
  ///   - timesteps: the number of timesteps of this piece.
  ///   - state: the state after the pieces before; on return, after this piece.
  ///   - y: receives the first output of the model for this piece, row-major:
  ///     `[batch, timesteps, units]` or `[batch, units]`.
  /// - Throws: `sequence.stream` for every layer that needs the whole sequence, `input.…` for sizes
  ///   that do not fit, `state.batch` for a state of another batch size; the state is then
  ///   unchanged.
  public func run(
    _ x: Span<Float>, batch: Int, timesteps: Int, state: inout ProgramState,
    into y: inout MutableSpan<Float>
  ) throws(CheckpointError) {
    try piece(batch, timesteps, &state) { workspace throws(CheckpointError) in
      try run(x, workspace, into: &y)
    }
  }

  /// Gives the workspace for the next piece to `body`, and moves the state over it.
  @inline(__always)
  func piece(
    _ batch: Int, _ timesteps: Int, _ state: inout ProgramState,
    _ body: (borrowing Workspace) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    try core.with(
      state.hasBegun ? .next : .first, ProgramSequence.Size(batch: batch, timesteps: timesteps)
    ) { workspace throws(CheckpointError) in
      if state.batch > 0 {
        guard state.values.count == workspace.states.count, state.batch == batch else {
          throw CheckpointError(
            .stateBatch, "the state is for a batch of \(state.batch)", expected: "\(batch)",
            found: "\(state.batch)")
        }
      } else {
        state.values = [Float](repeating: 0, count: workspace.states.count)
      }
      workspace.load(state)
      try body(workspace)
      workspace.store(&state)
    }
    state.batch = batch
    state.timesteps += timesteps
    state.hasBegun = true
  }

  /// Runs the next timestep of one sequence.
  ///
  /// - Parameters:
  ///   - x: the numbers of this timestep, `[inputSize]`.
  ///   - state: the state after the timesteps before; on return, after this timestep.
  ///   - y: receives the first output of the model, `[units]`.
  /// - Throws: what the run of a piece throws.
  public func step(
    _ x: Span<Float>, state: inout ProgramState, into y: inout MutableSpan<Float>
  ) throws(CheckpointError) {
    try run(x, batch: 1, timesteps: 1, state: &state, into: &y)
  }

  /// Runs a whole sequence, from a state of zeros.
  ///
  /// - Parameters:
  ///   - x: the numbers of the sequence input, row-major, in its own shape.
  ///   - batch: the number of sequences.
  ///   - timesteps: the number of timesteps.
  ///   - y: receives the first output of the model, row-major.
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

  func run(
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
