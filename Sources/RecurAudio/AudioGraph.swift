import RecurModel
import RecurTensors

/// A chain of layers over frames, `[batch, timesteps, channels]`, from its first layer to its last.
struct AudioGraph {
  private(set) var nodes: [Model.Node] = []
  /// The input of the model.
  let input = Model.Value("input")
  /// The output of the last layer.
  private(set) var value = Model.Value("input")
  private var names: Set<String> = ["input"]

  /// Begins with frames of so many channels.
  init(channels: Int) {
    nodes.append(
      Model.Node(
        name: input.node, layerName: input.node,
        layer: .input(
          Input(shape: [nil, nil, channels], elementType: .float32, acceptsOtherTypes: true)),
        inputs: []))
  }

  /// Begins with one window of so many timesteps.
  init(timesteps: Int, channels: Int) {
    nodes.append(
      Model.Node(
        name: input.node, layerName: input.node,
        layer: .input(
          Input(shape: [nil, timesteps, channels], elementType: .float32, acceptsOtherTypes: true)),
        inputs: []))
  }

  /// Adds a layer behind the last one, or behind `inputs`.
  ///
  /// - Returns: its first output.
  @discardableResult
  mutating func append(
    _ layer: Layer, named word: String, inputs: [Model.Value]? = nil,
    initialState: [Model.Value] = []
  ) -> Model.Value {
    var (name, number) = (word, 0)
    while !names.insert(name).inserted {
      number += 1
      name = "\(word)_\(number)"
    }
    nodes.append(
      Model.Node(
        name: name, layerName: name, layer: layer, inputs: inputs ?? [value],
        initialState: initialState))
    value = Model.Value(name)
    return value
  }

  /// Adds a cell over all frames; its outputs are those of all frames.
  mutating func append(
    _ cell: RecurrentCell, named name: String, initialState: [Model.Value] = []
  ) {
    append(
      .recurrent(
        Recurrent(
          cell: cell, returnsSequence: true, returnsState: false, direction: .forward,
          isStateful: false, keptStateWins: false, maskedOutput: .previous)),
      named: name, initialState: initialState)
  }

  /// Adds constants for every sequence, `[batch, width]`, which depend on no number of the input.
  mutating func constants(_ numbers: [Float], named name: String) -> Model.Value {
    let last = value
    defer { value = last }
    let first = append(
      .selection(Selection(axis: 1, index: 0)), named: "\(name)_frame", inputs: [input])
    let one = append(
      .slicing(Slicing(parts: [.init(axis: 1, start: 0, stop: 1)])), named: "\(name)_sample",
      inputs: [first])
    let anything = append(
      .binary(Binary(.equal, .input, .input)), named: "\(name)_any", inputs: [one, one])
    let constant = Operand.constant(
      .init(shape: [numbers.count], elements: numbers.map { Double($0) }, isWhole: false))
    return append(
      .conditional(Where(constant, constant)), named: name, inputs: [anything])
  }

  /// Adds the first channels of the input to the output.
  mutating func addInput(channels: Int, of inputSize: Int, from source: Model.Value) {
    let output = value
    var skipped = source
    if channels < inputSize {
      skipped = append(
        .slicing(Slicing(parts: [.init(axis: 2, start: 0, stop: channels)])), named: "skipped",
        inputs: [source])
    }
    append(.binary(Binary(.add, .input, .input)), named: "skip", inputs: [output, skipped])
  }

  /// The model, checked.
  ///
  /// - Throws: `model.shape-mismatch` and what else is wrong.
  func model(named name: String, producer: String) throws(CheckpointError) -> Model {
    try Model(
      name: name, producer: producer, nodes: nodes, inputs: [input.node], outputs: [value]
    ).validated()
  }
}
