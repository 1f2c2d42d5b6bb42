import Recur
import RecurModel
import RecurTensors
import RecurVerification
import Testing

@Suite("Inputs on which a model is tried")
struct SampleInputsTests {
  private func node(_ name: String, _ layer: Layer, _ inputs: [String]) -> Model.Node {
    Model.Node(name: name, layerName: name, layer: layer, inputs: inputs.map { .init($0) })
  }

  private func input(_ name: String, _ shape: [Int?], batchAxis: Int = 0) -> Model.Node {
    node(
      name,
      .input(
        Input(shape: shape, elementType: .float32, batchAxis: batchAxis, acceptsOtherTypes: true)),
      [])
  }

  @Test("free channels have numbers that the layers can take")
  func channels() throws {
    let kernel = try Tensor.float32(.init(repeating: 0.5, count: 10), shape: [2, 5])
    let model = Model(
      name: "model", producer: "test",
      nodes: [
        input("x", [nil, nil, nil]), input("h", [nil, nil, nil]),
        node("joined", .merge(.concatenate(axis: 2)), ["x", "h"]),
        node("dense", .dense(Dense(kernel: kernel, bias: nil, activation: .linear)), ["joined"]),
      ], inputs: ["x", "h"], outputs: [.init("dense")])
    let sample = try SampleInputs(for: model, seed: 1)
    let channels = sample.tensors.map { $0.shape[2] }
    #expect(channels.reduce(0, +) == 5 && channels.allSatisfy { $0 > 0 })
    #expect(try sample.model.run(sample.tensors)[0].shape == [2, 7, 2])
  }

  @Test("lengths are at most the timesteps that a file fixes, wherever they stand")
  func lengths() throws {
    for (shape, batchAxis) in [([5, nil, 3], 1), ([nil, 5, 3], 0)] as [([Int?], Int)] {
      let turn = batchAxis == 1
      let model = Model(
        name: "model", producer: "test",
        nodes: [
          input("x", shape, batchAxis: batchAxis), input("lengths", [nil]),
          node(
            "turned", turn ? .reshaping(.exchangeBatchAndTime) : .identity(.init(className: "x")),
            ["x"]),
          node("mask", .lengthMask(LengthMask()), ["turned", "lengths"]),
        ], inputs: ["x", "lengths"], outputs: [.init("mask")])
      let sample = try SampleInputs(for: model, seed: 1)
      #expect(sample.tensors[1].doubles() == [5, 3])
      #expect(try sample.model.run(sample.tensors)[0].shape == [2, 5])
    }
  }
}
