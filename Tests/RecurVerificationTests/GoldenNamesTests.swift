import Recur
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

@Suite("Recordings under the names that people choose")
struct GoldenNamesTests {
  private func model() throws -> Checkpoint {
    try Checkpoint(opening: TestData.path("recorded/lstm.pt"))
  }

  @Test(
    "a recording is told by names that can mean one thing only",
    arguments: [
      ("output_alone", 1), ("x_y", 1), ("input_output", 1), ("numbered", 3), ("in_order", 1),
      ("with_states", 1), ("named_states", 3), ("given_states", 3), ("final_state_alone", 1),
      ("predictions", 1),
    ])
  func told(name: String, recorded: Int) throws {
    let verification = try model().verify(
      golden: TestData.path("recorded/\(name).golden.npz"))
    #expect(verification.matches)
    #expect(verification.comparisons.count == recorded)
    #expect(verification.unrecorded == 3 - recorded)
    let notes = verification.findings.map(\.code.rawValue)
    #expect(notes == (recorded == 3 ? [] : ["golden.partial"]))
  }

  @Test("anything else is refused with what was found", arguments: ["unclear", "too_many"])
  func refused(name: String) throws {
    let path = TestData.path("recorded/\(name).golden.npz")
    let found = expectDiagnostic("golden.incomplete") { try model().verify(golden: path) }
    #expect(
      found?.message
        == "nothing tells which arrays of the golden file are inputs and which are outputs")
    #expect(found?.found == (name == "unclear" ? "data, labels" : "x, y, mask"))
    #expect(found?.location.file == path)
  }

  @Test("two arrays in files of their own are a recording") func pair() throws {
    let (x, y) = (TestData.path("recorded/x.npy"), TestData.path("recorded/y.npy"))
    let checkpoint = try model()
    let golden = try GoldenSource.arrays(inputs: [x], outputs: [y]).read(for: checkpoint.model)
    #expect(try checkpoint.verify(golden, at: y).matches)
    let wrong = try GoldenSource.arrays(inputs: [x], outputs: [x]).read(for: checkpoint.model)
    let found = expectDiagnostic("verify.shape") { try checkpoint.verify(wrong, at: x) }
    #expect(found?.location.file == x)
    let alone = expectDiagnostic("golden.incomplete") { try checkpoint.verify(golden: x) }
    #expect(alone?.message == "the golden file is one array, and inputs and outputs are two")
  }

  @Test("names without a model: numbers from 0 or 1, no gaps, nothing left over")
  func names() {
    func told(_ names: String) -> String? {
      let list = names.split(separator: " ").map(String.init)
      return GoldenNames(list, of: nil).map {
        ($0.inputs + ["|"] + $0.outputs).joined(separator: " ")
      }
    }
    #expect(told("x y") == "x | y")
    #expect(told("y0 x1 x0") == "x0 x1 | y0")
    #expect(told("inputs_1 inputs_2 outputs") == "inputs_1 inputs_2 | outputs")
    #expect(told("in out") == "in | out")
    #expect(told("h_n x c_n output") == "x | output h_n c_n")
    #expect(told("input h0 c0 output hn") == "input h0 c0 | output hn")
    #expect(told("inputs y_pred") == "inputs | y_pred")
    for names in [
      "x", "y", "x z", "x y w", "x X y", "x0 x2 y", "x input y", "x_2 y", "a b", "x y y0",
      "arr_0 arr_1", "", "x c0 y", "h_n c_n", "x h0", "x_a x_b y_o",
    ] {
      #expect(told(names) == nil, "\(names)")
    }
  }

  @Test("the names of a model behind a word for inputs or outputs") func prefixed() throws {
    let model = try model().model
    let names = GoldenNames(["y_\(model.outputs[0].node)", "x_x"], of: model)
    #expect(names?.inputs == ["x_x"] && names?.outputs.count == 1)
    #expect(GoldenNames(["x_x", "y_other"], of: model) == nil)
    let last = GoldenNames(["x_x", "out_\(model.outputs[2].node)"], of: model)
    #expect(last?.positions == [2])
  }

  @Test("a golden of fewer outputs still tells a wrong one") func partialMismatch() throws {
    let checkpoint = try model()
    let golden = try GoldenFile(
      at: TestData.path("recorded/output_alone.golden.npz"), for: checkpoint.model)
    let output = golden.outputs[0]
    let moved = try output.replacingNumbers(output.doubles().map { $0 + 0.01 })
    let verification = try checkpoint.verify(
      GoldenFile(inputs: golden.inputs, outputs: [moved]), at: "moved.npz")
    #expect(!verification.matches)
    #expect(verification.findings.map(\.code.rawValue) == ["verify.mismatch", "golden.partial"])
    let diagnosis = try checkpoint.diagnose(golden, at: "golden.npz")
    #expect(diagnosis.verdict == .matches)
    #expect(diagnosis.findings.map(\.code.rawValue) == ["golden.partial"])
  }

  @Test("weights that can't be run are told in their own file") func unconnected() throws {
    let path = TestData.path("pytorch/legacy_protocol3.pt")
    let checkpoint = try Checkpoint(opening: path)
    try #require(!checkpoint.model.isConnected)
    let found = expectDiagnostic("model.not-connected") {
      try checkpoint.verify(golden: TestData.path("recorded/x_y.golden.npz"))
    }
    #expect(found?.location.file == path)
  }
}
