import Foundation
import Recur
import RecurModel
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

@Suite("Weights of two models are compared")
struct WeightComparisonTests {
  private func map<Gate: RecurrentGate>(
    _ value: Double, _ shape: [Int], _ type: Gate.Type
  ) throws -> GateMap<Gate, Tensor> {
    let count = shape.reduce(1, *)
    return try GateMap { (gate: Gate) throws(CheckpointError) -> Tensor in
      try .float64(
        (0..<count).map { value + Double($0 * (gate.rawValue + 1)) / 8 }, shape: shape)
    }
  }

  private func gru(
    _ placement: GRU.ResetPlacement, bias: RecurrentWeights<GRUGate>.Bias, shift: Double = 0,
    activation: Activation = .tanh, units: Int = 2, name: String = "gru"
  ) throws -> Model {
    let cell = GRU(
      inputSize: 3, units: units,
      weights: RecurrentWeights(
        kernel: try map(1 + shift, [units, 3], GRUGate.self),
        recurrentKernel: try map(2, [units, units], GRUGate.self), bias: bias),
      activation: activation, recurrentActivation: .sigmoid, resetPlacement: placement)
    let layer = Recurrent(
      cell: .gru(cell), returnsSequence: true, returnsState: false, direction: .forward,
      isStateful: false, keptStateWins: false, maskedOutput: .previous)
    let node = Model.Node(
      name: name, layerName: name, layer: .recurrent(layer), inputs: [Model.Value("x")])
    let input = Model.Node(
      name: "x", layerName: "x",
      layer: .input(Input(shape: [nil, nil, 3], elementType: .float32, acceptsOtherTypes: true)),
      inputs: [])
    return Model(
      name: "m", producer: "test", nodes: [input, node], inputs: ["x"],
      outputs: [Model.Value(name)])
  }

  private func split(
    _ input: Double, _ recurrent: Double, candidate: Double = 0
  ) throws -> RecurrentWeights<GRUGate>.Bias {
    var (one, other) = (
      try map(input, [2], GRUGate.self), try map(recurrent, [2], GRUGate.self)
    )
    one[.candidate] = try .float64([1 + candidate, 2], shape: [2])
    other[.candidate] = try .float64([3 - candidate, 4], shape: [2])
    return .split(input: one, recurrent: other)
  }

  @Test("the same model is equal, under another name too")
  func equal() throws {
    let one = try gru(.afterProduct, bias: split(1, 2))
    let other = try gru(.afterProduct, bias: split(1, 2), name: "encoder.gru")
    let comparison = one.compareWeights(with: other)
    #expect(comparison.verdict == .equal && comparison.isEqual)
    #expect(comparison.rows.map(\.role) == ["kernel", "recurrent kernel", "bias"])
    #expect(comparison.rows.map(\.shape) == [[6, 3], [6, 2], [12]])
    #expect(comparison.rows.allSatisfy { $0.largestDifference == 0 && $0.cosine == 1 })
  }

  @Test("biases that are split otherwise are equal up to that")
  func biasSplit() throws {
    let one = try gru(.afterProduct, bias: split(1, 2))
    let other = try gru(.afterProduct, bias: split(2.5, 0.5))
    #expect(one.compareWeights(with: other).verdict == .equalUpToBiasSplit)
  }

  @Test("the two biases of a candidate stay apart when the reset gate follows the product")
  func candidate() throws {
    let one = try gru(.afterProduct, bias: split(1, 2))
    let other = try gru(.afterProduct, bias: split(1, 2, candidate: 0.5))
    let after = one.compareWeights(with: other)
    #expect(after.verdict == .otherTraining)
    #expect(after.rows.last?.largestDifference == 0.5)
    let before = try gru(.beforeProduct, bias: split(1, 2))
      .compareWeights(with: gru(.beforeProduct, bias: split(1, 2, candidate: 0.5)))
    #expect(before.verdict == .equalUpToBiasSplit)
  }

  @Test("no bias and biases of zeros are equal up to the split")
  func noBias() throws {
    let zeros = GateMap<GRUGate, Tensor> { _ in Self.zero }
    let one = try gru(.afterProduct, bias: .none)
    #expect(
      try one.compareWeights(with: gru(.afterProduct, bias: .single(zeros))).verdict
        == .equalUpToBiasSplit)
    #expect(
      try one.compareWeights(with: gru(.afterProduct, bias: split(1, 2))).verdict == .otherTraining)
  }

  private static let zero = (try? Tensor.zeros(.float64, shape: [2])) ?? fallback
  private static var fallback: Tensor { preconditionFailure("zeros can be made") }

  @Test("other numbers are another training, within a tolerance equal")
  func training() throws {
    let one = try gru(.afterProduct, bias: split(1, 2))
    let other = try gru(.afterProduct, bias: split(1, 2), shift: 0.25)
    let comparison = one.compareWeights(with: other)
    #expect(comparison.verdict == .otherTraining && !comparison.isEqual)
    #expect(comparison.rows[0].largestDifference == 0.25)
    #expect(comparison.notes.contains { $0.contains("a later training") })
    #expect(one.compareWeights(with: other, tolerance: 0.25).verdict == .equal)
  }

  @Test("other options, shapes and layers are another model, and said")
  func otherModel() throws {
    let one = try gru(.afterProduct, bias: split(1, 2))
    let relu = one.compareWeights(
      with: try gru(.afterProduct, bias: split(1, 2), activation: .relu))
    #expect(relu.verdict == .otherModel)
    #expect(relu.differences == ["'gru': activation tanh and relu"])
    let before = one.compareWeights(with: try gru(.beforeProduct, bias: split(1, 2)))
    #expect(before.differences == ["'gru': reset gate after the product and before the product"])
    let wide = one.compareWeights(with: try gru(.afterProduct, bias: .none, units: 3))
    #expect(wide.verdict == .otherModel)
    #expect(wide.rows[0].relation == .otherShape && wide.rows[0].otherShape == [9, 3])
    var two = one
    two.nodes.append(
      Model.Node(
        name: "fc", layerName: "fc",
        layer: .dense(
          Dense(kernel: try .zeros(.float32, shape: [1, 2]), bias: nil, activation: .linear)),
        inputs: [Model.Value("gru")]))
    let more = one.compareWeights(with: two)
    #expect(more.differences.count == 2 && more.differences[1].contains("'fc'"))
  }

  @Test("options are not compared when a file of weights does not say them")
  func unconnected() throws {
    let one = try gru(.afterProduct, bias: split(1, 2))
    var other = try gru(.afterProduct, bias: split(1, 2), activation: .relu)
    other.isConnected = false
    let comparison = one.compareWeights(with: other)
    #expect(comparison.verdict == .equal && comparison.notes.count == 1)
  }

  @Test(
    "a Keras model and its own conversions hold the same weights",
    arguments: ["pt", "safetensors", "npz", "keras"])
  func conversions(ending: String) throws {
    let path = TestData.path("keras3/lstm_last.keras")
    try TestData.withFolder { folder in
      let written = folder.appending(path: "copy.\(ending)").path(percentEncoded: false)
      let one = try Checkpoint(opening: path)
      _ = try one.convert(to: written)
      let other = try Checkpoint(opening: written, architecture: ending == "keras" ? nil : path)
      let verdict = one.compareWeights(with: other).verdict
      #expect(verdict == (ending == "keras" ? .equal : .equalUpToBiasSplit))
    }
  }

  @Test(
    "two trainings under one file name are told apart", .enabled(if: PublishedFiles.folder != nil))
  func published() throws {
    let folder = try #require(PublishedFiles.folder)
    let name = "model_trained_on_dns3.tar"
    let one = try Checkpoint(opening: "\(folder)/Xiaobin-Rong+gtcrn/checkpoints/\(name)")
    let other = try Checkpoint(opening: "\(folder)/Xiaobin-Rong+gtcrn/stream/onnx_models/\(name)")
    #expect(one.compareWeights(with: other).verdict == .otherTraining)
    #expect(one.compareWeights(with: one).verdict == .equal)
  }
}
