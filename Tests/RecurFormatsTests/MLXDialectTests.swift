import Foundation
import Recur
import RecurFormats
import RecurInference
import RecurMLX
import RecurModel
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

/// Files of MLX; outputs are those of mlx (`testdata/README.md`).
@Suite("Weights of MLX are told by names and shapes")
struct MLXDialectTests {
  @Test(
    "a layer by itself computes what mlx computed",
    arguments: [
      ("lstm.safetensors", "lstm"), ("lstm.npz", "lstm"), ("lstm_no_bias.npz", "lstm_no_bias"),
      ("gru.safetensors", "gru"), ("gru.npz", "gru"), ("gru_no_bias.safetensors", "gru_no_bias"),
      ("rnn.safetensors", "rnn"),
    ])
  func layers(file: String, golden: String) throws {
    let checkpoint = try NeighbourReading.open("mlx/" + file)
    #expect(try NeighbourReading.matches(checkpoint, "mlx/" + golden))
    #expect(!checkpoint.diagnostics.contains { $0.code.rawValue == "tensor.unused" })
  }

  @Test(
    "modules that code puts together are declared by their keys",
    arguments: [("net.safetensors", "net", 2e-6), ("net_f16.safetensors", "net_f16", 1e-2)])
  func declared(file: String, golden: String, tolerance: Double) throws {
    let declaration = """
      {"layers": [{"type": "nn.Embedding", "key": "embed"},
        {"type": "nn.LSTM", "key": "layers.0", "batch_first": true},
        {"type": "nn.LSTM", "key": "layers.1", "batch_first": true},
        {"type": "nn.GRU", "key": "gru", "batch_first": true, "select": "last"},
        {"type": "nn.LayerNorm", "key": "norm"}, {"type": "nn.Linear", "key": "head"}]}
      """
    let checkpoint = try NeighbourReading.open("mlx/" + file, declaration)
    #expect(try NeighbourReading.matches(checkpoint, "mlx/" + golden, tolerance: tolerance))
  }

  @Test("a bias inside the reset gate stays there: another one is told by the outputs")
  func innerBias() throws {
    let archive = try NeighbourReading.open("mlx/gru.safetensors")
    var model = archive.model
    let index = try #require(model.nodes.firstIndex { $0.layer.parameterCount > 0 })
    model.nodes[index].layer = try model.nodes[index].layer.mappingRecurrents {
      (recurrent: Recurrent) throws(CheckpointError) -> Recurrent in
      var copy = recurrent
      if case .gru(var gru) = copy.cell, case .split(let input, var own) = gru.weights.bias {
        let bias = own[.candidate]
        own[.candidate] = own[.update]
        own[.update] = bias
        gru.weights.bias = .split(input: input, recurrent: own)
        copy.cell = .gru(gru)
      }
      return copy
    }
    let golden = TestData.path("neighbours/mlx/gru.golden.npz")
    let recorded = try GoldenArrays(golden)
    let outputs = try model.run([recorded.input])
    #expect(
      zip(outputs[0].doubles(), recorded.output.doubles()).contains { abs($0 - $1) > 1e-3 })
  }

  @Test("a quantized layer is refused by name")
  func quantized() {
    let finding = expectDiagnostic("model.unrepresentable") {
      try NeighbourReading.open("mlx/quantized.safetensors")
    }
    #expect(finding?.message.contains("quantized") == true)
  }

  @Test("gates that do not fit are refused with their shapes")
  func shapes() throws {
    let cases: [(sizes: [(String, [Int])], code: String)] = [
      ([("Wx", [16, 3]), ("Wh", [15, 4]), ("bias", [16])], "tensor.shape-mismatch"),
      ([("Wx", [16, 3]), ("Wh", [16, 4]), ("bias", [15])], "tensor.shape-mismatch"),
      ([("Wx", [12, 3]), ("Wh", [12, 4]), ("b", [12])], "tensor.missing"),
      ([("Wxh", [4, 3]), ("Whh", [4, 5])], "tensor.shape-mismatch"),
    ]
    for (sizes, code) in cases {
      var table = TensorTable()
      for (name, shape) in sizes { try table.append(name, .zeros(.float32, shape: shape)) }
      let names = PyTorchStateDicts(dialects: [MLXDialect()])
      expectDiagnostic(code) {
        try names.model(
          .init(tensors: table), FileProbe(path: "x", bytes: TestData.region([0])),
          DecodeOptions())
      }
    }
  }
}

/// The first input and the first output of a recording.
private struct GoldenArrays {
  let input: Tensor
  let output: Tensor

  init(_ path: String) throws {
    let golden = try GoldenFile(ByteRegion(.opening(path, nil)), path: path)
    input = try #require(golden.inputs.first)
    output = try #require(golden.outputs.first)
  }
}
