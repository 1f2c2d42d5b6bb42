import RecurModel
import RecurTensors

/// Everything that copies of a ``Program`` share: packed weights, graphs, workspaces, threads.
final class ProgramCore: Sendable {
  /// The graphs of a program: calls that each begin anew, and pieces of one sequence.
  enum Role: Int {
    /// One call; only stateful layers keep anything.
    case call
    /// The first piece, which begins with the states that inputs give.
    case first
    /// Every later piece.
    case next
  }

  let kernels: Kernels
  let threads: Int
  let byteCount: Int
  let sequence: ProgramSequence?
  private let layers: [PackedLayer]
  private let callGraph: ProgramGraph
  private let streamGraphs: Result<(first: ProgramGraph, next: ProgramGraph), CheckpointError>
  private let pool: WorkspacePool
  private let team: ThreadTeam?

  init(
    _ model: Model, mask: String?, _ kernels: Kernels, threads: Int
  ) throws(CheckpointError) {
    try model.checkConnected()
    guard !model.inputs.isEmpty, !model.outputs.isEmpty else {
      throw CheckpointError(
        .graphInvalid, "the model has no \(model.inputs.isEmpty ? "inputs" : "outputs")",
        at: model.nodes.first?.location ?? .init())
    }
    self.kernels = kernels
    self.threads = threads
    var packing = LayerPacking(kernels)
    var layers: [PackedLayer] = []
    var positions: [Name: Int] = [:]
    var packed: Set<Name> = []
    for node in model.nodes {
      if case .input = node.layer { continue }
      let layer = try packing.pack(node)
      positions[Name(node.name)] = layers.count
      if case .reference = layer {} else { packed.insert(Name(node.name)) }
      layers.append(layer)
    }
    let light = try model.withoutWeights(of: packed)
    self.layers = layers
    byteCount = packing.byteCount
    callGraph = try ProgramGraph(light, layers: positions, isStream: false)
    var sequence: ProgramSequence?
    do throws(CheckpointError) {
      let name = try light.sequenceInput(mask: mask, .sequenceStream)
      let flow = TimestepFlow(light, sequence: name, mask: mask, .streamed)
      sequence = ProgramSequence(name, flow.track(Model.Value(name)), light)
      let names = try flow.keepers(light, sequence: name)
      streamGraphs = .success(
        (
          try ProgramGraph(
            light.keepingStates(of: names, continues: false), layers: positions, isStream: true),
          try ProgramGraph(
            light.keepingStates(of: names, continues: true), layers: positions, isStream: true)
        ))
    } catch {
      streamGraphs = .failure(error)
    }
    self.sequence = sequence
    pool = WorkspacePool(capacity: 8 + 2 * threads)
    team = threads > 1 ? ThreadTeam(count: threads) : nil
  }

  /// The graph of a role.
  ///
  /// - Throws: what keeps the sequence from being read in pieces.
  func graph(_ role: Role) throws(CheckpointError) -> ProgramGraph {
    switch role {
    case .call: callGraph
    case .first: try streamGraphs.get().first
    case .next: try streamGraphs.get().next
    }
  }

  // MARK: workspaces

  /// A workspace for these inputs.
  ///
  /// - Throws: the errors of ``Model/inputFindings(_:)`` for inputs of shapes that were not seen before.
  func take(_ role: Role, _ tensors: [Tensor]) throws(CheckpointError) -> Workspace {
    let graph = try graph(role)
    let positions = graph.positions(given: tensors.count)
    var shapes: [[Int]]?
    if positions.count == tensors.count {
      var found = [[Int]](repeating: [], count: graph.inputs.count)
      for (position, tensor) in zip(positions, tensors) { found[position] = tensor.shape }
      if positions.count < graph.inputs.count {
        let batch = graph.model.batch(of: tensors)
        for position in graph.inputs.indices where !positions.contains(position) {
          found[position] = graph.inputs[position].input.shape.map { $0 ?? batch ?? 1 }
        }
      }
      shapes = found
    }
    if let shapes {
      let key = Workspace.Key(graph: role.rawValue, shapes: shapes)
      if let ready = pool.take(where: { $0.key == key }) { return ready }
      try graph.model.checkInputs(tensors)
      return try plan(graph, key, sequence: nil)
    }
    try graph.model.checkInputs(tensors)
    throw CheckpointError(.inputCount, "the model was given \(tensors.count) inputs")
  }

  /// A workspace for so much of the sequence.
  ///
  /// - Throws: the errors of ``Model/inputFindings(_:)`` about shapes.
  func take(_ role: Role, _ size: ProgramSequence.Size) throws(CheckpointError) -> Workspace {
    let number = role.rawValue
    if let ready = pool.take(where: { $0.key.graph == number && $0.sequence == size }) {
      return ready
    }
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
    return try plan(graph, Workspace.Key(graph: number, shapes: shapes), sequence: size)
  }

  private func plan(
    _ graph: ProgramGraph, _ key: Workspace.Key, sequence: ProgramSequence.Size?
  ) throws(CheckpointError) -> Workspace {
    var planner = WorkspacePlanner(graph, layers, kernels, threads: threads)
    return try planner.workspace(key, sequence: sequence)
  }

  /// Gives a workspace back.
  func give(_ workspace: consuming Workspace) { pool.give(workspace) }

  /// Runs in a workspace, with the team if that is free.
  func run(_ workspace: borrowing Workspace) throws(CheckpointError) {
    guard workspace.usesTeam, let team, team.take() else { return try workspace.run(nil) }
    defer { team.release() }
    try workspace.run(team)
  }
}

extension ProgramGraph {
  /// Which inputs so many arrays are meant for.
  func positions(given count: Int) -> [Int] {
    count == inputs.count ? Array(inputs.indices) : requiredInputs
  }
}

extension TimestepFlow {
  /// The recurrent nodes that carry on what they know from piece to piece.
  ///
  /// - Throws: `sequence.stream` for every layer that needs the whole sequence.
  func keepers(_ model: Model, sequence: String) throws(CheckpointError) -> Set<Name> {
    if let error = CheckpointError(findings: findings) { throw error }
    // A model without an axis of timesteps takes one timestep per call.
    return track(Model.Value(sequence)).axis == nil
      ? Set(model.nodesWithChosenState.map { Name($0.name) }) : readers
  }
}
