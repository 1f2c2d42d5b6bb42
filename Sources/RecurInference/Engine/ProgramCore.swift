import RecurModel
import RecurTensors

/// The parts that all copies of a ``Program`` share: packed weights, graphs, workspaces, threads.
final class ProgramCore: Sendable {
  /// The graphs of a program: one for independent calls, two for pieces of one sequence.
  enum Role: Int {
    /// An independent call; only stateful layers keep a state.
    case call
    /// The first piece of a sequence; it begins with the states given as inputs.
    case first
    /// A later piece of a sequence.
    case next
  }

  let kernels: Kernels
  let threads: Int
  let byteCount: Int
  let narrowLayers: [String]
  let sequence: ProgramSequence?
  private let layers: [any PlannedLayer]
  private let callGraph: ProgramGraph
  private let streamGraphs: Result<(first: ProgramGraph, next: ProgramGraph), CheckpointError>
  private let pool: WorkspacePool
  private let team: ThreadTeam?

  init(
    _ model: Model, mask: String?, _ storage: WeightStorage, _ kernels: Kernels, threads: Int
  ) throws(CheckpointError) {
    try model.checkConnected()
    guard !model.inputs.isEmpty, !model.outputs.isEmpty else {
      throw CheckpointError(
        .graphInvalid, "the model has no \(model.inputs.isEmpty ? "inputs" : "outputs")",
        at: model.nodes.first?.location ?? .init())
    }
    self.kernels = kernels
    self.threads = threads
    var packing = LayerPacking(kernels, storage)
    var layers: [any PlannedLayer] = []
    var positions: [Name: Int] = [:]
    var packed: Set<Name> = []
    for node in model.nodes {
      if case .input = node.layer { continue }
      let layer = try packing.pack(node)
      positions[Name(node.name)] = layers.count
      if layer != nil { packed.insert(Name(node.name)) }
      layers.append(layer ?? ReferenceRun())
    }
    narrowLayers = packing.narrowLayers
    try storage.check(model, narrowLayers: narrowLayers)
    let light = try model.withoutWeights(of: packed)
    self.layers = layers
    byteCount = packing.byteCount
    callGraph = try ProgramGraph(light, layers: positions, isStream: false)
    var sequence: ProgramSequence?
    do throws(CheckpointError) {
      let name = try light.sequenceInput(mask: mask, .sequenceStream)
      let open = light.takingAnyTimesteps(of: name, mask: mask)
      let flow = TimestepFlow(open, sequence: name, mask: mask, .streamed)
      sequence = ProgramSequence(name, flow.track(Model.Value(name)), light)
      let names = try flow.keepers(open, sequence: name)
      streamGraphs = .success(
        (
          try ProgramGraph(
            open.keepingStates(of: names, continues: false), layers: positions, isStream: true),
          try ProgramGraph(
            open.keepingStates(of: names, continues: true), layers: positions, isStream: true)
        ))
    } catch {
      streamGraphs = .failure(error)
    }
    self.sequence = sequence
    pool = WorkspacePool(capacity: 8 + 2 * threads)
    team = threads > 1 ? ThreadTeam(count: threads) : nil
  }

  /// Whether the program can read a sequence in pieces.
  var streams: Bool { if case .success = streamGraphs { true } else { false } }

  /// The graph for `role`.
  ///
  /// - Throws: `sequence.stream` for the layers that can't read the sequence in pieces.
  func graph(_ role: Role) throws(CheckpointError) -> ProgramGraph {
    switch role {
    case .call: callGraph
    case .first: try streamGraphs.get().first
    case .next: try streamGraphs.get().next
    }
  }

  // MARK: workspaces

  /// Runs `body` in a workspace for these inputs.
  ///
  /// - Throws: for shapes that are new to the program, the errors of ``Model/inputFindings(_:)``;
  ///   what `body` throws.
  func with<Result>(
    _ role: Role, _ tensors: [Tensor],
    _ body: (borrowing Workspace) throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result {
    let graph = try graph(role)
    guard let shapes = graph.shapes(of: tensors) else {
      try graph.model.checkInputs(tensors)
      throw CheckpointError(.inputCount, "the model was given \(tensors.count) inputs")
    }
    let key = Workspace.Key(graph: role.rawValue, shapes: shapes)
    return try pool.with(
      { $0.key == key },
      make: { () throws(CheckpointError) in
        try graph.model.checkInputs(tensors)
        return try plan(graph, key, sequence: nil)
      }, body)
  }

  /// Runs `body` in a workspace for a sequence of this size.
  ///
  /// - Throws: the errors of ``Model/inputFindings(_:)`` about shapes; what `body` throws.
  @inline(__always)
  func with<Result>(
    _ role: Role, _ size: ProgramSequence.Size,
    _ body: (borrowing Workspace) throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result {
    let number = role.rawValue
    return try pool.with(
      { $0.key.graph == number && $0.sequence == size },
      make: { () throws(CheckpointError) in try plan(role, size) }, body)
  }

  @inline(never)
  private func plan(
    _ role: Role, _ size: ProgramSequence.Size
  ) throws(CheckpointError) -> Workspace {
    let graph = try graph(role)
    guard let sequence else {
      _ = try streamGraphs.get()
      throw CheckpointError(.inputShape, "the model takes no sequence")
    }
    let shape = try sequence.shape(size)
    guard let count = Tensor.byteCount(of: shape, .uint8), count <= 1 << 28 else {
      throw CheckpointError(
        .limitExceeded, "the input \(shapeText(shape)) is too large",
        expected: "at most 2^28 numbers")
    }
    let zeros = try Tensor(
      ByteRegion(ByteStorage(copying: [0, 0, 0, 0])), .float32, shape: shape,
      strides: shape.map { _ in 0 }, offset: 0)
    try graph.model.checkInputs([zeros])
    var shapes = graph.inputs.map { $0.input.shape.map { $0 ?? size.batch } }
    let position = graph.inputs.count == 1 ? 0 : sequence.input
    shapes[position] = shape
    return try plan(graph, Workspace.Key(graph: role.rawValue, shapes: shapes), sequence: size)
  }

  private func plan(
    _ graph: ProgramGraph, _ key: Workspace.Key, sequence: ProgramSequence.Size?
  ) throws(CheckpointError) -> Workspace {
    var planner = WorkspacePlanner(graph, layers, kernels, threads: threads)
    return try planner.workspace(key, sequence: sequence)
  }

  /// Runs the work of a workspace, with the thread team if the team is free.
  func run(_ workspace: borrowing Workspace) throws(CheckpointError) {
    guard workspace.usesTeam, let team, team.take() else { return try workspace.run(nil) }
    defer { team.release() }
    try workspace.run(team)
  }
}

extension ProgramGraph {
  /// The positions of the inputs for which `count` arrays are meant.
  func positions(given count: Int) -> [Int] {
    count == inputs.count ? Array(inputs.indices) : requiredInputs
  }

  /// The shape of every input of the model, omitted inputs included; nil when the number of arrays
  /// is wrong.
  fileprivate func shapes(of tensors: [Tensor]) -> [[Int]]? {
    let positions = positions(given: tensors.count)
    guard positions.count == tensors.count else { return nil }
    var shapes = [[Int]](repeating: [], count: inputs.count)
    for (position, tensor) in zip(positions, tensors) { shapes[position] = tensor.shape }
    if positions.count < inputs.count {
      let batch = model.batch(of: tensors)
      for position in inputs.indices where !positions.contains(position) {
        shapes[position] = inputs[position].input.shape.map { $0 ?? batch ?? 1 }
      }
    }
    return shapes
  }
}

extension TimestepFlow {
  /// The recurrent nodes that keep their state from piece to piece.
  ///
  /// - Throws: `sequence.stream` for every layer that needs the whole sequence.
  func keepers(_ model: Model, sequence: String) throws(CheckpointError) -> Set<Name> {
    if let error = CheckpointError(findings: findings) { throw error }
    // A model without an axis of timesteps takes one timestep per call.
    return track(Model.Value(sequence)).axis == nil
      ? Set(model.nodesWithChosenState.map { Name($0.name) }) : readers
  }
}
