import RecurModel
import RecurTensors

/// Layers made without a file; all weights are different numbers.
struct LayerSamples {
  private var next: Float = 0

  mutating func tensor(_ shape: [Int]) throws -> Tensor {
    let count = shape.reduce(1, *)
    defer { next += Float(count) }
    return try .float32((0..<count).map { next + Float($0) / 8 }, shape: shape)
  }

  /// Which biases a cell has.
  enum Bias { case none, single, split }

  mutating func weights<Gate: RecurrentGate>(
    _: Gate.Type, _ inputSize: Int, _ units: Int, _ bias: Bias
  ) throws -> RecurrentWeights<Gate> {
    func gates(_ shape: [Int], _ samples: inout LayerSamples) throws -> GateMap<Gate, Tensor> {
      try GateMap { _ in try samples.tensor(shape) }
    }
    let kernel = try gates([units, inputSize], &self)
    let recurrentKernel = try gates([units, units], &self)
    let biases: RecurrentWeights<Gate>.Bias =
      switch bias {
      case .none: .none
      case .single: .single(try gates([units], &self))
      case .split:
        .split(input: try gates([units], &self), recurrent: try gates([units], &self))
      }
    return RecurrentWeights(kernel: kernel, recurrentKernel: recurrentKernel, bias: biases)
  }

  mutating func lstm(
    _ inputSize: Int, _ units: Int, _ bias: Bias = .single, activation: Activation = .tanh
  ) throws -> RecurrentCell {
    .lstm(
      LSTM(
        inputSize: inputSize, units: units,
        weights: try weights(LSTMGate.self, inputSize, units, bias), activation: activation,
        recurrentActivation: .sigmoid))
  }

  mutating func gru(
    _ inputSize: Int, _ units: Int, _ bias: Bias = .split,
    _ placement: GRU.ResetPlacement = .afterProduct
  ) throws -> RecurrentCell {
    .gru(
      GRU(
        inputSize: inputSize, units: units,
        weights: try weights(GRUGate.self, inputSize, units, bias), activation: .tanh,
        recurrentActivation: .sigmoid, resetPlacement: placement))
  }

  mutating func rnn(
    _ inputSize: Int, _ units: Int, activation: Activation = .tanh
  ) throws -> RecurrentCell {
    .simpleRNN(
      SimpleRNN(
        inputSize: inputSize, units: units,
        weights: try weights(SimpleRNNGate.self, inputSize, units, .single),
        activation: activation))
  }

  func recurrent(
    _ cell: RecurrentCell, sequence: Bool = true, state: Bool = false,
    _ direction: Recurrent.Direction = .forward, stateful: Bool = false,
    masked: Recurrent.MaskedOutput = .previous
  ) -> Recurrent {
    Recurrent(
      cell: cell, returnsSequence: sequence, returnsState: state, direction: direction,
      isStateful: stateful, keptStateWins: false, maskedOutput: masked)
  }

  /// Two directions, the second one backwards.
  func pair(
    _ forward: RecurrentCell, _ backward: RecurrentCell,
    _ mode: Bidirectional.MergeMode? = .concatenate, sequence: Bool = true, state: Bool = false
  ) -> Layer {
    .bidirectional(
      Bidirectional(
        forward: recurrent(forward, sequence: sequence, state: state),
        backward: recurrent(backward, sequence: sequence, state: state, .backward),
        mergeMode: mode))
  }

  /// A model of one layer between an input of this shape and the first output.
  static func model(
    _ layer: Layer, _ shape: [Int?] = [nil, 4, 3], inputs count: Int = 1, outputs: Int = 1
  ) -> Model {
    let names = (0..<count).map { "x\($0)" }
    let inputs = names.map { name in
      Model.Node(
        name: name, layerName: name,
        layer: .input(Input(shape: shape, elementType: .float32, acceptsOtherTypes: true)),
        inputs: [])
    }
    let node = Model.Node(
      name: "layer", layerName: "layer", layer: layer, inputs: names.map { Model.Value($0) })
    return Model(
      name: "sample", producer: "", nodes: inputs + [node], inputs: names,
      outputs: (0..<outputs).map { Model.Value("layer", $0) })
  }
}
