import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

/// Files as people save them by hand: `testdata/loose`, whose goldens ``FixtureTests`` compares as well.
@Suite("What people save by hand is read or named")
struct LooseFileTests {
  private func path(_ name: String) -> String { TestData.path("loose/" + name) }

  private func checkpoint(_ name: String, architecture: String? = nil) throws -> Checkpoint {
    try Checkpoint(opening: path(name), architecture: architecture)
  }

  private func written(_ text: String, _ body: (String) throws -> Void) throws {
    try TestData.withFolder { folder in
      let file = folder.appending(path: "declaration.json")
      try Data(text.utf8).write(to: file)
      try body(file.path(percentEncoded: false))
    }
  }

  // MARK: parts of one model

  @Test("state dicts that a declaration names are parts of one model")
  func parts() throws {
    let whole = try checkpoint("parts.pt", architecture: path("parts.json"))
    #expect(whole.model.isConnected)
    let verification = try whole.verify(golden: path("parts.golden.npz"))
    for comparison in verification.comparisons { #expect(comparison.matches) }
    let note = whole.diagnostics.first { $0.code.rawValue == "pytorch.state-dict.chosen" }
    #expect(
      note?.message
        == "2 dictionaries of tensors are read as parts of one model: 'lstm' (4 tensors), 'fc' (2 tensors)"
    )
  }

  @Test("without a declaration the fix leads to one, in which both parts stand")
  func undeclared() throws {
    let finding = expectDiagnostic("pytorch.state-dict.ambiguous") {
      try checkpoint("parts_undeclared.pt")
    }
    #expect(finding?.remedies == [.declareModel])
    let begun = try Checkpoint.declaration(of: path("parts_undeclared.pt")).json
    #expect(begun.contains("\"key\":\"lstm\"") && begun.contains("\"key\":\"fc\""))
    let said = begun.replacing("\"order\": null", with: "\"order\": \"as listed\"")
      .replacing("\"select\":null", with: "\"select\":\"last\"")
    try written(said) { declaration in
      let whole = try checkpoint("parts_undeclared.pt", architecture: declaration)
      let verification = try whole.verify(golden: path("parts.golden.npz"))
      for comparison in verification.comparisons { #expect(comparison.matches) }
    }
  }

  @Test("a declaration that names the plain model alone, or both, means what it says")
  func named() throws {
    let both =
      #"{"layers": [{"type": "nn.LSTM", "key": "model", "batch_first": true, "select": "last"}, "#
      + #"{"type": "nn.Linear", "key": "head"}]}"#
    try written(both) { declaration in
      let whole = try checkpoint("parts_of_model.pt", architecture: declaration)
      #expect(whole.model.weightedNodes.count == 2)
    }
    try written(#"{"layers": [{"type": "nn.LSTM", "key": "", "batch_first": true}]}"#) {
      declaration in
      let one = try checkpoint("parts_of_model.pt", architecture: declaration)
      #expect(one.model.weightedNodes.count == 1)
    }
    #expect(try checkpoint("parts_of_model.pt").model.weightedNodes.count == 1)
  }

  // MARK: other values

  @Test("keys that are tuples are said to be joined, and copied under the joined names")
  func tupleKeys() throws {
    for notes in [
      try Checkpoint.inspect(path("tuple_keys.pt")).diagnostics,
      try export("tuple_keys.pt").diagnostics,
    ] {
      let note = notes.first { $0.code.rawValue == "pytorch.key.joined" }
      #expect(note?.notes == ["('a', 1) is 'a_1'", "('b', 2) is 'b_2'"])
    }
  }

  private func export(_ name: String) throws -> Conversion {
    try TestData.withFolder { folder in
      try Checkpoint.exportTensors(
        of: path(name), to: folder.appending(path: "t.npz").path(percentEncoded: false))
    }
  }

  @Test("tensors in a set are copied with the others")
  func sets() throws {
    let names = try export("sets.pt").mappings.map(\.target)
    #expect(names.filter { $0.hasPrefix("weights.") } == ["weights.0", "weights.1"])
    #expect(names.count == 6)
  }

  @Test("lists of numbers in place of tensors are named")
  func lists() {
    for attempt in [
      expectDiagnostic("pytorch.state-dict.missing") { _ = try checkpoint("lists.pt") },
      expectDiagnostic("pytorch.state-dict.missing") { _ = try export("lists.pt") },
    ] {
      #expect(attempt?.found == "a dictionary of 2 entries")
      #expect(
        attempt?.notes == ["'weight' is a list of 4 numbers", "'bias' is a list of 2 numbers"])
      #expect(attempt?.hint?.contains("torch.tensor(v)") == true)
    }
  }

  @Test("arrays and dictionaries beside the weights are told in words")
  func beside() throws {
    let facts = try Checkpoint.inspect(path("beside.pt")).facts
    #expect(facts.first { $0.name == "array" }?.value == "an array of shape [2, 3]")
    #expect(!facts.contains { $0.value.contains("_reconstruct") })
    let sets = try Checkpoint.inspect(path("sets.pt")).facts
    #expect(sets.first { $0.name == "seen" }?.value == "a set of 3")
  }

  @Test("a module of two types is told, where the modules can't be run and where they could be")
  func twoTypes() throws {
    let listed = try checkpoint("two_types.pt")
    #expect(!listed.model.isConnected)
    let warning = listed.diagnostics.first { $0.code.rawValue == "tensor.dtype-unsupported" }
    #expect(warning?.severity == .warning)
    #expect(warning?.message == "the tensors of 'fc' differ in type")
  }

  @Test("a normalization over channels behind an LSTM says what is not in the file, and the way on")
  func batchNorm() throws {
    let note = try checkpoint("batch_norm.pt").diagnostics.first {
      $0.code.rawValue == "pytorch.modules.inferred"
    }
    #expect(
      note?.notes.contains { $0.contains("'norm' takes its channels on axis 1") } == true,
      "\(note?.notes ?? [])")
    #expect(note?.remedies == [.declareModel])
    let begun = try Checkpoint.declaration(of: path("batch_norm.pt")).json
    let said = begun.replacing("\"order\": null", with: "\"order\": \"as listed\"")
      .replacing("\"select\":null", with: "\"select\":\"last\"")
    try written(said) { declaration in
      let whole = try checkpoint("batch_norm.pt", architecture: declaration)
      #expect(whole.model.isConnected)
    }
  }

  // MARK: Keras

  @Test(
    "quantized layers and low-rank updates are one error a layer, which leads to the tensors",
    arguments: [("int8.keras", 3, "is quantized (int8)"), ("lora.keras", 1, "(LoRA, rank 2)")])
  func restated(file: String, count: Int, words: String) throws {
    do {
      _ = try checkpoint(file)
      Issue.record("nothing was thrown")
    } catch let error as CheckpointError {
      let found = error.diagnostics.filter { $0.severity == .error }
      #expect(found.count <= count && !found.isEmpty, "\(error)")
      for finding in found {
        #expect(finding.message.contains(words))
        #expect(finding.remedies == [.exportTensors])
      }
    }
    #expect(try export(file).mappings.count >= 5)
  }

  @Test("an axis counted from the end is not taken for the last one where no shape is known")
  func axisFromEnd() throws {
    let finding = expectDiagnostic("keras.option.unsupported") {
      try checkpoint("axis_from_end.keras")
    }
    #expect(finding?.severity == .error)
    #expect(finding?.message.contains("\"axis\": -2") == true)
    #expect(finding?.message.contains("the shape of the input is not known") == true)
  }

  // MARK: quantized recordings

  @Test("a recording that quantized weights can't explain is said to be rounded at run time")
  func quantizedRecording() throws {
    let checkpoint = try Checkpoint(opening: TestData.path("readings/quantized_head.pt"))
    let golden = try GoldenFile(
      at: TestData.path("readings/quantized_head.golden.npz"), for: checkpoint.model)
    let far = try golden.outputs.map { output in
      try Tensor.float64(output.doubles().map { 1_000 * $0 + 77 }, shape: output.shape)
    }
    let diagnosis = try checkpoint.diagnose(
      GoldenFile(inputs: golden.inputs, outputs: far), at: "far.npz")
    #expect(diagnosis.verdict == .unexplained)
    let finding = diagnosis.findings.first { $0.code.rawValue == "verify.unexplained" }
    #expect(
      finding?.notes.contains { $0.contains("rounds what its layers take in") } == true,
      "\(diagnosis.findings)")
  }
}
