import Foundation
import Recur
import RecurFormats
import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// States as inputs and outputs, and tensors in a second file.
@Suite("ONNX is written with states, and in two files")
struct ONNXStateTests {
  @Test("calls of a stateful model that hand on states give what its own calls give")
  func states() throws {
    let source = try Checkpoint(opening: TestData.path("keras3/stateful_lstm.h5"))
    try TestData.withFolder { folder in
      let path = folder.appending(path: "m.onnx").path(percentEncoded: false)
      _ = try source.convert(to: path, exposesStates: true)
      let model = try Checkpoint(opening: path).model
      let states = model.inputs.filter { $0.hasSuffix("_0") }
      #expect(states.count == 2 && !model.isStateful)
      let width = try #require(source.model.nodes.compactMap(\.layer.firstCell).first)
      let batch = 2
      var (kept, carried) = (
        RecurrentState(),
        try states.map { _ in
          try Tensor.float32(
            [Float](repeating: 0, count: batch * width.units), shape: [batch, width.units])
        }
      )
      guard case .input(let input) = try #require(source.model.node(source.model.inputs[0])).layer
      else { return }
      let shape = [batch, input.shape[1] ?? 3, input.shape[2] ?? 1]
      for call in 0..<3 {
        let count = shape.reduce(1, *)
        let numbers = (0..<count).map { Float(($0 * 7 + call * 3) % 11) / 11 - 0.4 }
        let x = try Tensor.float32(numbers, shape: shape)
        let own = try source.model.run([x], state: &kept)
        let results = try model.run([x] + carried)
        // States that are handed on are inputs, and so rounded to float32.
        #expect(results[0].largestDifference(from: own[0]) < 1e-8)
        carried = Array(results.suffix(2))
      }
    }
  }

  @Test("a model whose states are all given has none to expose")
  func hidden() throws {
    let source = try Checkpoint(opening: TestData.path("keras3/dense_before.h5"))
    #expect(!source.model.nodes.isEmpty)
    expectDiagnostic("model.states-hidden") {
      try Checkpoint(opening: TestData.path("keras3/initial_state_inputs.h5")).model
        .exposingStates()
    }
  }

  @Test("tensors that a file can't hold are in a second one, and both compute the same")
  func external() throws {
    let kernel = try Tensor.float32((0..<800).map { Float($0 % 13) / 13 - 0.5 }, shape: [20, 40])
    let model = try Model(
      name: "m", producer: "",
      nodes: [
        .init(
          name: "x", layerName: "x",
          layer: .input(Input(shape: [nil, 40], elementType: .float32, acceptsOtherTypes: true)),
          inputs: []),
        .init(
          name: "dense", layerName: "dense",
          layer: .dense(Dense(kernel: kernel, bias: nil, activation: .tanh)), inputs: [.init("x")]),
      ], inputs: ["x"], outputs: [.init("dense")]
    ).validated()
    let format = try FormatRegistry.all.encoding(forPath: "m.onnx", id: nil)
    var options = EncodeOptions(source: "m.h5")
    options.largestMessage = 1_000
    options.target = "m.onnx"
    let encoded = try format.encode(model, options: options)
    #expect(encoded.neighbour == "m.onnx.data")
    var file = MemorySink()
    var data = MemorySink()
    try encoded.write(to: &file)
    try encoded.writeNeighbour(to: &data)
    #expect(data.bytes.count == 3_200)
    // Under their names the files are read like any others.
    try TestData.withFolder { folder in
      try Data(file.bytes).write(to: folder.appending(path: "m.onnx"))
      let path = folder.appending(path: "m.onnx").path(percentEncoded: false)
      expectDiagnostic("onnx.external-data") { try Checkpoint(opening: path) }
      try Data(data.bytes).write(to: folder.appending(path: "m.onnx.data"))
      let x = try Tensor.float32((0..<80).map { Float($0 % 7) / 7 }, shape: [2, 40])
      let read = try Checkpoint(opening: path).model.run([x])
      #expect(try read[0].largestDifference(from: model.run([x])[0]) < 1e-12)
    }
  }
}
