import Foundation
import Recur
import RecurTensors
import RecurTestSupport
import Testing

/// Makes the table of `docs/conversions.md` by converting every kind of model to every format.
@Suite("The table of conversions is true")
struct ConversionTableTests {
  private struct Row {
    let what: String
    let file: String
    var architecture: String?
    var inputs: [String]?
    var foldsWeightNorm = false
  }

  private static let rows: [Row] = [
    Row(what: "Keras 3 LSTM", file: "keras3/lstm_last.h5"),
    Row(what: "Keras GRU, `reset_after=True`", file: "keras3/gru_reset_after_true.h5"),
    Row(what: "Keras 1 GRU, reset before the product", file: "keras_1_2_2/bilstm_gru.h5"),
    Row(what: "Keras Bidirectional LSTM", file: "keras3/bilstm_concat.h5"),
    Row(what: "Keras masked timesteps", file: "keras3/masking_lstm_dense.h5"),
    Row(what: "Keras 2 `hard_sigmoid`", file: "keras_2_2_4/embedding_lstm.h5"),
    Row(what: "Keras stateful LSTM", file: "keras3/stateful_lstm.h5"),
    Row(what: "Keras attention", file: "keras3/attentions_masked.h5"),
    Row(what: "Keras layer of an unknown class", file: "keras3/opaque_layer.h5"),
    Row(what: "Keras weights alone", file: "keras_2_2_4/bilstm_gru_weights.h5"),
    Row(
      what: "`nn.LSTM`, called with x", file: "torch_modules/lstm_time_first.pt",
      architecture: "torch_modules/lstm_time_first.json", inputs: ["x"]),
    Row(
      what: "`nn.LSTM`, two layers and directions, called with its states",
      file: "torch_modules/lstm_time_first_states.safetensors",
      architecture: "torch_modules/lstm_time_first_states.json", inputs: ["x", "h_0", "c_0"]),
    Row(
      what: "`nn.LSTM`, states not declared", file: "torch_modules/lstm_time_first.pt",
      architecture: "torch_modules/lstm_time_first.json"),
    Row(
      what: "`nn.GRU`", file: "torch_modules/select_last_alone.pt",
      architecture: "torch_modules/select_last_alone.json", inputs: ["x"]),
    Row(
      what: "`nn.RNN` with relu", file: "torch_modules/rnn_relu_layers.pt",
      architecture: "torch_modules/rnn_relu_layers.json", inputs: ["x", "h_0"]),
    Row(
      what: "`nn.LSTM` with `proj_size`", file: "torch_modules/lstm_projected.pt",
      architecture: "torch_modules/lstm_projected.json", inputs: ["x"]),
    Row(
      what: "packed sequences", file: "torch_modules/packed_lstm.pt",
      architecture: "torch_modules/packed_lstm.json"),
    Row(
      what: "`y[:, -1]` of two directions", file: "torch_modules/select_last_both.pt",
      architecture: "torch_modules/select_last_both.json"),
    Row(
      what: "`nn.Conv1d` and `nn.BatchNorm1d`", file: "torch_modules/convolution_first.pt",
      architecture: "torch_modules/convolution_first.json"),
    Row(
      what: "`nn.LSTMCell` in a chain", file: "torch_modules/cell_in_a_chain.pt",
      architecture: "torch_modules/cell_in_a_chain.json"),
    Row(
      what: "weight norm, folded", file: "pytorch/weight_norm.pt", foldsWeightNorm: true),
    Row(what: "a pickled module whose calls are not known", file: "pytorch/module.pt"),
  ]

  private static let targets: [(title: String, file: String, format: String?, module: Bool)] = [
    ("`.pt`", "m.pt", nil, false), ("`.pt --module`", "m.pt", nil, true),
    ("`.npz`", "m.npz", nil, false), ("`.keras`", "m.keras", nil, false),
    ("`.h5`", "m.h5", nil, false), ("`keras2-h5`", "m.h5", "keras2-h5", false),
    ("`.weights.h5`", "m.weights.h5", nil, false), ("`.onnx`", "m.onnx", nil, false),
  ]

  /// The result of a conversion to a format, in one word.
  private func outcome(
    _ row: Row, _ target: (title: String, file: String, format: String?, module: Bool)
  ) throws -> String {
    let checkpoint = try Checkpoint(
      opening: TestData.path(row.file),
      options: OpeningOptions(
        architecture: row.architecture.map(TestData.path), foldsWeightNorm: row.foldsWeightNorm,
        inputs: row.inputs))
    return try TestData.withFolder { folder in
      func path(_ name: String) -> String {
        folder.appending(path: name).path(percentEncoded: false)
      }
      do {
        let conversion = try checkpoint.convert(
          to: path(target.file), format: target.format.map(FileFormat.init(rawValue:)),
          module: target.module ? path("m.py") : nil)
        let isFolded = checkpoint.diagnostics.contains {
          $0.code.rawValue == "pytorch.parametrization.folded"
        }
        if conversion.isRounded || isFolded
          || conversion.isReordered && conversion.largestDifference > 0
        {
          return "rounded"
        }
        // Codes of values that only the target has, and of meaning that moved into code.
        let isRestated = conversion.diagnostics.contains { $0.code.rawValue != "tensor.not-finite" }
        return isRestated ? "restated" : "exact"
      } catch let error as CheckpointError {
        return "refused: `\(error.diagnostic.code.rawValue)`"
      }
    }
  }

  @Test("every cell is what the program does") func table() throws {
    var lines = [
      "| model | " + Self.targets.map(\.title).joined(separator: " | ") + " |",
      "|---|" + String(repeating: "---|", count: Self.targets.count),
    ]
    for row in Self.rows {
      var cells: [String] = []
      for target in Self.targets { cells.append(try outcome(row, target)) }
      lines.append("| \(row.what) | \(cells.joined(separator: " | ")) |")
    }
    let table = lines.joined(separator: "\n")
    let url = TestData.root.appending(path: "docs/conversions.md")
    var page = try String(contentsOf: url, encoding: .utf8)
    let (begin, end) = ("<!-- table -->\n", "\n<!-- end -->")
    let first = try #require(page.range(of: begin))
    let last = try #require(page.range(of: end))
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      page.replaceSubrange(first.upperBound..<last.lowerBound, with: table)
      try page.write(to: url, atomically: true, encoding: .utf8)
      Issue.record("docs/conversions.md was written anew; read it and run the tests again")
    } else {
      #expect(String(page[first.upperBound..<last.lowerBound]) == table)
    }
  }
}
