import RecurModel
import RecurTensors
import Testing

@Suite("The operations of a forward pass")
struct ProductOperationsTests {
  private static func tensor(_ shape: [Int]) throws -> Tensor {
    try .float32([Float](repeating: 0, count: shape.reduce(1, *)), shape: shape)
  }

  private static func chain(_ layers: Layer..., inputs: [[Int?]]) -> Model {
    var nodes = inputs.enumerated().map { index, shape in
      Model.Node(
        name: "x\(index)", layerName: "x\(index)",
        layer: .input(Input(shape: shape, elementType: .float32, acceptsOtherTypes: true)),
        inputs: [])
    }
    var values = nodes.map { Model.Value($0.name) }
    for (index, layer) in layers.enumerated() {
      let name = "layer\(index)"
      nodes.append(Model.Node(name: name, layerName: name, layer: layer, inputs: values))
      values = [Model.Value(name)]
    }
    return Model(
      name: "test", producer: "", nodes: nodes, inputs: inputs.indices.map { "x\($0)" },
      outputs: values)
  }

  private func operations(_ model: Model, _ shapes: [Int]...) -> Int? {
    let given = shapes.map { $0.map(Dimension.fixed) }
    return model.productOperations(ModelShapes(model, inputShapes: given))
  }

  @Test("of recurrent cells are two per weight of a matrix, timestep and sequence")
  func recurrent() throws {
    var cells = CellModels()
    var lstm = try cells.lstm(3, 5)
    let gru = try cells.gru(3, 5, .afterProduct)
    let rnn = try cells.simpleRNN(5, 4)
    func model(_ cell: RecurrentCell) -> Model {
      Self.chain(.recurrent(CellModels.recurrent(cell)), inputs: [[nil, nil, 3]])
    }
    #expect(operations(model(.lstm(lstm)), [2, 7, 3]) == 8 * 5 * (3 + 5) * 2 * 7)
    #expect(operations(model(.gru(gru)), [2, 7, 3]) == 6 * 5 * (3 + 5) * 2 * 7)
    let stack = RecurrentCell.stacked(StackedCells([.gru(gru), .simpleRNN(rnn)]))
    #expect(operations(model(stack), [2, 7, 3]) == (6 * 5 * (3 + 5) + 2 * 4 * (5 + 4)) * 2 * 7)
    lstm.projection = try Self.tensor([2, 5])
    lstm.weights.recurrentKernel = try GateMap { _ in try Self.tensor([5, 2]) }
    #expect(operations(model(.lstm(lstm)), [2, 7, 3]) == (8 * 5 * (3 + 2) + 2 * 2 * 5) * 2 * 7)
    let pair = Bidirectional(
      forward: CellModels.recurrent(.gru(gru)), backward: CellModels.recurrent(.gru(gru)),
      mergeMode: .concatenate)
    let both = Self.chain(.bidirectional(pair), inputs: [[nil, nil, 3]])
    #expect(operations(both, [2, 7, 3]) == 2 * 6 * 5 * (3 + 5) * 2 * 7)
  }

  @Test("of windows count every window, of Dense every row")
  func feedForward() throws {
    let convolution = Convolution(
      kernel: try Self.tensor([6, 2, 3]), bias: nil, activation: .linear, stride: 2, dilation: 1,
      groups: 2, padding: .valid)
    let dense = Dense(kernel: try Self.tensor([5, 6]), bias: nil, activation: .relu)
    // Windows of 3 every 2 of 9 timesteps: 4.
    let model = Self.chain(
      .convolution(convolution), .timeDistributed(TimeDistributed(.dense(dense))),
      .activation(.tanh),
      inputs: [[nil, nil, 4]])
    #expect(operations(model, [3, 9, 4]) == 2 * 3 * 4 * 36 + 2 * 3 * 4 * 30)
  }

  @Test("of products between inputs follow from their shapes")
  func inputProducts() {
    let dot = Self.chain(
      .merge(.dot(axes: [2, 2], isNormalized: false)), inputs: [[nil, nil, 4], [nil, nil, 4]])
    #expect(operations(dot, [2, 5, 4], [2, 6, 4]) == 2 * 2 * 5 * 6 * 4)
    let attention = Attention(
      score: .product(scale: nil), isCausal: false, hasKey: false, hasQueryMask: false,
      hasValueMask: false)
    let attending = Self.chain(.attention(attention), inputs: [[nil, nil, 4], [nil, nil, 4]])
    #expect(operations(attending, [2, 5, 4], [2, 6, 4]) == 2 * 2 * 5 * 6 * (4 + 4))
  }

  @Test("are unknown while a shape is free, a layer is unknown or the number is too large")
  func unknown() throws {
    let dense = Dense(kernel: try Self.tensor([1024, 1024]), bias: nil, activation: .linear)
    let model = Self.chain(.dense(dense), inputs: [[nil, nil, 1024]])
    #expect(model.productOperations(ModelShapes(model)) == nil)
    #expect(operations(model, [1 << 30, 1 << 30, 1024]) == nil)
    var loose = model
    loose.nodes[1].inputs = []
    #expect(operations(loose, [2, 3, 1024]) == nil)
    let opaque = OpaqueLayer(className: "Mystery", tensors: [], outputCount: 1)
    #expect(operations(Self.chain(.opaque(opaque), inputs: [[nil, 3]]), [2, 3]) == nil)
  }
}
