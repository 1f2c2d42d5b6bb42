import CRecurKernels
import RecurModel
import RecurTensors

/// Makes a ``Workspace``: assigns a buffer to every value and lists the actions of a run.
///
/// The work of each kind of layer is in the kind's file in `Layers`. Buffers whose values are no
/// longer needed are used again for later values.
struct WorkspacePlanner {
  typealias Value = Workspace.Value

  /// One layer to plan.
  struct Call {
    let step: ProgramGraph.Step
    var inputs: [Value]
    var mask: Value?
    let initialState: [Value]
    var outputs: [Value]

    var x: Value { inputs[0] }
    var y: Value { outputs[0] }
  }

  private struct Block {
    let memory: FloatMemory
    /// The number of reads that are still to come.
    var readers: Int
  }

  let graph: ProgramGraph
  let kernels: Kernels
  let threads: Int
  private let layers: [any PlannedLayer]
  private var blocks: [Block] = []
  private var values: [(value: Value, block: Int)?]
  private var temporaries: [Int] = []
  private var kept: [KeptState] = []
  private var actions: [EngineAction] = []
  private var usesTeam = false
  /// The number of reads of every slot.
  let uses: [Int]
  /// The address fields of cells that read the model's input, and the number of steps that do so.
  var inputPlaces: [CallerMemory.Binding] = []
  var inputReaders = 0
  /// The address fields of cells that write the model's first output.
  var outputPlaces: [CallerMemory.Binding] = []
  /// Numbers that never change.
  private var constants: [FloatMemory] = []
  /// A number that is always 0.
  let zero = FloatMemory(count: 1)

  init(_ graph: ProgramGraph, _ layers: [any PlannedLayer], _ kernels: Kernels, threads: Int) {
    self.graph = graph
    self.layers = layers
    self.kernels = kernels
    self.threads = threads
    values = [(value: Value, block: Int)?](repeating: nil, count: graph.slotCount)
    uses = graph.uses
  }

  /// Plans a run.
  ///
  /// - Throws: `model.graph.invalid` for shapes that can't be inferred, `state.batch` for a layer
  ///   whose nodes have batches of different sizes.
  mutating func workspace(
    _ key: Workspace.Key, sequence: ProgramSequence.Size?
  ) throws(CheckpointError) -> Workspace {
    let shapes = ModelShapes(
      graph.model, inputShapes: key.shapes.map { $0.map(Dimension.fixed) })
    let rows = keptRows(shapes)
    let marks = graph.places.count
    let memory = FloatMemory(count: marks + KeptState.count(graph.places, rows: rows))
    kept = KeptState.all(graph.places, rows: rows, in: memory.buffer)
    var inputs: [Workspace.Input] = []
    for (input, shape) in zip(graph.inputs, key.shapes) {
      inputs.append(
        Workspace.Input(
          buffer: place(input.slot, shape).buffer, type: input.type,
          demandsWholeNumbers: input.demandsWholeNumbers))
    }
    for step in graph.steps {
      let call = try call(step, shapes)
      let layer = layers[step.layer]
      if !layer.isAlias { try layer.plan(&self, call) }
      release(step)
    }
    var outputs: [Value] = []
    for slot in graph.outputs { outputs.append(try value(slot, nil)) }
    return Workspace(
      key: key, sequence: sequence, inputs: inputs, outputs: outputs, kept: kept,
      marks: memory.buffer.part(0, marks), states: memory.buffer.suffix(from: marks),
      callerInput: CallerMemory(canLendInput(inputs) ? inputPlaces : []),
      callerOutput: CallerMemory(outputPlaces),
      action: Self.inOrder(actions[...]), usesTeam: usesTeam,
      memory: blocks.map(\.memory) + constants + [memory, zero])
  }

  // MARK: values

  private mutating func call(
    _ step: ProgramGraph.Step, _ shapes: ModelShapes
  ) throws(CheckpointError) -> Call {
    var inputs: [Value] = []
    for slot in step.inputs { inputs.append(try value(slot, step)) }
    var states: [Value] = []
    for slot in step.initialState { states.append(try value(slot, step)) }
    var outputs: [Value] = []
    for (index, slot) in step.outputs.enumerated() {
      let shape = (shapes[Model.Value(step.node.name, index)] ?? []).compactMap(\.value)
      guard let dimensions = shapes[Model.Value(step.node.name, index)],
        dimensions.count == shape.count
      else {
        throw CheckpointError(
          .graphInvalid, "the shape of '\(step.node.name)' can't be inferred",
          at: step.node.location)
      }
      if index == 0, layers[step.layer].isAlias, let x = values[step.inputs[0]] {
        blocks[x.block].readers += uses[slot]
        values[slot] = (x.value.reshaped(shape), x.block)
        outputs.append(x.value.reshaped(shape))
      } else {
        outputs.append(place(slot, shape))
      }
    }
    let mask = try step.mask.map { slot throws(CheckpointError) in try value(slot, step) }
    return Call(
      step: step, inputs: inputs, mask: mask, initialState: states, outputs: outputs)
  }

  private func value(
    _ slot: Int, _ step: ProgramGraph.Step?
  ) throws(CheckpointError) -> Value {
    guard let found = values[slot] else {
      throw CheckpointError(
        .graphInvalid, "a value was never computed", at: step?.node.location ?? .init())
    }
    return found.value
  }

  // MARK: memory

  private mutating func place(_ slot: Int, _ shape: [Int]) -> Value {
    let count = shape.reduce(1, *)
    let block = block(of: count)
    blocks[block].readers = uses[slot]
    if uses[slot] == 0 { temporaries.append(block) }
    let value = Value(buffer: blocks[block].memory.buffer.part(0, count), shape: shape)
    values[slot] = (value, block)
    return value
  }

  /// The index of a free block with room for at least `count` numbers.
  private mutating func block(of count: Int) -> Int {
    let fitting = blocks.indices.filter { index in
      blocks[index].readers == 0 && !temporaries.contains(index)
        && blocks[index].memory.count >= count && blocks[index].memory.count <= 4 * count + 1024
    }
    if let best = fitting.min(by: { blocks[$0].memory.count < blocks[$1].memory.count }) {
      return best
    }
    blocks.append(Block(memory: FloatMemory(count: count), readers: 0))
    return blocks.count - 1
  }

  /// Memory for the current step only; its initial content is undefined.
  mutating func temporary(_ count: Int) -> FloatBuffer {
    let block = block(of: count)
    temporaries.append(block)
    return blocks[block].memory.buffer.part(0, count)
  }

  /// Keeps memory for as long as the workspace.
  mutating func hold(_ memory: FloatMemory) { constants.append(memory) }

  /// Frees the memory that only the current step needed.
  private mutating func release(_ step: ProgramGraph.Step) {
    for slot in step.operands {
      if let block = values[slot]?.block { blocks[block].readers -= 1 }
    }
    temporaries = []
  }

  /// The state that a step keeps, for `rows` sequences; nil for a step without a kept state.
  mutating func keptState(
    _ step: ProgramGraph.Step, rows: Int
  ) throws(CheckpointError) -> KeptState? {
    guard let place = step.place else { return nil }
    guard kept[place].rows == rows else {
      throw CheckpointError(
        .stateBatch,
        "'\(step.node.layerName)' has batches of \(kept[place].rows) and \(rows) sequences",
        at: step.node.location, expected: "\(kept[place].rows)", found: "\(rows)")
    }
    return kept[place]
  }

  /// Whether another step keeps its state in the same place.
  func isShared(_ step: ProgramGraph.Step) -> Bool {
    graph.steps.count { $0.place == step.place } > 1
  }

  /// The number of sequences at the first node of every place.
  private func keptRows(_ shapes: ModelShapes) -> [Int] {
    var rows = [Int](repeating: 0, count: graph.places.count)
    for step in graph.steps.reversed() {
      guard let place = step.place, let shape = step.node.inputs.first.flatMap({ shapes[$0] })
      else { continue }
      rows[place] = shape.prefix(step.node.layer.sequenceAxes).reduce(1) { $0 * ($1.value ?? 1) }
    }
    return rows
  }

  // MARK: actions

  /// Adds an action that runs in one thread.
  mutating func act(_ action: @escaping @Sendable () throws(CheckpointError) -> Void) {
    actions.append(EngineAction { (team: ThreadTeam?) throws(CheckpointError) in try action() })
  }

  /// Adds work that threads can share: `tasks` run at the same time; with one thread `solo` runs
  /// instead.
  mutating func act(sharing tasks: [ParallelTask], solo: [ParallelTask]) {
    guard tasks.count > 1 else {
      for task in solo { actions.append(EngineAction { (team: ThreadTeam?) in task.run() }) }
      return
    }
    usesTeam = true
    let stage = ParallelStage(tasks)
    actions.append(
      EngineAction { (team: ThreadTeam?) in
        if let team { team.run(stage) } else { for task in solo { task.run() } }
      })
  }

  /// All actions as one nested action.
  ///
  /// Reading actions from an array would count references.
  private static func inOrder(_ actions: ArraySlice<EngineAction>) -> EngineAction {
    let (first, count) = (actions.startIndex, actions.count)
    guard count > 1 else { return actions.first ?? EngineAction { (team: ThreadTeam?) in } }
    let one = inOrder(actions[first..<first + count / 2])
    let other = inOrder(actions[(first + count / 2)...])
    return EngineAction { (team: ThreadTeam?) throws(CheckpointError) in
      try one.run(team)
      try other.run(team)
    }
  }
}
