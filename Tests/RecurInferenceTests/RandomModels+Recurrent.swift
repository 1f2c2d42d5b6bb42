import RecurModel
import RecurTensors

extension RandomModels {
  private mutating func weights<Gate: RecurrentGate>(
    _ gates: Gate.Type, inputSize: Int, units: Int, outputs: Int
  ) throws -> RecurrentWeights<Gate> {
    func map(
      _ made: inout RandomModels, _ shape: [Int], _ inputs: Int
    ) throws -> GateMap<Gate, Tensor> {
      let tensors = try Gate.allCases.map { _ in try made.weights(shape, inputs: inputs) }
      return GateMap { tensors[$0.rawValue] }
    }
    let kernel = try map(&self, [units, inputSize], inputSize)
    let recurrent = try map(&self, [units, outputs], outputs)
    let bias: RecurrentWeights<Gate>.Bias =
      switch numbers.integer(0...2) {
      case 0: .none
      case 1: .single(try map(&self, [units], 4))
      default: .split(input: try map(&self, [units], 4), recurrent: try map(&self, [units], 4))
      }
    return RecurrentWeights(kernel: kernel, recurrentKernel: recurrent, bias: bias)
  }

  /// A cell of any kind, with outputs of width `units` if given.
  mutating func cell(inputSize: Int, units wanted: Int? = nil) throws -> RecurrentCell {
    let units = wanted ?? (numbers.oneIn(4) ? numbers.integer(30...70) : numbers.integer(1...20))
    let gates: [Activation] = [
      .sigmoid, .sigmoid, .sigmoid, .hardSigmoidOfFifths, .hardSigmoidOfSixths, .relu6, .softsign,
    ]
    let functions: [Activation] = [
      .tanh, .tanh, .tanh, .sigmoid, .relu, .linear, .softsign, .hardTanh, .softmax, .silu,
      .elu(alpha: 1), .gelu(isApproximate: true),
    ]
    let (gate, function) =
      numbers.oneIn(2)
      ? (Activation.sigmoid, Activation.tanh) : (numbers.pick(gates), numbers.pick(functions))
    switch numbers.integer(0...8) {
    case 0...3:
      let isProjected = numbers.oneIn(4)
      let inner = isProjected ? numbers.integer(1...40) : units
      let isPeeping = numbers.oneIn(3)
      return .lstm(
        LSTM(
          inputSize: inputSize, units: inner,
          weights: try weights(
            LSTMGate.self, inputSize: inputSize, units: inner, outputs: units),
          activation: function, recurrentActivation: gate,
          projection: isProjected ? try weights([units, inner], inputs: inner) : nil,
          peepholes: isPeeping
            ? LSTM.Peepholes(
              input: try numbers.tensor([inner], bound: 0.5),
              forget: try numbers.tensor([inner], bound: 0.5),
              output: try numbers.tensor([inner], bound: 0.5)) : nil))
    case 4...6:
      return .gru(
        GRU(
          inputSize: inputSize, units: units,
          weights: try weights(
            GRUGate.self, inputSize: inputSize, units: units, outputs: units),
          activation: function, recurrentActivation: gate,
          resetPlacement: numbers.oneIn(2) ? .beforeProduct : .afterProduct))
    case 7:
      return .simpleRNN(
        SimpleRNN(
          inputSize: inputSize, units: units,
          weights: try weights(
            SimpleRNNGate.self, inputSize: inputSize, units: units, outputs: units),
          activation: function == .linear ? .tanh : function))
    default:
      let below = try cell(inputSize: inputSize)
      return .stacked(StackedCells([below, try cell(inputSize: below.units, units: units)]))
    }
  }

  private mutating func layer(
    _ cell: RecurrentCell, returnsSequence: Bool, returnsState: Bool,
    direction: Recurrent.Direction, isStateful: Bool
  ) -> Recurrent {
    Recurrent(
      cell: cell, returnsSequence: returnsSequence, returnsState: returnsState,
      direction: direction, isStateful: isStateful, keptStateWins: numbers.oneIn(2),
      maskedOutput: numbers.pick([.previous, .zero, .state]))
  }

  /// Initial states from inputs, for some of the layers.
  private mutating func states(_ sizes: [Int]) throws -> [Model.Value] {
    guard numbers.oneIn(4) else { return [] }
    return try sizes.map { size in
      addInput([nil, size], try numbers.tensor([batch, size], bound: 1))
    }
  }

  mutating func addRecurrent() throws {
    let cell = try cell(inputSize: current.width)
    let returnsState = numbers.oneIn(3)
    let layer = layer(
      cell, returnsSequence: !numbers.oneIn(3), returnsState: returnsState,
      direction: numbers.oneIn(4) ? .backward : .forward, isStateful: numbers.oneIn(4))
    try finish(
      .recurrent(layer), sizes: cell.stateSizes, outputs: 1, returnsState: returnsState,
      isSequence: layer.returnsSequence, width: cell.units)
    // A layer that is called twice has its weights and its state once.
    if current.isSequence, cell.units == cell.inputSize {
      let before = nodes[nodes.count - 1]
      current.value = add(
        before.layer, [current.value], mask: before.mask, as: before.layerName)
    }
  }

  mutating func addBidirectional() throws {
    let mode = numbers.pick(
      [nil, .concatenate, .sum, .multiply, .average] as [Bidirectional.MergeMode?])
    let one = try cell(inputSize: current.width)
    let other = try cell(
      inputSize: current.width, units: mode == nil || mode == .concatenate ? nil : one.units)
    let (isSequence, returnsState, isStateful) = (
      !numbers.oneIn(3), numbers.oneIn(3), numbers.oneIn(5)
    )
    let backward: Recurrent.Direction = numbers.oneIn(6) ? .forward : .backward
    let pair = Bidirectional(
      forward: layer(
        one, returnsSequence: isSequence, returnsState: returnsState, direction: .forward,
        isStateful: isStateful),
      backward: layer(
        other, returnsSequence: isSequence, returnsState: returnsState, direction: backward,
        isStateful: isStateful), mergeMode: mode)
    try finish(
      .bidirectional(pair), sizes: pair.stateSizes, outputs: pair.outputCount,
      returnsState: returnsState, isSequence: isSequence,
      width: mode == .concatenate ? one.units + other.units : one.units)
  }

  private mutating func finish(
    _ layer: Layer, sizes: [Int], outputs: Int, returnsState: Bool, isSequence: Bool, width: Int
  ) throws {
    let states = try states(sizes)
    let value = add(layer, [current.value], mask: current.mask, initialState: states)
    for index in 1..<outputs + (returnsState ? sizes.count : 0) where index > 0 {
      output(Model.Value(value.node, index))
    }
    if !isSequence { (current.isSequence, current.mask) = (false, nil) }
    (current.value, current.width) = (value, width)
    // Masks count timesteps in their own order.
    if isSequence, numbers.oneIn(2) { current.mask = nil }
  }
}
