import RecurModel
import RecurTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Cells and models with the weights cos(0), cos(1), …, so that no file is needed.
struct CellModels {
  private var next = 0

  private mutating func take(_ shape: [Int]) throws -> Tensor {
    defer { next += shape.reduce(1, *) }
    return try .float64((0..<shape.reduce(1, *)).map { cos(Double(next + $0)) }, shape: shape)
  }

  /// W, U and then one bias or two, each with its gates in `order`.
  private mutating func weights<Gate: RecurrentGate>(
    _ order: [Gate], _ inputSize: Int, _ units: Int, splitsBias: Bool
  ) throws -> RecurrentWeights<Gate> {
    func stacked(_ shape: [Int], _ cells: inout CellModels) throws -> GateMap<Gate, Tensor> {
      let tensors = try order.map { _ in try cells.take(shape) }
      return GateMap { tensors[order.firstIndex(of: $0) ?? 0] }
    }
    let kernel = try stacked([units, inputSize], &self)
    let recurrentKernel = try stacked([units, units], &self)
    let bias = try stacked([units], &self)
    return RecurrentWeights(
      kernel: kernel, recurrentKernel: recurrentKernel,
      bias: splitsBias
        ? .split(input: bias, recurrent: try stacked([units], &self)) : .single(bias))
  }

  /// As torch.nn.GRU stacks its gates: r, z, n and two biases; or as Keras does: z, r, h and one.
  mutating func gru(_ inputSize: Int, _ units: Int, _ placement: GRU.ResetPlacement) throws -> GRU {
    let isTorch = placement == .afterProduct
    return GRU(
      inputSize: inputSize, units: units,
      weights: try weights(
        isTorch ? [.reset, .update, .candidate] : [.update, .reset, .candidate], inputSize, units,
        splitsBias: isTorch), activation: .tanh, recurrentActivation: .sigmoid,
      resetPlacement: placement)
  }

  mutating func simpleRNN(_ inputSize: Int, _ units: Int) throws -> SimpleRNN {
    SimpleRNN(
      inputSize: inputSize, units: units,
      weights: try weights([.hidden], inputSize, units, splitsBias: false), activation: .tanh)
  }

  mutating func lstm(_ inputSize: Int, _ units: Int) throws -> LSTM {
    LSTM(
      inputSize: inputSize, units: units,
      weights: try weights(LSTMGate.allCases, inputSize, units, splitsBias: false),
      activation: .tanh, recurrentActivation: .sigmoid)
  }

  /// A layer of `cell` with its sequence and its states as outputs.
  static func recurrent(
    _ cell: RecurrentCell, direction: Recurrent.Direction = .forward,
    maskedOutput: Recurrent.MaskedOutput = .previous
  ) -> Recurrent {
    Recurrent(
      cell: cell, returnsSequence: true, returnsState: true, direction: direction,
      isStateful: false, keptStateWins: false, maskedOutput: maskedOutput)
  }

  /// A model of one layer; timesteps that are all −1 are masked if `isMasked`.
  static func model(_ layer: Layer, inputSize: Int, isMasked: Bool = false) -> Model {
    var nodes = [
      Model.Node(
        name: "x", layerName: "x",
        layer: .input(
          Input(shape: [nil, nil, inputSize], elementType: .float64, acceptsOtherTypes: true)),
        inputs: [])
    ]
    if isMasked {
      nodes.append(
        Model.Node(
          name: "mask", layerName: "mask", layer: .masking(Masking(value: -1)),
          inputs: [Model.Value("x")],
          precision: .float64))
    }
    nodes.append(
      Model.Node(
        name: "layer", layerName: "layer", layer: layer, inputs: [Model.Value("x")],
        mask: isMasked ? Model.Value("mask", 1) : nil, precision: .float64))
    let outputs = (0..<layer.outputCount).map { Model.Value("layer", $0) }
    return Model(name: "test", producer: "", nodes: nodes, inputs: ["x"], outputs: outputs)
  }

  /// sin(0), sin(1), … as one sequence.
  static func sequence(_ timesteps: Int, _ width: Int) throws -> Tensor {
    try .float64((0..<timesteps * width).map { sin(Double($0)) }, shape: [1, timesteps, width])
  }
}
