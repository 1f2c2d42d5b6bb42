import RecurModel
import RecurTensors

/// The nodes of a model as a list of steps; every value has a numbered slot.
struct ProgramGraph: Sendable {
  /// An input of the model.
  struct Input: Sendable {
    let input: RecurModel.Input
    let node: Model.Node
    let slot: Int
    /// Whether the input holds tokens, which must be whole numbers.
    let demandsWholeNumbers: Bool

    /// The type to which numbers are rounded in addition to float32; nil for no further rounding.
    var type: ElementType? {
      if node.precision.isHalfWidthFloat { return node.precision }
      return input.elementType == .float32 || input.elementType == .float64
        ? nil : input.elementType
    }
  }

  /// One application of a layer.
  struct Step: Sendable {
    let node: Model.Node
    /// The index of the packed layer.
    let layer: Int
    let inputs: [Int]
    let mask: Int?
    let initialState: [Int]
    let outputs: Range<Int>
    /// The index of the place for the state that is kept between calls.
    let place: Int?

    /// All slots that the step reads.
    var operands: [Int] { inputs + initialState + (mask.map { [$0] } ?? []) }
  }

  /// The states of one layer that are kept between calls.
  struct KeptStates: Sendable {
    let name: String
    /// The first node that uses the states.
    let node: Model.Node
    let sizes: [Int]
    /// The width of the last output, where the output is kept too because masked timesteps of the
    /// next piece may repeat it.
    let outputWidth: Int?
    /// Whether any step reads the kept states; other steps begin with states given as inputs.
    var isRead: Bool
    /// Whether the model computes the states that the layer begins with.
    let isComputed: Bool

    /// The widths of all kept values.
    var widths: [Int] { sizes + [outputWidth].compactMap { $0 } }
  }

  /// The model; of packed weights only the shapes are kept.
  let model: Model
  /// The inputs in call order.
  private(set) var inputs: [Input] = []
  /// The positions of the inputs that every call must give.
  private(set) var requiredInputs: [Int] = []
  private(set) var steps: [Step] = []
  private(set) var places: [KeptStates] = []
  private(set) var outputs: [Int] = []
  private(set) var slotCount = 0
  /// Whether calls are pieces of one sequence.
  let isStream: Bool
  private var slots: [Model.Value: Int] = [:]

  /// Numbers the values of `model`.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - layers: the packed layer of every node, by name.
  ///   - isStream: whether calls are pieces of one sequence.
  /// - Throws: `model.layer.opaque`, `model.graph.invalid`.
  init(_ model: Model, layers: [Name: Int], isStream: Bool) throws(CheckpointError) {
    self.model = model
    self.isStream = isStream
    var found: [Name: Input] = [:]
    for node in model.nodes {
      if case .input(let input) = node.layer {
        let demandsWholeNumbers =
          if case .tokens(_, let embedding) = InputUse(of: node.name, in: model).kind {
            !embedding.cutsFractions
          } else {
            false
          }
        found[Name(node.name)] = Input(
          input: input, node: node, slot: addSlots(of: node).lowerBound,
          demandsWholeNumbers: demandsWholeNumbers)
      } else {
        try add(node, layers)
      }
    }
    inputs = model.inputs.compactMap { found[Name($0)] }
    let required = Set(model.requiredInputs.map { Name($0) })
    requiredInputs = inputs.indices.filter { required.contains(Name(inputs[$0].node.name)) }
    for value in model.outputs { outputs.append(try slot(value, model.nodes.last)) }
  }

  private mutating func add(
    _ node: Model.Node, _ layers: [Name: Int]
  ) throws(CheckpointError) {
    if case .opaque(let opaque) = node.layer { throw .opaque(opaque, node) }
    guard let layer = layers[Name(node.name)], !node.inputs.isEmpty else {
      throw CheckpointError(.graphInvalid, "'\(node.name)' has no input", at: node.location)
    }
    var inputs: [Int] = []
    for value in node.inputs { inputs.append(try slot(value, node)) }
    var initialState: [Int] = []
    for value in node.initialState { initialState.append(try slot(value, node)) }
    let mask = try node.mask.map { value throws(CheckpointError) in try slot(value, node) }
    steps.append(
      Step(
        node: node, layer: layer, inputs: inputs, mask: mask, initialState: initialState,
        outputs: addSlots(of: node), place: place(of: node)))
  }

  private mutating func addSlots(of node: Model.Node) -> Range<Int> {
    let first = slotCount
    slotCount += node.layer.outputCount
    for slot in first..<slotCount { slots[Model.Value(node.name, slot - first)] = slot }
    return first..<slotCount
  }

  private func slot(
    _ value: Model.Value, _ node: Model.Node?
  ) throws(CheckpointError) -> Int {
    guard let slot = slots[value] else {
      throw CheckpointError(
        .graphInvalid, "output \(value.output) of '\(value.node)' was never computed",
        at: node?.location ?? .init(),
        hint: "check the model with validated() before running it")
    }
    return slot
  }

  /// The index of a stateful layer's place; nodes of the same layer share one place.
  private mutating func place(of node: Model.Node) -> Int? {
    let recurrents = node.layer.recurrents
    guard node.layer.isStateful else { return nil }
    let keptWins = recurrents[0].keptStateWins
    let isMasked = model.nodes.contains {
      Name($0.layerName) == Name(node.layerName) && $0.mask != nil
    }
    let outputWidth =
      isStream && isMasked && recurrents.count == 1 ? recurrents[0].cell.units : nil
    let isRead = node.initialState.isEmpty || keptWins
    if let index = places.firstIndex(where: { Name($0.name) == Name(node.layerName) }) {
      places[index].isRead = places[index].isRead || isRead
      return index
    }
    places.append(
      KeptStates(
        name: node.layerName, node: node, sizes: recurrents.flatMap(\.cell.stateSizes),
        outputWidth: outputWidth, isRead: isRead,
        isComputed: node.initialState.contains { model.isInput($0) == nil }))
    return places.count - 1
  }

  /// The number of reads of every slot.
  ///
  /// An output of the model counts as read without end, so its buffer is never used again.
  var uses: [Int] {
    var uses = [Int](repeating: 0, count: slotCount)
    for step in steps {
      for slot in step.operands {
        uses[slot] += 1
      }
    }
    for slot in outputs { uses[slot] += 1 }
    return uses
  }
}

extension Layer {
  /// The inner layer of a TimeDistributed layer; otherwise this layer.
  var innermost: Layer {
    if case .timeDistributed(let every) = self { every.inner.innermost } else { self }
  }

  /// The number of leading axes that count sequences: 2 for TimeDistributed, where each timestep is
  /// a sequence of its own, otherwise 1.
  var sequenceAxes: Int { if case .timeDistributed = self { 2 } else { 1 } }
}

extension Model {
  /// The same model; the weights of `nodes` keep their shapes and lose their numbers.
  func withoutWeights(of nodes: Set<Name>) throws(CheckpointError) -> Model {
    let nothing = ByteRegion(ByteStorage(copying: [0, 0, 0, 0]))
    var copy = self
    for index in copy.nodes.indices where nodes.contains(Name(copy.nodes[index].name)) {
      copy.nodes[index].layer = try copy.nodes[index].layer.mappingTensors {
        tensor throws(CheckpointError) in
        try Tensor(
          nothing, .float32, shape: tensor.shape, strides: tensor.shape.map { _ in 0 }, offset: 0,
          at: tensor.location)
      }
    }
    return copy
  }
}
