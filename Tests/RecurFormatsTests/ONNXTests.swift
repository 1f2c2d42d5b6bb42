import Foundation
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
      "loop_rnn", "branch_and_function", "front", "external", "typed", "quantized", "pairs",
      "fixed_timesteps", "joined_positions", "bilstm_lens", "lstm_clip", "gru_clip",
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
      ("state_width", "graph.unsupported", "a state of the shape [1, 2, 6]"),
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

  @Test("what is not computed as the file says is said")
  func notes() throws {
    func findings(_ name: String) throws -> [Diagnostic] {
      try Checkpoint(opening: TestData.path("onnx/\(name).onnx")).diagnostics
    }
    let fixed = try findings("fixed_timesteps")
    #expect(fixed.map(\.code.rawValue) == ["tensor.unused", "onnx.fixed-extent"])
    #expect(fixed.first?.message == "no output depends on the weight 'spare'")
    #expect(fixed.last?.expected == "5")
    #expect(fixed.last?.found == "'time'")
    let quantized = try findings("quantized").map(\.code.rawValue)
    #expect(quantized == ["onnx.dequantized"])
    let others = try findings("gru_before")
    #expect(others.isEmpty)
  }

  @Test("positions are not joined around a layer, nor directions cut apart")
  func canonical() throws {
    let model = try Checkpoint(opening: TestData.path("onnx/joined_positions.onnx")).model
    let reshaped = model.nodes.filter { node in
      switch node.layer {
      case .reshaping(.reshape), .reshaping(.reshapeAll), .merge, .slicing, .selection: true
      default: false
      }
    }
    #expect(reshaped.isEmpty, "\(reshaped.map(\.layer.title))")
    #expect(model.nodes.count { !$0.layer.recurrents.isEmpty } == 1)
  }

  @Test("a model is converted to Keras and back with the same numbers")
  func conversion() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.keras").path(percentEncoded: false)
      let checkpoint = try Checkpoint(opening: TestData.path("onnx/bilstm_last.onnx"))
      _ = try checkpoint.convert(to: path)
      // ONNX has the timesteps first, and so has the model of Keras.
      let written = try Checkpoint(opening: path)
      let verification = try written.verify(
        golden: TestData.path("onnx/bilstm_last.golden.npz"))
      #expect(!verification.comparisons.isEmpty)
      for comparison in verification.comparisons { #expect(comparison.matches) }
    }
  }

  @Test(
    "the lengths on which a conversion is tried are at most the timesteps of the file",
    arguments: ["keras", "onnx"])
  func lengths(ending: String) throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "m.\(ending)").path(percentEncoded: false)
      let conversion = try Checkpoint(opening: TestData.path("onnx/bilstm_lens.onnx"))
        .convert(to: path)
      #expect(conversion.wasRun)
      let written = try Checkpoint(opening: path)
      let verification = try written.verify(golden: TestData.path("onnx/bilstm_lens.golden.npz"))
      #expect(verification.matches && verification.comparisons.count == 2)
    }
  }

  @Test("a module is offered only where one computes the model")
  func noModule() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "m.pt").path(percentEncoded: false)
      let refusal = expectDiagnostic("model.unrepresentable") {
        try Checkpoint(opening: TestData.path("onnx/lstm_clip.onnx")).convert(to: path)
      }
      #expect(refusal?.remedies == [] && refusal?.notes == [])
      let other = expectDiagnostic("model.unrepresentable") {
        try Checkpoint(opening: TestData.path("onnx/gru_before.onnx")).convert(to: path)
      }
      #expect(other?.remedies == [.writeModule])
    }
  }

  @Test("weights keep their place in the file: they are views")
  func views() throws {
    let model = try Checkpoint(opening: TestData.path("onnx/gru_before.onnx")).model
    let gru = try #require(model.nodes.compactMap { $0.layer.recurrents.first }.first)
    for (_, tensor) in gru.cell.tensors { #expect(tensor.location.bytes != nil) }
  }

  @Test("a model of 2 GiB is listed without a look at its weights")
  func large() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "large.onnx").path(percentEncoded: false)
      try FileManager.default.copyItem(
        atPath: TestData.path("onnx/large/large.onnx"), toPath: path)
      let data = path + ".data"
      #expect(FileManager.default.createFile(atPath: data, contents: nil))
      let file = try FileHandle(forWritingTo: URL(filePath: data))
      // A file with a hole: nothing is stored.
      try file.truncate(atOffset: 2_148_007_936)
      try file.close()
      func time() -> Duration {
        var now = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
        return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
      }
      // Other tests run at the same time: the shortest of several times counts.
      var shortest = Duration.seconds(60)
      for _ in 0..<5 {
        let start = time()
        let inspection = try Checkpoint.inspect(path)
        shortest = min(shortest, time() - start)
        #expect(inspection.tensors.count == 13)
      }
      #expect(shortest < .milliseconds(250))
    }
  }
}
