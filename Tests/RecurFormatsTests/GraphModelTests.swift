import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurInference
import RecurModel
import RecurTensorFlow
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Graphs of TensorFlow 1 are models")
struct GraphModelTests {
  private static let cases: [(name: String, outputs: String?, layers: [String])] = [
    ("basic_lstm.pb", nil, ["LSTM(4)"]),
    ("lstm_limits.pb", "rnn/transpose_1,rnn/while/Exit_3:0,rnn/while/Exit_4", ["LSTM(4→3)"]),
    ("gru_state.pb", "Mean,rnn/while/Exit_3", ["GRU(4)"]),
    ("stacked.pb", nil, ["RNN(4)", "GRU(3)"]),
    ("both_directions.pb", nil, ["Bidirectional(LSTM(4))"]),
    ("both_whole.pb", "concat,concat_1", ["GRU(4)", "GRU(4)"]),
    ("unrolled.pb", nil, ["LSTM(4)", "LSTM(4)"]),
    ("blocks.pb", "BlockLSTM:6,strided_slice_1,BlockLSTMV2:6", ["LSTM(5)", "LSTM(5)"]),
    (
      "block_cells.pb", "LSTMBlockCell_1:6,LSTMBlockCell_1:1,GRUBlockCell_1:3",
      ["LSTM(5)", "GRU(5)"]
    ),
    ("pictures.pb", nil, ["GRU(4)"]), ("words.pb", "Sigmoid,ArgMax", ["LSTM(4)"]),
    ("of_keras.pb", nil, ["Bidirectional(LSTM(4))", "GRU(4)", "RNN(3)"]),
    ("gates_apart.pb", nil, ["LSTM(4)"]), ("basic_lstm_saved", nil, ["LSTM(4)"]),
    ("words_saved", nil, ["LSTM(4)"]), ("basic_lstm_saved.tar.gz", nil, ["LSTM(4)"]),
  ]

  private func open(
    _ name: String, outputs: String? = nil, settings: [String: String] = [:]
  ) throws -> Checkpoint {
    var options = OpeningOptions()
    options.outputs = outputs?.split(separator: ",").map(String.init)
    options.settings = settings
    return try Checkpoint(opening: TensorFlowFiles.path("graphs/\(name)"), options: options)
  }

  @Test("they compute what the session computed", arguments: cases.indices)
  func goldens(index: Int) throws {
    let (name, outputs, layers) = Self.cases[index]
    let checkpoint = try open(name, outputs: outputs)
    let plain = String(name.prefix { $0 != "." })
    try TensorFlowFiles.check(checkpoint, "graphs/\(plain).golden.npz")
    let found = checkpoint.model.nodes.filter { $0.layer.firstCell != nil }.map(\.layer.title)
    #expect(found == layers, "\(name)")
    #expect(!checkpoint.diagnostics.contains { $0.severity != .note }, "\(name)")
  }

  @Test("limits, peepholes and the placement of reset gates are those of the graph")
  func options() throws {
    let limits = try open("lstm_limits.pb", outputs: "rnn/transpose_1")
    let cell = try #require(
      limits.model.nodes.compactMap { try? limits.model.lstm(named: $0.name) }.first)
    #expect(Float(cell.cellLimit ?? 0) == 0.3 && Float(cell.projectionLimit ?? 0) == 0.2)
    #expect(cell.peepholes != nil && cell.projection?.shape == [3, 4])
    let keras = try open("of_keras.pb")
    let gru = try #require(
      keras.model.nodes.compactMap { try? keras.model.gru(named: $0.name) }.first)
    #expect(gru.resetPlacement == .beforeProduct)
    let bidirectional = try #require(keras.model.nodes.first { $0.layer.recurrents.count == 2 })
    guard case .lstm(let forward)? = bidirectional.layer.firstCell else {
      Issue.record("no LSTM")
      return
    }
    #expect(forward.recurrentActivation == .hardSigmoidOfFifths)
    #expect(try open("basic_lstm.pb").model.node("rnn/basic_lstm_cell") != nil)
  }

  @Test("the graph beside a checkpoint says its limits, and is a model of chosen outputs")
  func checkpoints() throws {
    let name = "graphs/lstm_limits_checkpoint/m"
    let listed = try Checkpoint(opening: TensorFlowFiles.path(name))
    #expect(!listed.model.isConnected)
    let cell = try listed.model.lstm(named: "rnn/lstm_cell")
    #expect(Float(cell.cellLimit ?? 0) == 0.3 && Float(cell.projectionLimit ?? 0) == 0.2)
    var options = OpeningOptions()
    options.outputs = ["rnn/transpose_1", "rnn/while/Exit_3", "rnn/while/Exit_4"]
    let running = try Checkpoint(opening: TensorFlowFiles.path(name), options: options)
    try TensorFlowFiles.check(running, "graphs/lstm_limits_checkpoint.golden.npz")
    try TestData.withFolder { folder in
      let file = folder.appending(path: "layers.json").path(percentEncoded: false)
      for (declared, limit) in [("1.5", 1.5), ("-1", nil)] as [(String, Double?)] {
        try Data(
          #"{"layers": [{"type": "LSTM", "scope": "rnn/lstm_cell", "cell_clip": \#(declared)}]}"#
            .utf8
        ).write(to: URL(filePath: file))
        let opening = OpeningOptions(architecture: file)
        guard let limit else {
          _ = expectDiagnostic("tensorflow.declaration.invalid") {
            try Checkpoint(opening: TensorFlowFiles.path(name), options: opening)
          }
          continue
        }
        let own = try Checkpoint(opening: TensorFlowFiles.path(name), options: opening)
        let node = try #require(own.model.nodes.first { $0.layer.firstCell != nil })
        guard case .lstm(let lstm)? = node.layer.firstCell else { continue }
        #expect(lstm.cellLimit == limit)
      }
    }
  }

  @Test("every cell of a stack in two directions has the limits of its own")
  func limitsOfStacks() throws {
    let listed = try Checkpoint(opening: TensorFlowFiles.path("graphs/both_limits_checkpoint/m"))
    let limits: [(scope: String, cell: Double, projection: Double?)] = [
      ("fw/multi_rnn_cell/cell_0", 0.25, 0.125), ("fw/multi_rnn_cell/cell_1", 0.5, nil),
      ("bw/multi_rnn_cell/cell_0", 0.75, 0.375), ("bw/multi_rnn_cell/cell_1", 1.5, nil),
    ]
    for (scope, cell, projection) in limits {
      let own = try listed.model.lstm(named: "bidirectional_rnn/\(scope)/lstm_cell")
      #expect(own.cellLimit == cell && own.projectionLimit == projection, "\(scope)")
    }
  }

  @Test("values for placeholders are no values where no graph is read") func unusedValues() throws {
    var options = OpeningOptions()
    options.settings = ["keep_prob": "1"]
    _ = expectDiagnostic("file.option-unused") {
      try Checkpoint(
        opening: TensorFlowFiles.path("graphs/lstm_limits_checkpoint/m"), options: options)
    }
  }

  @Test("operators with too few inputs are located errors", arguments: 0...4)
  func cutInputs(count: Int) throws {
    let operations = [
      "ConcatV2", "Concat", "Pack", "Pad", "PadV2", "StridedSlice", "Slice", "Split", "SplitV",
      "Unpack",
      "GatherV2", "Gather", "Reverse", "ReverseV2", "ReverseSequence", "Transpose", "Reshape",
      "MatMul",
      "BatchMatMulV2", "BiasAdd", "AddN", "Add", "Maximum", "Select", "ClipByValue", "Conv2D",
      "MaxPool",
      "FusedBatchNorm", "BlockLSTM", "LSTMBlockCell", "GRUBlockCell", "TensorArrayScatterV3",
      "TensorArrayGatherV3", "TensorArrayReadV3", "TensorArrayWriteV3", "ResourceGather", "Switch",
      "Mean", "Sum", "ExpandDims", "Squeeze", "Tile", "Fill", "Range", "OneHot", "Cast", "Merge",
    ]
    for operation in operations {
      var graph: [UInt8] = []
      func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
      }
      // A placeholder of the shape [2, 3], and nodes that read it and each other.
      let shape = field(2, [8, 2]) + field(2, [8, 3])
      let attributes =
        field(5, field(1, Array("dtype".utf8)) + field(2, [0x30, 1]))
        + field(5, field(1, Array("shape".utf8)) + field(2, field(7, shape)))
      graph += field(
        1, field(1, Array("x".utf8)) + field(2, Array("Placeholder".utf8)) + attributes)
      for name in ["y", "z"] {
        let inputs = (0..<count).flatMap { _ in field(3, Array((name == "y" ? "x" : "y").utf8)) }
        graph += field(
          1, field(1, Array(name.utf8)) + field(2, Array(operation.utf8)) + inputs)
      }
      do throws(CheckpointError) {
        let probe = FileProbe(path: operation, bytes: TestData.region(graph))
        _ = try FrozenGraphFormat().decode(probe, options: DecodeOptions())
      } catch {
        Mutations.expectLocated(error, byteCount: graph.count)
      }
    }
  }

  @Test("a placeholder without a shape is given one")
  func shapes() throws {
    for (shape, isRight) in [("[None, None, 3]", true), ("[None, 4]", false), ("[x]", false)] {
      if isRight {
        let own = try open("basic_lstm.pb", settings: ["x": shape])
        try TensorFlowFiles.check(own, "graphs/basic_lstm.golden.npz")
      } else {
        #expect(throws: CheckpointError.self) {
          _ = try open("basic_lstm.pb", settings: ["x": shape])
        }
      }
    }
  }

  @Test("no axes mean an unknown shape in graphs of before version 24", arguments: [21, 24])
  func oldPlaceholders(version: UInt8) throws {
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
      [number << 3 | 2, UInt8(bytes.count)] + bytes
    }
    func attribute(_ name: String, _ value: [UInt8]) -> [UInt8] {
      field(5, field(1, Array(name.utf8)) + field(2, value))
    }
    let number = attribute("dtype", [0x30, 1]) + attribute("shape", field(7, []))
    // The kernel is a constant of the shape [2, 1].
    let shape = field(2, field(2, [8, 2]) + field(2, [8, 1]))
    let tensor = [8, 1] + shape + field(4, [0, 0, 0, 63, 0, 0, 128, 63])
    let graph =
      field(1, field(1, Array("x".utf8)) + field(2, Array("Placeholder".utf8)) + number)
      + field(
        1,
        field(1, Array("w".utf8)) + field(2, Array("Const".utf8)) + attribute("dtype", [0x30, 1])
          + attribute("value", field(8, tensor)))
      + field(
        1,
        field(1, Array("y".utf8)) + field(2, Array("MatMul".utf8)) + field(3, Array("x".utf8))
          + field(3, Array("w".utf8)) + attribute("T", [0x30, 1]))
      + field(4, [8, version])
    try TestData.withFolder { folder in
      let path = folder.appending(path: "old.pb").path(percentEncoded: false)
      try Data(graph).write(to: URL(filePath: path))
      var options = OpeningOptions()
      let listed = try Checkpoint(opening: path, options: options)
      #expect(!listed.model.isConnected)
      let reason = listed.diagnostics.first { $0.code.rawValue == "tensorflow.unsupported" }
      #expect(reason?.message.contains("'x' has no shape") == (version < 24))
      options.settings = ["x": "[None, 2]"]
      if version < 24 {
        let model = try Checkpoint(opening: path, options: options).model
        #expect(model.isConnected)
        let x = try Tensor.float32([1, 2], shape: [1, 2])
        #expect(try model.run([x])[0].doubles() == [2.5])
      } else {
        _ = expectDiagnostic("graph.unsupported") {
          try Checkpoint(opening: path, options: options)
        }
      }
    }
  }

  @Test("cells with limits are written to no format that has none")
  func unwritten() throws {
    let limits = try open("lstm_limits.pb", outputs: "rnn/transpose_1")
    try TestData.withFolder { folder in
      for name in ["m.keras", "m.onnx", "m.pt"] {
        let path = folder.appending(path: name).path(percentEncoded: false)
        let error = #expect(throws: CheckpointError.self) {
          _ = try limits.convert(to: path)
        }
        let says = error?.diagnostics.contains { diagnostic in
          diagnostic.code.rawValue == "model.unrepresentable"
            && ["within a limit", "projects its output"].contains {
              diagnostic.message.contains($0)
            }
        }
        #expect(says == true, "\(name)")
      }
    }
  }

  @Test("a placeholder of one number is given with the file; dropout that draws is refused")
  func settings() throws {
    let listed = try open("refused_dropout.pb")
    #expect(!listed.model.isConnected)
    let reason = listed.diagnostics.first { $0.code.rawValue == "tensorflow.unsupported" }
    #expect(reason?.message.contains("'keep_prob'") == true)
    let kept = try open("refused_dropout.pb", settings: ["keep_prob": "1.0"])
    try TensorFlowFiles.check(kept, "graphs/refused_dropout.golden.npz")
    for (name, value) in [("keep_prob", "0.5"), ("keep_prob", "much"), ("keep", "1")] {
      let error = #expect(throws: CheckpointError.self) {
        _ = try open("refused_dropout.pb", settings: [name: value])
      }
      #expect(error?.diagnostic.code.rawValue == "graph.unsupported")
    }
  }

  @Test("a loop that is no cell is named, and its variables are listed")
  func unknownCell() throws {
    let listed = try open("refused_cell.pb")
    #expect(!listed.model.isConnected)
    let reason = listed.diagnostics.first { $0.code.rawValue == "tensorflow.unsupported" }
    #expect(reason?.message.contains("is no cell that is known") == true)
    let chosen = #expect(throws: CheckpointError.self) {
      _ = try open("refused_cell.pb", outputs: "rnn/transpose_1")
    }
    #expect(chosen?.diagnostic.code.rawValue == "graph.unsupported")
  }

  @Test("outputs are chosen by name; others are no nodes, and files of layers have none")
  func chosen() throws {
    let inner = try open("words.pb", outputs: "rnn/transpose_1:0")
    #expect(inner.model.outputs.count == 1)
    let unread = inner.diagnostics.first { $0.code.rawValue == "tensor.unused" }
    #expect(unread?.message.hasPrefix("4 variables") == true)
    let unknown = #expect(throws: CheckpointError.self) {
      _ = try open("words.pb", outputs: "Sigmoyd")
    }
    #expect(unknown?.diagnostic.found == "'Sigmoid'")
    for name in ["saved_model/tf212_lstm_unsaved_traces", "lite/tf215_lstm_f32.tflite"] {
      var options = OpeningOptions()
      options.outputs = ["y"]
      let error = #expect(throws: CheckpointError.self) {
        _ = try Checkpoint(opening: TensorFlowFiles.path(name), options: options)
      }
      #expect(error?.diagnostic.code.rawValue == "file.option-unused", "\(name)")
    }
  }

  @Test("changed graphs are located errors, and never traps")
  func mutations() throws {
    for (seed, name) in ["blocks", "gates_apart"].enumerated() {
      let bytes = try TestData.bytes("tensorflow/graphs/\(name).pb")
      var random = Mutations.Generator(state: UInt64(40 + seed))
      for _ in 0..<Mutations.count / 4 {
        var changed = bytes
        for _ in 0...random.next(3) {
          let place = random.next(changed.count)
          changed[place] = [0, 1, 0x7F, 0x80, 0xFF, changed[place] ^ 1][random.next(6)]
        }
        do throws(CheckpointError) {
          let probe = FileProbe(path: name, bytes: TestData.region(changed))
          _ = try FrozenGraphFormat().decode(probe, options: DecodeOptions())
        } catch {
          Mutations.expectLocated(error, byteCount: changed.count)
        }
      }
    }
  }
}
