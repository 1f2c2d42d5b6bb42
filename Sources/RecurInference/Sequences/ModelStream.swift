public import RecurModel
public import RecurTensors

/// Runs a model over a sequence piece by piece: every recurrent layer continues where it stopped.
///
/// Consecutive pieces of any size give bit for bit the same outputs as the whole sequence.
///
///     var stream = try ModelStream(model)
///     for x in frames {                      // [batch, features]
///       let y = try stream.step(x)[0]        // [batch, units]
///     }
///
/// A stream is a value: after copying it, both copies continue independently.
public struct ModelStream: Sendable {
  /// The states of the recurrent layers, by the names of their nodes.
  public private(set) var state: RecurrentState
  /// The number of timesteps read so far.
  public private(set) var timesteps = 0
  /// The inputs of the next piece, in order.
  ///
  /// Initial states are inputs of the first piece only.
  public var inputs: [String] { (hasBegun ? next : first).inputs }

  private let first: Model
  private let next: Model
  private var hasBegun: Bool
  private let sequence: TimestepFlow.Track
  private let sequenceName: String
  private let maskName: String?
  private let outputs: [TimestepFlow.Track]
  /// The names and shapes of the state's arrays.
  public let layout: StateLayout

  /// Begins a stream.
  ///
  /// - Parameters:
  ///   - model: the model; it may be stateful or not.
  ///   - state: the state that an earlier stream of this model ended with; nil begins with the
  ///     model's own initial state, or zeros.
  /// - Throws: `sequence.stream` for every layer that needs the whole sequence, and
  ///   `model.not-connected`.
  public init(_ model: Model, continuing state: RecurrentState? = nil) throws(CheckpointError) {
    try self.init(model, mask: nil, continuing: state)
  }

  /// Begins a stream of a model that has a mask, `[batch, timesteps]`, as a further input.
  package init(
    _ model: Model, mask: String?, continuing state: RecurrentState? = nil
  ) throws(CheckpointError) {
    try model.checkConnected()
    let sequence = try model.sequenceInput(mask: mask, .sequenceStream)
    let model = model.takingAnyTimesteps(of: sequence, mask: mask)
    let flow = TimestepFlow(model, sequence: sequence, mask: mask, .streamed)
    if let error = CheckpointError(findings: flow.findings) { throw error }
    let track = flow.track(Model.Value(sequence))
    // A model without an axis of timesteps takes one timestep per call.
    let names =
      track.axis == nil ? Set(model.nodesWithChosenState.map { Name($0.name) }) : flow.readers
    first = model.keepingStates(of: names, continues: false)
    next = model.keepingStates(of: names, continues: true)
    (sequenceName, maskName) = (sequence, mask)
    self.sequence = track
    outputs = model.outputs.map(flow.track)
    layout = StateLayout(model, nodes: names)
    hasBegun = false
    self.state = RecurrentState()
    self.state.isStream = true
    if let state { resume(state) }
  }

  /// Continues from a state that an earlier stream of this model ended with.
  public mutating func resume(_ state: RecurrentState) {
    self.state = state
    self.state.isStream = true
    hasBegun = true
  }

  /// Runs the model on the next piece.
  ///
  /// - Parameter pieces: one tensor per input in ``inputs``: the sequence `[batch, timesteps, …]` with
  ///   any number of timesteps.
  /// - Returns: one tensor per model output: the timesteps of this piece. An output that exists
  ///   only at the end of the sequence has the value it would have if the sequence ended here.
  /// - Throws: what ``Model/run(_:state:)`` throws; the state is then unchanged.
  public mutating func feed(_ pieces: [Tensor]) throws(CheckpointError) -> [Tensor] {
    try feed(pieces, reference(in: Double.self)).map { value throws(CheckpointError) in
      try value.tensor()
    }
  }

  /// Runs the model on the next timestep.
  ///
  /// - Parameter x: the sequence at this timestep, `[batch, …]`.
  /// - Returns: one tensor per model output without the axis of timesteps: `[batch, units]`.
  /// - Throws: what ``feed(_:)`` throws, and `input.count` when the model needs further inputs now.
  public mutating func step(_ x: Tensor) throws(CheckpointError) -> [Tensor] {
    guard let axis = sequence.axis else { return try feed([x]) }
    guard x.rank >= axis else {
      throw CheckpointError(
        .inputShape, "a timestep needs at least \(axis) axes", at: x.location,
        expected: "[batch, …]", found: shapeText(x.shape))
    }
    var shape = x.shape
    shape.insert(1, at: axis)
    let results = try feed([try x.reshaped(shape)])
    var steps: [Tensor] = []
    for (result, track) in zip(results, outputs) {
      steps.append(track.axis.map { result.select(axis: $0, 0) } ?? result)
    }
    return steps
  }

  private mutating func feed<Scalar>(
    _ pieces: [Tensor], _ run: PieceRunner<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let results = try run(pieces, hasBegun ? next : first, hasBegun, &state)
    timesteps += sequence.axis.map { pieces[0].shape[$0] } ?? 1
    hasBegun = true
    return results
  }

  /// Runs the model on a whole sequence in pieces of `count` timesteps; the last piece may be
  /// shorter.
  ///
  /// - Parameters:
  ///   - whole: one tensor per input in ``inputs``.
  ///   - count: the timesteps of each piece, at least 1.
  /// - Returns: one tensor per model output, the same as for the whole sequence.
  /// - Throws: `sequence.stream` for a model that takes one timestep per call, `input.shape`, and what
  ///   ``feed(_:)`` throws.
  public mutating func feed(
    _ whole: [Tensor], inPiecesOf count: Int
  ) throws(CheckpointError) -> [Tensor] {
    try feed(whole, inPiecesOf: count, reference(in: Double.self))
  }

  /// Runs the model on a whole sequence in pieces, in float32.
  package mutating func feedInFloat(
    _ whole: [Tensor], inPiecesOf count: Int
  ) throws(CheckpointError) -> [Tensor] {
    try feed(whole, inPiecesOf: count, reference(in: Float.self))
  }

  /// Runs the packed model of this stream on the next piece; see ``feed(_:)``.
  package mutating func feed(
    _ pieces: [Tensor], on program: Program
  ) throws(CheckpointError) -> [Tensor] {
    try feed(pieces, Self.run(on: program)).map { value throws(CheckpointError) in
      try value.tensor()
    }
  }

  /// Runs a program on a whole sequence in pieces.
  ///
  /// - Parameters:
  ///   - whole: one tensor per input in ``inputs``.
  ///   - count: the timesteps of each piece, at least 1.
  ///   - program: the model of this stream, packed.
  /// - Returns: one tensor per model output, the same as for the whole sequence.
  /// - Throws: what ``feed(_:inPiecesOf:)`` throws.
  package mutating func feed(
    _ whole: [Tensor], inPiecesOf count: Int, on program: Program
  ) throws(CheckpointError) -> [Tensor] {
    try feed(whole, inPiecesOf: count, Self.run(on: program))
  }

  /// Runs one piece on the given model; the flag tells whether pieces were run before.
  private typealias PieceRunner<Scalar: ReferenceScalar> = (
    [Tensor], Model, Bool, inout RecurrentState
  ) throws(CheckpointError) -> [Values<Scalar>]

  private static func run(on program: Program) -> PieceRunner<Float> {
    { pieces, _, hasBegun, state throws(CheckpointError) in
      try program.values(of: pieces, state: &state, hasBegun ? .next : .first)
    }
  }

  private func reference<Scalar>(in scalar: Scalar.Type) -> PieceRunner<Scalar> {
    { pieces, model, hasBegun, state throws(CheckpointError) in
      try model.values(of: pieces, state: &state, in: scalar)
    }
  }

  private mutating func feed<Scalar>(
    _ whole: [Tensor], inPiecesOf count: Int, _ run: PieceRunner<Scalar>
  ) throws(CheckpointError) -> [Tensor] {
    precondition(count > 0, "a piece needs timesteps")
    guard let axis = sequence.axis else {
      throw CheckpointError(
        .sequenceStream, "the model takes one timestep per call: there is nothing to cut in pieces",
        at: next.node(sequenceName)?.location ?? .init()
      ).advising("give each timestep as an input of its own, with \(.stream)")
    }
    let names = inputs
    guard let position = names.firstIndex(where: { Name($0) == Name(sequenceName) }),
      whole.indices.contains(position), whole[position].shape.indices.contains(axis),
      whole[position].shape[axis] > count
    else { return try feed(whole, run).map { v throws(CheckpointError) in try v.tensor() } }
    let timesteps = whole[position].shape[axis]
    var results: [[Values<Scalar>]] = []
    for start in stride(from: 0, to: timesteps, by: count) {
      let range = start..<min(start + count, timesteps)
      var pieces: [Tensor] = []
      for (name, tensor) in zip(names, whole) {
        if Name(name) == Name(sequenceName) {
          pieces.append(tensor.slice(axis: axis, range))
        } else if let maskName, Name(name) == Name(maskName), tensor.rank == 2 {
          pieces.append(tensor.slice(axis: 1, range))
        } else if inputs.contains(where: { Name($0) == Name(name) }) {
          pieces.append(tensor)
        }
      }
      results.append(try feed(pieces, run))
    }
    var joined: [Tensor] = []
    for (index, track) in outputs.enumerated() {
      let parts = results.map { $0[index] }
      let value =
        track.axis.map { Values.concatenated(parts, axis: $0) } ?? parts[parts.count - 1]
      joined.append(try value.tensor())
    }
    return joined
  }
}

extension Model {
  /// The sequence input: the only required input that is neither an initial state nor a mask.
  ///
  /// - Throws: an error with `code` when there is no such input, or several.
  package func sequenceInput(
    mask: String?, _ code: Diagnostic.Code
  ) throws(CheckpointError) -> String {
    let states = Set(
      nodes.flatMap(\.initialState).compactMap { isInput($0).map { Name($0) } })
    let rest = requiredInputs.filter { name in
      !states.contains(Name(name)) && mask.map { Name($0) != Name(name) } ?? true
    }
    guard rest.count == 1 else {
      throw CheckpointError(
        code, "the model takes \(rest.count) sequences, and this is for models that take one",
        at: nodes.first?.location ?? .init(), expected: "one input besides initial states",
        found: rest.joined(separator: ", "))
    }
    return rest[0]
  }
}
