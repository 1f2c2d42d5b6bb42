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
        #expect(results[0].largestDifference(from: own[0]) < 1e-12)
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
    let source = try Checkpoint(opening: TestData.path("keras3/conv_bn_ln_lstm.h5"))
    let format = try FormatRegistry.all.encoding(forPath: "m.onnx", id: nil)
    var options = EncodeOptions(source: "m.h5")
    options.largestMessage = 1_000
    options.target = "m.onnx"
    let encoded = try format.encode(source.model, options: options)
    #expect(encoded.neighbour == "m.onnx.data")
    var file = MemorySink()
    var data = MemorySink()
    try encoded.write(to: &file)
    try encoded.writeNeighbour(to: &data)
    #expect(!data.bytes.isEmpty)
    let check = try source.checkWritten(
      encoded, FileProbe(path: "/nowhere/m.onnx", bytes: TestData.region(file.bytes)),
      neighbour: TestData.region(data.bytes))
    #expect(check.difference < 1e-9)
    // Under their names the files are read like any others.
    try TestData.withFolder { folder in
      try Data(file.bytes).write(to: folder.appending(path: "m.onnx"))
      let path = folder.appending(path: "m.onnx").path(percentEncoded: false)
      expectDiagnostic("onnx.external-data") { try Checkpoint(opening: path) }
      try Data(data.bytes).write(to: folder.appending(path: "m.onnx.data"))
      let verification = try Checkpoint(opening: path).verify(
        golden: TestData.path("keras3/conv_bn_ln_lstm.golden.npz"))
      #expect(verification.comparisons.allSatisfy { $0.matches })
    }
  }
}
