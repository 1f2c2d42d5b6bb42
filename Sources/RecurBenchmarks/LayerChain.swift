import RecurModel
import RecurTensors

/// A model that is made layer by layer, with random weights.
struct LayerChain {
  private var nodes: [Model.Node]
  private var numbers = RandomNumbers(scale: 1)

  /// Begins with an input of these extents behind the batch.
  init(_ shape: [Int]) {
    nodes = [
      Model.Node(
        name: "x", layerName: "x",
        layer: .input(Input(shape: [nil] + shape, elementType: .float32, acceptsOtherTypes: true)),
        inputs: [])
    ]
  }

  func model() throws(CheckpointError) -> Model {
    try Model(
      name: "benchmark", producer: "", nodes: nodes, inputs: ["x"],
      outputs: [Model.Value(nodes[nodes.count - 1].name)]
    ).validated()
  }

  /// Adds a layer that takes the last value `count` times.
  mutating func add(_ layer: Layer, count: Int = 1) {
    let name = "layer\(nodes.count)"
    let last = Model.Value(nodes[nodes.count - 1].name)
    nodes.append(
      Model.Node(
        name: name, layerName: name, layer: layer,
        inputs: [Model.Value](repeating: last, count: count)))
  }

  /// Weights between ±1/√inputs.
  private mutating func weights(
    _ shape: [Int], inputs: Int
  ) throws(CheckpointError) -> Tensor {
    let bound = Float(1 / Double(inputs).squareRoot())
    return try .float32(numbers.floats(shape.reduce(1, *)).map { $0 * bound }, shape: shape)
  }

  mutating func dense(
    _ inputs: Int, _ units: Int, _ activation: Activation
  ) throws(CheckpointError) {
    add(
      .dense(
        Dense(
          kernel: try weights([units, inputs], inputs: inputs),
          bias: try weights([units], inputs: inputs), activation: activation)))
  }

  mutating func convolve(
    _ inputs: Int, _ outputs: Int, _ sizes: [Int]
  ) throws(CheckpointError) {
    let window = inputs * sizes.reduce(1, *)
    add(
      .convolution(
        Convolution(
          kernel: try weights([outputs, inputs] + sizes, inputs: window),
          bias: try weights([outputs], inputs: window), activation: .relu, stride: 1, dilation: 1,
          groups: 1, padding: .same)))
  }

  mutating func pool(_ sizes: [Int]) {
    add(
      .pooling(
        Pooling(
          operation: .maximum,
          region: .windows(sizes.map { Window(size: $0, stride: $0, padding: .valid) }))))
  }

  /// Adds attention of every timestep to all timesteps.
  mutating func attend() {
    add(
      .attention(
        Attention(
          score: .product(scale: nil), isCausal: false, hasKey: false, hasQueryMask: false,
          hasValueMask: false)), count: 2)
  }

  private mutating func lstm(
    _ inputs: Int, _ units: Int, returnsSequence: Bool, _ direction: Recurrent.Direction
  ) throws(CheckpointError) -> Recurrent {
    let cell = LSTM(
      inputSize: inputs, units: units,
      weights: RecurrentWeights(
        kernel: try gates([units, inputs], units),
        recurrentKernel: try gates([units, units], units),
        bias: .single(try gates([units], units))), activation: .tanh,
      recurrentActivation: .sigmoid)
    return Recurrent(
      cell: .lstm(cell), returnsSequence: returnsSequence, returnsState: false,
      direction: direction, isStateful: false, keptStateWins: false, maskedOutput: .previous)
  }

  private mutating func gates(
    _ shape: [Int], _ inputs: Int
  ) throws(CheckpointError) -> GateMap<LSTMGate, Tensor> {
    try GateMap { _ throws(CheckpointError) in try weights(shape, inputs: inputs) }
  }

  mutating func recurrent(
    _ inputs: Int, _ units: Int, returnsSequence: Bool
  ) throws(CheckpointError) {
    add(
      .recurrent(try lstm(inputs, units, returnsSequence: returnsSequence, .forward)))
  }

  mutating func bidirectional(_ inputs: Int, _ units: Int) throws(CheckpointError) {
    add(
      .bidirectional(
        Bidirectional(
          forward: try lstm(inputs, units, returnsSequence: true, .forward),
          backward: try lstm(inputs, units, returnsSequence: true, .backward),
          mergeMode: .concatenate)))
  }

  mutating func convolutional(
    _ inputs: Int, _ units: Int, _ sizes: [Int], returnsSequence: Bool
  ) throws(CheckpointError) {
    let window = (inputs + units) * sizes.reduce(1, *)
    let ones = [Int](repeating: 1, count: sizes.count)
    add(
      .convolutionalRecurrent(
        ConvolutionalRecurrent(
          kernel: try gates([units, inputs] + sizes, window),
          recurrentKernel: try gates([units, units] + sizes, window),
          bias: try gates([units], window), activation: .tanh, recurrentActivation: .sigmoid,
          strides: ones, dilations: ones,
          paddings: [Padding](repeating: .same, count: sizes.count),
          returnsSequence: returnsSequence, returnsState: false, direction: .forward)))
  }
}
