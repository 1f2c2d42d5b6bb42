import RecurModel
import RecurTensors

/// One layer over one batch of sequences.
struct RecurrentCase {
  enum Cell: String { case lstm, gru }

  let cell: Cell
  let inputs: Int
  let units: Int
  let batch: Int
  let timesteps: Int

  /// The cases that `peers/compare.py` also measures.
  static let shapes = [
    (1, 8, 1, 256), (1, 20, 1, 256), (1, 40, 1, 256), (1, 64, 1, 256),
    (1, 20, 1, 1), (128, 128, 1, 1),
    (3, 64, 1, 10), (3, 64, 32, 10),
    (128, 128, 1, 100), (128, 128, 32, 100),
    (256, 512, 1, 100), (256, 512, 16, 100),
    (512, 1024, 1, 50), (512, 1024, 32, 50),
  ]

  init(_ cell: Cell, _ inputs: Int, _ units: Int, _ batch: Int, _ timesteps: Int) {
    self.cell = cell
    self.inputs = inputs
    self.units = units
    self.batch = batch
    self.timesteps = timesteps
  }

  /// Reads `lstm,1,20,1,256`: the cell, its inputs and units, batch and timesteps.
  init?(parsing text: String) {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let sizes = words.dropFirst().compactMap { Int($0) }
    guard words.count == 5, let cell = Cell(rawValue: String(words[0])), sizes.count == 4,
      sizes.allSatisfy({ (1...65_536).contains($0) })
    else { return nil }
    self.init(cell, sizes[0], sizes[1], sizes[2], sizes[3])
  }

  /// The multiplications and additions of one pass in matrix products.
  var operations: Double {
    let gates = cell == .lstm ? 4 : 3
    return 2 * Double(gates * units * (inputs + units)) * Double(batch) * Double(timesteps)
  }

  /// A model of this layer that puts out every timestep, followed by a Dense(1) if `hasHead`.
  ///
  /// Weights lie between ±1/√units, like the initial weights of torch.nn.
  func model(hasHead: Bool = false) throws(CheckpointError) -> Model {
    var numbers = RandomNumbers(scale: 1 / Double(units).squareRoot())
    let layer = Recurrent(
      cell: try recurrentCell(&numbers), returnsSequence: true, returnsState: false,
      direction: .forward, isStateful: false, keptStateWins: false, maskedOutput: .previous)
    var nodes = [
      Model.Node(
        name: "x", layerName: "x",
        layer: .input(
          Input(
            shape: [nil, nil, inputs], elementType: .float32, acceptsOtherTypes: true)), inputs: []),
      Model.Node(
        name: "layer", layerName: "layer", layer: .recurrent(layer), inputs: [Model.Value("x")]),
    ]
    if hasHead {
      let dense = Dense(
        kernel: try numbers.tensor([1, units]), bias: try numbers.tensor([1]), activation: .linear)
      nodes.append(
        Model.Node(
          name: "head", layerName: "head", layer: .dense(dense), inputs: [Model.Value("layer")]))
    }
    return Model(
      name: "benchmark", producer: "", nodes: nodes, inputs: ["x"],
      outputs: [Model.Value(hasHead ? "head" : "layer")])
  }

  private func recurrentCell(
    _ numbers: inout RandomNumbers
  ) throws(CheckpointError) -> RecurrentCell {
    switch cell {
    case .lstm:
      .lstm(
        LSTM(
          inputSize: inputs, units: units, weights: try weights(&numbers), activation: .tanh,
          recurrentActivation: .sigmoid))
    case .gru:
      .gru(
        GRU(
          inputSize: inputs, units: units, weights: try weights(&numbers), activation: .tanh,
          recurrentActivation: .sigmoid, resetPlacement: .afterProduct))
    }
  }

  private func weights<Gate: RecurrentGate>(
    _ numbers: inout RandomNumbers
  ) throws(CheckpointError) -> RecurrentWeights<Gate> {
    func gates(_ shape: [Int]) throws(CheckpointError) -> GateMap<Gate, Tensor> {
      try GateMap { _ throws(CheckpointError) in try numbers.tensor(shape) }
    }
    return RecurrentWeights(
      kernel: try gates([units, inputs]), recurrentKernel: try gates([units, units]),
      bias: .split(input: try gates([units]), recurrent: try gates([units])))
  }
}
