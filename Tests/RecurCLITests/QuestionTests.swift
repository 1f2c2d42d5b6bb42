import Foundation
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

/// The questions that people ask, answered on real files.
///
/// Keras 3.15, tf_keras 2.21 and torch 2.13 wrote the models and arrays in testdata/questions
/// (testdata/generators/gen_questions.py). The file frameworks.json beside them holds what each
/// framework does.
@Suite("The questions people bring are answered")
struct QuestionTests {
  /// A command, and the fields of its first finding.
  struct Case: Sendable, CustomTestStringConvertible {
    let command: String
    let code: String
    let expected: String
    let found: String
    let reason: String
    let fix: (place: String, code: String)
    var status: Int32 = 2
    var testDescription: String { command }
  }

  private static let folder = URL(filePath: TestData.path("questions"))

  static let inputs: [Case] = [
    Case(
      command: "run declared.h5 --input x_4.npy", code: "input.timesteps",
      expected: "[batch, 10, 128]", found: "[1, 4, 128]", reason: "its layers take any number",
      fix: (
        "Keras",
        #"x = keras.utils.pad_sequences(x, maxlen=10, padding="post", dtype="float32"); "#
          + "model(x, mask=np.arange(10)[np.newaxis] < 4)"
      )),
    Case(
      command: "run declared.h5 --input x_4.npy", code: "input.timesteps",
      expected: "[batch, 10, 128]", found: "[1, 4, 128]", reason: "10 timesteps are declared",
      fix: ("Recur", "recur run declared.h5 --input x_4.npy --pad post --maxlen 10")),
    Case(
      command: "run declared.h5 --input x_12.npy", code: "input.timesteps",
      expected: "[batch, 10, 128]", found: "[1, 12, 128]", reason: "10 timesteps are declared",
      fix: (
        "Recur", "recur run declared.h5 --input x_12.npy --pad post --truncate post --maxlen 10"
      )),
    Case(
      command: "run flat.h5 --input x_4.npy", code: "input.timesteps",
      expected: "[batch, 10, 128]", found: "[1, 4, 128]", reason: "a layer needs exactly as many",
      fix: (
        "NumPy", "x = np.pad(x, ((0, 0), (0, 6), (0, 0)))  # zeros that count; pad as in training"
      )),
    Case(
      command: "run declared.h5 --input x_one.npy", code: "input.rank",
      expected: "[batch, 10, 128]", found: "[10, 128]", reason: "the batch axis is missing",
      fix: ("NumPy", "x = x[np.newaxis]  # [1, 10, 128]")),
    Case(
      command: "run declared.h5 --input x_trailing.npy", code: "input.rank",
      expected: "[batch, 10, 128]", found: "[1, 10, 128, 1]",
      reason: "the last axis has one element",
      fix: ("NumPy", "x = x[..., 0]  # [1, 10, 128]")),
    Case(
      command: "run declared.h5 --input x_exchanged.npy", code: "input.axes",
      expected: "[batch, 10, 128]", found: "[1, 128, 10]", reason: "axes 1 and 2 exchanged",
      fix: ("Keras", "model.predict(np.swapaxes(x, 1, 2))")),
    Case(
      command: "run declared.h5 --input x_features.npy", code: "input.features",
      expected: "[batch, 10, 128]", found: "[1, 10, 64]", reason: "one column per feature",
      fix: ("Recur", "recur summary declared.h5 --input-shape 1,10,128")),
    Case(
      command: "run declared.h5 --input x_empty.npy", code: "input.empty",
      expected: "[batch, 10, 128]", found: "[1, 0, 128]", reason: "extent 0",
      fix: (
        "NumPy",
        "sequences = [s for s in sequences if len(s) > 0]  # before they are padded"
      )),
    Case(
      command: "run declared.h5 --input x_nan.npy", code: "input.not-finite",
      expected: "[batch, 10, 128]", found: "nan at x[0, 0, 7]",
      reason: "one NaN in a sequence makes every later state",
      fix: ("NumPy", "x = np.nan_to_num(x)  # or drop these sequences"), status: 0),
    Case(
      command: "run stateful.h5 --input x_1_3.npy", code: "input.batch",
      expected: "[2, timesteps, 3]", found: "[1, 5, 3]", reason: "one state per sequence",
      fix: (
        "Keras", "build the model with batch_size=1, then new.set_weights(model.get_weights())"
      )),
    Case(
      command: "run tokens.h5 --input tokens_from_1.npy", code: "input.token", expected: "0…9",
      found: "10 at x[0, 1]", reason: "tokens seem to count from 1",
      fix: (
        "Keras",
        "keras.layers.Embedding(input_dim=11, …)  # and train again: the table has 10 rows"
      )),
    Case(
      command: "run tokens.h5 --input tokens_negative.npy", code: "input.token", expected: "0…9",
      found: "-1 at x[0, 1]", reason: "negative numbers are no tokens",
      fix: (
        "NumPy", "x = np.where((x >= 0) & (x < 10), x, UNKNOWN)  # the token of unknown words"
      )),
    Case(
      command: "run tokens.h5 --input tokens_fraction.npy", code: "input.dtype",
      expected: "[batch, timesteps]", found: "2.5 at x[0, 1]",
      reason: "takes the numbers of tokens",
      fix: ("NumPy", "x = x.astype(np.int64)  # cuts 2.5 to 2"), status: 0),
    Case(
      command: "run tokens.h5 --input tokens_one_hot.npy", code: "input.rank",
      expected: "[batch, timesteps]", found: "[1, 3, 10]", reason: "these are one-hot vectors",
      fix: ("NumPy", "x = x.argmax(axis=-1)  # [1, 3]")),
    Case(
      command: "run tokens.h5 --input tokens_flat.npy", code: "input.rank",
      expected: "[batch, timesteps]", found: "[3]", reason: "the batch axis is missing",
      fix: ("Keras", "model.predict(x[np.newaxis])")),
    Case(
      command: "run lstm.pt --architecture lstm.json --inputs x --input x_float64.npy",
      code: "input.dtype", expected: "[batch, timesteps, 128]", found: "float64",
      reason: "RNN input dtype (torch.float64) does not match weight dtype (torch.float32)",
      fix: ("PyTorch", "x = x.to(torch.float32)"), status: 0),
    Case(
      command: "run lstm.pt --architecture lstm.json --inputs x --input x_exchanged.npy",
      code: "input.axes", expected: "[batch, timesteps, 128]", found: "[1, 128, 10]",
      reason: "axes 1 and 2 exchanged", fix: ("PyTorch", "model(x.transpose(1, 2))")),
    // The batch axis of the state decides which axis of the input is the batch.
    Case(
      command:
        "run lstm.pt --architecture lstm_time_first.json --inputs x,h_0,c_0 --input x_3_5.npy "
        + "--input s_1_3_4.npy --input s_1_3_4.npy",
      code: "input.axes", expected: "[timesteps(x), batch, 128]", found: "[3, 5, 128]",
      reason: "torch modules without batch_first=True",
      fix: ("PyTorch", "model(x.transpose(0, 1))")),
  ]

  static let states: [Case] = [
    Case(
      command: "run decoder.h5 --input x_2_3.npy --input h_1_4.npy --input h_1_4.npy",
      code: "state.batch", expected: "[2, 4]: (batch, units)", found: "[1, 4]",
      reason: "Keras would silently begin every sequence with it",
      fix: ("NumPy", "h = np.repeat(h, 2, axis=0)")),
    Case(
      command: "run decoder.h5 --input x_2_3.npy --input h_1_2_4.npy --input h_1_2_4.npy",
      code: "state.rank", expected: "[2, 4]: (batch, units)", found: "[1, 2, 4]",
      reason: "Keras states are (batch, units), PyTorch states (layers·directions, batch, units)",
      fix: ("NumPy", "h = h[0]")),
    Case(
      command: torch("s_1_1_4"), code: "state.batch",
      expected: "[1, 3, 4]: (layers·directions, batch, units)", found: "[1, 1, 4]",
      reason: "it is the state of one sequence",
      fix: ("PyTorch", "h_0 = h_0.expand(-1, 3, -1).contiguous()")),
    Case(
      command: torch("s_3_4"), code: "state.rank",
      expected: "[1, 3, 4]: (layers·directions, batch, units)", found: "[3, 4]",
      reason: "Keras states are (batch, units)", fix: ("PyTorch", "h_0 = h_0[None]")),
    Case(
      command: torch("s_3_1_4"), code: "state.shape",
      expected: "[1, 3, 4]: (layers·directions, batch, units)", found: "[3, 1, 4]",
      reason: "batch_first=True holds for the sequence and never for states",
      fix: ("PyTorch", "h_0 = h_0.transpose(0, 1).contiguous()")),
    Case(
      command: "run lstm.pt --architecture lstm.json --inputs x,h_0,c_0 --input x_10.npy "
        + "--input s_2_1_4.npy --input s_2_1_4.npy",
      code: "state.layers", expected: "[1, 1, 4]: (layers·directions, batch, units)",
      found: "[2, 1, 4]",
      reason: "2 would be those of a module with two directions, or more layers",
      fix: ("PyTorch", "h_0 = h_0[:1]")),
    Case(
      command: "run lstm.pt --architecture lstm.json --inputs x,h_0,c_0 --input x_10.npy "
        + "--input s_1_1_5.npy --input s_1_1_5.npy",
      code: "state.units", expected: "[1, 1, 4]: (layers·directions, batch, units)",
      found: "[1, 1, 5]", reason: "it belongs to a layer of 5 units",
      fix: ("PyTorch", "h_0 = torch.zeros(1, 1, 4)")),
  ]

  private static func torch(_ state: String) -> String {
    "run lstm.pt --architecture lstm.json --inputs x,h_0,c_0 --input x_3_5.npy "
      + "--input \(state).npy --input \(state).npy"
  }

  @Test("inputs a model can't take", arguments: inputs) func input(_ asked: Case) throws {
    try check(asked)
  }

  @Test("initial states a layer can't begin with", arguments: states)
  func state(_ asked: Case) throws { try check(asked) }

  private func check(_ asked: Case) throws {
    let arguments = asked.command.split(separator: " ").map(String.init)
    let findings = try Findings.of(arguments, in: Self.folder)
    #expect(findings.status == Int(asked.status))
    let finding = try #require(
      findings[asked.code].first, "\(findings.diagnostics.map(\.code))")
    #expect(finding.expected == asked.expected)
    #expect(finding.found == asked.found)
    #expect(finding.reason?.contains(asked.reason) == true, "\(finding.reason ?? "no reason")")
    #expect(
      finding.fixes(in: asked.fix.place).contains(asked.fix.code),
      "\(finding.fixes)")
    // There is one finding, and it is about the array.
    #expect(finding.file.map { arguments.contains($0) } == true, "\(finding.file ?? "no file")")
    #expect(
      Set(findings.diagnostics.filter { $0.severity == "error" }.map(\.code)).count <= 1)
  }

  @Test("an output of one timestep is said, with the shapes of every combination")
  func lastOnly() throws {
    let findings = try Findings.of(
      ["summary", "last.h5", "--input-shape", "2,5,3"], in: Self.folder)
    #expect(findings.status == 0)
    let note = try #require(findings.diagnostics.first)
    #expect(note.code == "shape.output" && note.severity == "note")
    #expect(note.expected == "[2, 5, 4], if every timestep is wanted")
    #expect(note.found == "[2, 4]")
    #expect(note.notes == ["return_state=True gives 3 arrays: [2, 4] [2, 4] [2, 4]"])
    #expect(note.fixes.map(\.code).contains("keras.layers.LSTM(4, return_sequences=True)"))
    #expect(note.fixes.map(\.code).contains("recur run last.h5 --input x.npy --return-sequences"))
  }

  @Test("a recording with every timestep is told from a model of the last one")
  func recordedSequence() throws {
    let findings = try Findings.of(
      ["validate", "last.h5", "--golden", "every.golden.npz"], in: Self.folder)
    #expect(findings.status == 1)
    let finding = try #require(findings["verify.shape"].first)
    #expect(finding.expected == "[2, 5, 2]" && finding.found == "[2, 2]")
    #expect(finding.reason?.hasPrefix("the recording has every timestep") == true)
    #expect(finding.fixes(in: "Keras").first?.contains("return_sequences=True") == true)
  }

  /// Shapes of Keras' own outputs, recorded with every combination of both options.
  @Test("shapes are those of Keras for all combinations") func combinations() throws {
    struct Report: Decodable {
      struct Node: Decodable {
        let name: String
        let outputs: [[Int]]
      }
      struct Returned: Decodable {
        struct Combination: Decodable {
          let returnSequences: Bool
          let returnState: Bool
          let outputs: [[Int]]
          let current: Bool
        }
        let layer: String
        let combinations: [Combination]
      }
      let nodes: [Node]
      let returns: [Returned]
    }
    let result = try Tool.run(
      ["summary", "returns.h5", "--input-shape", "2,5,3", "--format", "json"], in: Self.folder)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let report = try decoder.decode(Report.self, from: Data(result.output.utf8))
    let recorded = try Recording(TestData.path("questions/returns.golden.npz"))
    #expect(report.nodes.dropFirst().flatMap(\.outputs) == recorded.outputs)
    #expect(report.returns.count == 12)
    // Each of the four variants of a layer shows the outputs of the other three.
    for kind in ["lstm", "gru", "bi"] {
      let layers = report.returns.filter { $0.layer.hasPrefix(kind + "_") }
      for layer in layers {
        #expect(layer.combinations.count { $0.current } == 1)
        for combination in layer.combinations {
          let tag =
            (combination.returnSequences ? "sequences_" : "last_")
            + (combination.returnState ? "state" : "only")
          let node = report.nodes.first { $0.name == "\(kind)_\(tag)" }
          #expect(combination.outputs == node?.outputs)
          #expect(combination.current == (layer.layer == node?.name))
        }
      }
    }
  }

  /// The shapes of the outputs in a golden file.
  private struct Recording {
    let outputs: [[Int]]

    init(_ path: String) throws {
      let archive = try NPZArchive(ByteRegion(ByteStorage(mapping: path)))
      outputs = try archive.numbered("out_").map(\.shape)
    }
  }

  @Test("every command of docs/questions.md prints what is printed there") func commands() throws {
    try MarkdownPage("docs/questions.md").checkCommands(in: ["questions"])
  }

  @Test("every message quoted in docs/questions.md was raised by its framework")
  func quotations() throws {
    let recorded = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(filePath: TestData.path("questions/frameworks.json"))))
    let messages = try #require(recorded as? [String: [String: Any]]).values
      .compactMap { $0["message"] as? String }
    let text = try MarkdownPage("docs/questions.md").text.replacing("\n", with: " ")
    let quotations = text.matches(of: /“([^”]*)”/).map { String($0.1) }
    #expect(quotations.count >= 12)
    for quotation in quotations {
      #expect(messages.contains { $0.contains(quotation) }, "\(quotation)")
    }
  }
}
