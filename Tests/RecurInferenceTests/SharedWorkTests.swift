import RecurInference
import RecurModel
import RecurTensors
import Testing

/// Layers with so much work that threads share it.
@Suite("Work that threads share")
struct SharedWorkTests {
  /// A layer that reads one input `count` times.
  struct Case: Sendable, CustomTestStringConvertible {
    let layer: Layer
    let shape: [Int]
    var count = 1

    var testDescription: String { layer.title }
  }

  private static func cases() throws -> [Case] {
    var numbers = RandomNumbers(seed: 3)
    func weights(_ shape: [Int], _ inputs: Int) throws -> Tensor {
      try numbers.tensor(shape, bound: 1 / Double(inputs).squareRoot())
    }
    func convolution(_ groups: Int, _ outputs: Int) throws -> Convolution {
      Convolution(
        kernel: try weights([outputs, 16 / groups, 3, 3], 9 * 16 / groups), bias: nil,
        activation: .relu, stride: 1, dilation: 1, groups: groups, padding: .same)
    }
    func projection(_ shape: [Int], _ inputs: Int) throws -> MultiHeadAttention.Projection {
      .init(kernel: try weights(shape, inputs), bias: nil)
    }
    func gates(_ shape: [Int]) throws -> GateMap<LSTMGate, Tensor> {
      let tensors = try LSTMGate.allCases.map { _ in try weights(shape, 9 * 16) }
      return GateMap { tensors[$0.rawValue] }
    }
    let attention = Attention(
      score: .product(scale: nil), isCausal: true, hasKey: false, hasQueryMask: false,
      hasValueMask: false)
    var additive = attention
    additive.score = .additive(scale: try weights([32], 32))
    return [
      Case(layer: .attention(attention), shape: [130, 32], count: 2),
      Case(layer: .attention(additive), shape: [130, 32], count: 2),
      Case(
        layer: .multiHeadAttention(
          MultiHeadAttention(
            query: try projection([32, 4, 8], 32), key: try projection([32, 4, 8], 32),
            value: try projection([32, 4, 8], 32), output: try projection([4, 8, 32], 32),
            isCausal: false, hasKey: false)), shape: [130, 32], count: 2),
      Case(layer: .matrixProduct(MatrixProduct(.input, .input)), shape: [90, 90], count: 2),
      Case(
        layer: .einsum(
          Einsum(equation: "abc,abd->acd", kernel: nil, bias: nil, activation: .linear)),
        shape: [90, 90], count: 2),
      Case(layer: .merge(.dot(axes: [2, 2], isNormalized: true)), shape: [90, 90], count: 2),
      Case(layer: .convolution(try convolution(1, 20)), shape: [24, 24, 16]),
      Case(layer: .convolution(try convolution(16, 32)), shape: [48, 48, 16]),
      Case(
        layer: .transposedConvolution(
          TransposedConvolution(
            kernel: try weights([16, 20, 3, 3], 9 * 16), bias: nil, activation: .linear,
            strides: [2, 2], dilations: [1, 1], cuts: [.init(0, 0), .init(0, 0)], groups: 1)),
        shape: [24, 24, 16]),
      Case(
        layer: .convolutionalRecurrent(
          ConvolutionalRecurrent(
            kernel: try gates([16, 16, 3, 3]), recurrentKernel: try gates([16, 16, 3, 3]),
            bias: nil, activation: .tanh, recurrentActivation: .sigmoid, strides: [1, 1],
            dilations: [1, 1], paddings: [.same, .same], returnsSequence: true,
            returnsState: false, direction: .backward)), shape: [3, 12, 12, 16]),
      Case(
        layer: .pooling(
          Pooling(
            operation: .maximum,
            region: .windows([
              Window(size: 3, stride: 2, padding: .same),
              Window(size: 2, stride: 1, padding: .valid),
            ]))), shape: [96, 96, 32]),
      Case(layer: .softmax(Softmax(axes: [1], isLogarithm: false)), shape: [300, 300]),
      Case(
        layer: .reduction(Reduction(.variance, axes: [1], keepsAxes: false)), shape: [300, 900]),
      Case(layer: .binary(Binary(.add, .input, .input)), shape: [500, 500], count: 2),
      Case(
        layer: .cumulation(Cumulation(.sum, axis: 2, isExclusive: false, isReversed: true)),
        shape: [500, 500]),
    ]
  }

  @Test("results are the reference's, and the threads change no bit", arguments: try cases())
  func layers(_ made: Case) throws {
    var numbers = RandomNumbers(seed: 4)
    let x = try numbers.tensor([2] + made.shape, bound: 1)
    let nodes = [
      Model.Node(
        name: "x", layerName: "x",
        layer: .input(
          Input(shape: [nil] + made.shape, elementType: .float32, acceptsOtherTypes: true)),
        inputs: []),
      Model.Node(
        name: "y", layerName: "y", layer: made.layer,
        inputs: [Model.Value](repeating: Model.Value("x"), count: made.count)),
    ]
    let model = try Model(
      name: "shared", producer: "", nodes: nodes, inputs: ["x"], outputs: [Model.Value("y")]
    ).validated()
    let expected = try model.run([x])[0]
    let one = try Program(model, threads: 1).run([x])[0]
    let scale = expected.doubles().reduce(1) { max($0, $1.magnitude) }
    #expect(difference(one, expected) <= 2e-6 * scale)
    for threads in 2...3 {
      let several = try Program(model, threads: threads).run([x])[0]
      #expect(one.floats().map(\.bitPattern) == several.floats().map(\.bitPattern))
    }
    let alone = try Program(model, threads: 2).run([x.slice(axis: 0, 1..<2)])[0]
    #expect(
      alone.floats().map(\.bitPattern)
        == one.slice(axis: 0, 1..<2).floats().map(\.bitPattern))
  }
}
