import Recur
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// Models that the `onnx` package wrote, and what ONNX Runtime computed with them
/// (`testdata/generators/gen_onnx.py`).
@Suite("ONNX")
struct ONNXTests {
  @Test(
    "a model computes what ONNX Runtime recorded",
    arguments: [
      "bilstm_last", "gru_reverse_lens", "gru_before", "lstm_coupled", "weights_behind_operators",
      "loop_rnn", "branch_and_function", "front", "external", "typed", "quantized",
    ])
  func golden(name: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path("onnx/\(name).onnx"))
    #expect(checkpoint.format == "onnx")
    let verification = try checkpoint.verify(golden: TestData.path("onnx/\(name).golden.npz"))
    #expect(!verification.comparisons.isEmpty)
    for comparison in verification.comparisons {
      #expect(comparison.matches, "\(comparison.name): \(comparison.worst?.size ?? 0)")
      #expect(comparison.tolerance.absolute < 1e-3 * max(1, comparison.scale))
    }
  }

  @Test(
    "what can't be read is refused by name",
    arguments: [
      ("unknown_operator", "graph.unsupported", "NonZero of version 17"),
      ("old_operators", "graph.unsupported", "version 6"),
      ("unknown_attribute", "graph.unsupported", "'surprise'"),
      ("hidden_size", "graph.unsupported", "'hidden_size'"),
      ("undefined_value", "onnx.invalid", "'nothing'"),
      ("outside_folder", "onnx.external-data", "'../external.onnx.data'"),
      ("recursion", "onnx.invalid", "'Self' calls itself"),
    ])
  func refusals(name: String, code: String, text: String) throws {
    let refusal = expectDiagnostic(code) {
      try Checkpoint(opening: TestData.path("onnx/refused/\(name).onnx"))
    }
    #expect(refusal?.message.contains(text) == true, "\(refusal?.message ?? "")")
    #expect(refusal?.location.file != nil)
  }

  @Test("gates are read in ONNX's order and layers get the exporter's names")
  func layers() throws {
    let model = try Checkpoint(opening: TestData.path("onnx/bilstm_last.onnx")).model
    let layer = try #require(model.nodes.first { !$0.layer.recurrents.isEmpty })
    #expect(layer.layerName == "lstm")
    guard case .bidirectional(let both) = layer.layer, case .lstm(let lstm) = both.forward.cell
    else {
      Issue.record("not one layer of two directions")
      return
    }
    let tensors = try Checkpoint.inspect(TestData.path("onnx/bilstm_last.onnx")).tensors
    #expect(tensors.first { $0.name == "W" }?.shape == [2, 16, 3])
    #expect(lstm.weights.kernel[.output].storedShape == [2, 16, 3])
  }

  @Test("weights keep their place in the file: they are views")
  func views() throws {
    let model = try Checkpoint(opening: TestData.path("onnx/gru_before.onnx")).model
    let gru = try #require(model.nodes.compactMap { $0.layer.recurrents.first }.first)
    for (_, tensor) in gru.cell.tensors { #expect(tensor.location.bytes != nil) }
  }
}
