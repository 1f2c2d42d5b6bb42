import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Cells of TensorFlow 1 are told by the names and shapes of their variables")
struct NamedCellTests {
  private func open(_ name: String) throws -> Checkpoint {
    try Checkpoint(opening: TensorFlowFiles.path("names/\(name)"))
  }

  /// The cell of a scope.
  private func cell(_ scope: String, in checkpoint: Checkpoint) throws -> Recurrent {
    let node = try #require(checkpoint.model.nodes.first { $0.name == scope })
    return try #require(node.layer.recurrents.first)
  }

  /// Runs a cell by itself over recorded sequences, and compares with what TensorFlow computed.
  private func check(
    _ recurrent: Recurrent, _ golden: String, output: String, timeMajor: Bool = false
  ) throws {
    let archive = try NPZArchive(
      ByteRegion(ByteStorage(mapping: TensorFlowFiles.path("names/\(golden).golden.npz"))))
    let x = try #require(try archive.tensor("in_0"))
    let expected = try #require(try archive.tensor(output))
    let model = Model(
      name: "cell", producer: "",
      nodes: [
        Model.Node(
          name: "x", layerName: "x",
          layer: .input(
            Input(
              shape: x.shape.map { Optional($0) }, elementType: .float32, acceptsOtherTypes: false)),
          inputs: [], location: .init()),
        Model.Node(
          name: "cell", layerName: "cell", layer: .recurrent(recurrent),
          inputs: [Model.Value("x")], location: .init()),
      ], inputs: ["x"], outputs: [Model.Value("cell")])
    let outputs = try model.validated().run([x])
    let worst = zip(outputs[0].doubles(), expected.doubles()).map { abs($0 - $1) }.max() ?? 1
    #expect(worst < 1e-5, "\(golden): \(worst)")
    #expect(outputs[0].shape == expected.shape)
  }

  @Test("one cell at a time they compute what TensorFlow recorded")
  func equations() throws {
    let peepholes = try open("tf115_lstm_peephole_projection/model.ckpt-100")
    // The graph beside says 0.5; with another number the outputs are others.
    #expect(!peepholes.diagnostics.contains { $0.code.rawValue.hasSuffix("forget-bias.assumed") })
    try check(
      cell("rnn/lstm_cell", in: peepholes), "tf115_lstm_peephole_projection", output: "out_0")
    let blocks = try open("tf115_lstm_block_fused/model.ckpt-100")
    try check(cell("lstm_fused_cell", in: blocks), "tf115_lstm_block_fused", output: "out_0")
    try check(cell("rnn/lstm_cell", in: blocks), "tf115_lstm_block_fused", output: "out_1")
    let gru = try open("tf115_gru_block/model.ckpt-100")
    try check(cell("rnn/gru_cell", in: gru), "tf115_gru_block", output: "out_0")
    #expect(gru.diagnostics.contains { $0.code.rawValue == "tensorflow.unsupported" })
    let compatible = try open("tf115_cudnn_compatible/model.ckpt-100")
    let scope = "rnn/multi_rnn_cell/cell_0/cudnn_compatible_"
    try check(
      cell("cudnn_lstm/\(scope)lstm_cell", in: compatible), "tf115_cudnn_compatible",
      output: "out_0")
    try check(
      cell("cudnn_gru/\(scope)gru_cell", in: compatible), "tf115_cudnn_compatible",
      output: "out_1")
  }

  @Test("what is added to the forget gate is assumed where no graph says it, and this is said")
  func forgetBias() throws {
    let assumed = try open("tf115_basic_lstm_forget0/model.ckpt-100")
    let said = assumed.diagnostics.first { $0.code.rawValue == "tensorflow.forget-bias.assumed" }
    #expect(said?.message.contains("rnn/basic_lstm_cell") == true)
    #expect(assumed.diagnostics.contains { $0.code.rawValue == "tensorflow.training-state" })
    for known in ["tf115_saved_model", "tf115_frozen_graph"] {
      let checkpoint = try open(known)
      #expect(
        !checkpoint.diagnostics.contains { $0.code.rawValue == "tensorflow.forget-bias.assumed" })
      _ = try cell("rnn/basic_lstm_cell", in: checkpoint)
    }
  }

  @Test("cells above each other, both directions and other layers have names of their own")
  func scopes() throws {
    let both = try open("tf115_multi_bidirectional/model.ckpt-100")
    #expect(both.model.nodes.count == 4)
    for (way, direction) in [("fw", Recurrent.Direction.forward), ("bw", .backward)] {
      for index in 0...1 {
        let scope = "bidirectional_rnn/\(way)/multi_rnn_cell/cell_\(index)/lstm_cell"
        #expect(try cell(scope, in: both).direction == direction)
      }
    }
    let mixed = try open("tf115_basic_rnn_keras1/model.ckpt-100")
    #expect(
      mixed.model.nodes.map(\.layer.title).sorted() == ["LSTM(3)", "RNN(4)"])
    let old = try open("tf115_v1_format/model.ckpt-100")
    _ = try cell("rnn/basic_lstm_cell", in: old)
    #expect(
      try Checkpoint.inspect(TensorFlowFiles.path("names/tf115_v1_format/model.ckpt-100"))
        .tensors.count == 5)
  }

  @Test("a declaration connects cells, and says what is added to the forget gate")
  func declarations() throws {
    try TestData.withFolder { folder in
      func declared(_ json: String, _ name: String) throws -> Checkpoint {
        let path = folder.appending(path: "declaration.json").path(percentEncoded: false)
        try Data(json.utf8).write(to: URL(filePath: path))
        return try Checkpoint(
          opening: TensorFlowFiles.path("names/\(name)"),
          options: OpeningOptions(architecture: path))
      }
      func json(_ forgetBias: String) -> String {
        """
        {"layers": [
          {"type": "LSTM", "scope": "rnn/basic_lstm_cell", "select": "last"\(forgetBias)},
          {"type": "Dense", "kernel": "softmax_w", "bias": "softmax_b"}]}
        """
      }
      let name = "tf115_basic_lstm_forget0"
      func worst(_ checkpoint: Checkpoint) throws -> Double {
        let golden = try NPZArchive(
          ByteRegion(ByteStorage(mapping: TensorFlowFiles.path("names/\(name).golden.npz"))))
        let x = try #require(try golden.tensor("in_0"))
        let y = try #require(try golden.tensor("out_0"))
        return zip(try checkpoint.model.run([x])[0].doubles(), y.doubles())
          .map { abs($0 - $1) }.max() ?? 1
      }
      let told = try declared(json(", \"forget_bias\": 0.0"), name + "/model.ckpt-100")
      #expect(try worst(told) < 1e-5)
      #expect(told.diagnostics.map(\.code.rawValue) == ["tensorflow.training-state"])
      let assumed = try declared(json(""), name + "/model.ckpt-100")
      #expect(try worst(assumed) > 1e-2)
      #expect(
        assumed.diagnostics.contains { $0.code.rawValue == "tensorflow.forget-bias.assumed" })
      for wrong in [
        "{\"layers\": []}", "{\"layers\": [{\"type\": \"LSTM\", \"scope\": \"rnn\"}]}",
        "{\"layers\": [{\"type\": \"LSTM\", \"scope\": \"rnn/basic_lstm_cell\", \"clip\": 3}]}",
        "{\"layers\": [{\"type\": \"Conv\"}]}", "{\"config\": {}}",
      ] {
        _ = expectDiagnostic("tensorflow.declaration.invalid") {
          try declared(wrong, name + "/model.ckpt-100")
        }
      }
    }
  }
}
