import RecurModel
import RecurTensors

/// Models of one LSTM, with a Dense layer on top or without.
enum EngineModels {
  static func lstm(
    inputSize: Int, units: Int, head: Int? = nil, isBidirectional: Bool = false
  ) throws -> Model {
    var numbers = RandomNumbers(seed: units)
    func layer(_ direction: Recurrent.Direction) throws -> Recurrent {
      func map(_ shape: [Int]) throws -> GateMap<LSTMGate, Tensor> {
        let tensors = try LSTMGate.allCases.map { _ in
          try numbers.tensor(shape, bound: 1 / Double(units).squareRoot())
        }
        return GateMap { tensors[$0.rawValue] }
      }
      let cell = LSTM(
        inputSize: inputSize, units: units,
        weights: RecurrentWeights(
          kernel: try map([units, inputSize]), recurrentKernel: try map([units, units]),
          bias: .single(try map([units]))), activation: .tanh, recurrentActivation: .sigmoid)
      return Recurrent(
        cell: .lstm(cell), returnsSequence: true, returnsState: false, direction: direction,
        isStateful: false, keptStateWins: false, maskedOutput: .previous)
    }
    let forward = try layer(.forward)
    let recurrent: Layer =
      isBidirectional
      ? .bidirectional(
        Bidirectional(forward: forward, backward: try layer(.backward), mergeMode: .concatenate))
      : .recurrent(forward)
    var nodes = [
      Model.Node(
        name: "x", layerName: "x",
        layer: .input(
          Input(shape: [nil, nil, inputSize], elementType: .float32, acceptsOtherTypes: true)),
        inputs: []),
      Model.Node(name: "lstm", layerName: "lstm", layer: recurrent, inputs: [Model.Value("x")]),
    ]
    if let head {
      let width = isBidirectional ? 2 * units : units
      let dense = Dense(
        kernel: try numbers.tensor([head, width], bound: 0.2),
        bias: try numbers.tensor([head], bound: 0.2), activation: .tanh)
      nodes.append(
        Model.Node(
          name: "head", layerName: "head", layer: .dense(dense), inputs: [Model.Value("lstm")]))
    }
    return try Model(
      name: "test", producer: "", nodes: nodes, inputs: ["x"],
      outputs: [Model.Value(head == nil ? "lstm" : "head")]
    ).validated()
  }
}
