import Foundation
import Recur
import RecurTensors
import RecurTestSupport
import Testing

/// Tensors under names and in forms that are not torch's.
@Suite("A declaration can map foreign names and forms")
struct DeclaredTensorsTests {
  private static let gates = "\"weight_ih\": \"enc_w_ih\", \"weight_hh\": \"enc_w_hh\""

  private func open(_ weights: String, _ layers: String) throws -> Checkpoint {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "declared.json")
      try Data("{\"layers\": [\(layers)]}".utf8).write(to: path)
      return try Checkpoint(
        opening: TestData.path("declared/\(weights)"),
        architecture: path.path(percentEncoded: false))
    }
  }

  @Test(
    "outputs are those of torch, and what is written in torch's form computes the same",
    arguments: ["igfo_forget_bias", "gru_update_first", "cell_turned"])
  func outputs(name: String) throws {
    let checkpoint = try Checkpoint(
      opening: TestData.path("declared/\(name).npz"),
      architecture: TestData.path("declared/\(name).json"))
    let golden = TestData.path("declared/\(name).golden.npz")
    #expect(try checkpoint.verify(golden: golden).matches)
    let note = checkpoint.diagnostics.first { $0.code.rawValue == "pytorch.tensors.declared" }
    #expect(note?.severity == .note)
    #expect(checkpoint.diagnostics.allSatisfy { $0.severity == .note }, "nothing is left unused")
    try TestData.withFolder { folder in
      let path = folder.appending(path: "out.pt").path(percentEncoded: false)
      let conversion = try checkpoint.convert(to: path)
      #expect(conversion.largestDifference == 0)
    }
  }

  @Test(
    "what weight drop keeps apart counts, with a copy in the file and without",
    arguments: ["weight_drop_copy", "weight_drop_inside"])
  func weightDrop(name: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path("declared/\(name).pt"))
    #expect(try checkpoint.verify(golden: TestData.path("declared/\(name).golden.npz")).matches)
    let notes = checkpoint.diagnostics.filter { $0.code.rawValue == "pytorch.weight-drop" }
    #expect(notes.count == 1)
    #expect(notes.first?.reason?.contains("is not used") == (name == "weight_drop_copy"))
  }

  @Test("a kernel that lies the other way is told as that, by its name in the file")
  func transposed() throws {
    let error = #expect(throws: CheckpointError.self) {
      try open(
        "igfo_forget_bias.npz",
        "{\"type\": \"nn.LSTM\", \(Self.gates), \"bias_ih\": \"enc_b\", \"bias\": \"one\"}")
    }
    let findings = error?.diagnostics ?? []
    #expect(findings.map(\.code.rawValue) == ["tensor.shape-mismatch", "tensor.shape-mismatch"])
    #expect(
      findings.map(\.message) == [
        "'enc_w_ih', declared as 'weight_ih_l0', is transposed: its gates lie along columns",
        "'enc_w_hh', declared as 'weight_hh_l0', is transposed: its gates lie along columns",
      ])
    #expect(findings.first?.hint == "declare \"orientation\": \"inputs-by-outputs\"")
    #expect(findings.first?.expected == "(16, 3)" && findings.first?.found == "(3, 16)")
  }

  @Test("a Linear that lies the other way is told as that too")
  func linear() throws {
    let layer = "{\"type\": \"nn.Linear\", \"weight\": \"w\", \"bias\": \"b\""
    let error = expectDiagnostic("tensor.shape-mismatch") {
      try open("linear_turned.npz", layer + "}")
    }
    #expect(
      error?.message
        == "'w', declared as 'weight', is transposed: its outputs lie along columns")
    #expect(error?.hint == "declare \"orientation\": \"inputs-by-outputs\"")
    let right = try open("linear_turned.npz", layer + ", \"orientation\": \"inputs-by-outputs\"}")
    #expect(right.model.isConnected)
  }

  @Test("one bias has to be named, and zeros beside it are told as zeros")
  func oneBias() throws {
    let unnamed = expectDiagnostic("pytorch.option.disagrees") {
      try open(
        "igfo_forget_bias.npz",
        "{\"type\": \"nn.LSTM\", \(Self.gates), \"bias\": \"one\", \"orientation\": \"inputs-by-outputs\"}"
      )
    }
    #expect(unnamed?.expected == "\"bias_ih\": a name in the file")
    let checkpoint = try Checkpoint(
      opening: TestData.path("declared/igfo_forget_bias.npz"),
      architecture: TestData.path("declared/igfo_forget_bias.json"))
    try TestData.withFolder { folder in
      let conversion = try checkpoint.convert(
        to: folder.appending(path: "o.pt").path(percentEncoded: false))
      let zeros = conversion.mappings.filter { $0.source == nil }
      #expect(zeros.map(\.operation) == ["zeros"])
    }
  }

  @Test("the other way round is told as well")
  func turnedTwice() throws {
    let error = #expect(throws: CheckpointError.self) {
      try open(
        "weight_drop_copy.pt",
        "{\"type\": \"nn.LSTM\", \"key\": \"rnn.module\", \"orientation\": \"inputs-by-outputs\"}")
    }
    #expect(error?.diagnostics.count == 2)
    #expect(error?.diagnostic.hint == "declare \"orientation\": \"outputs-by-inputs\"")
  }

  @Test(
    "what can't be meant is refused",
    arguments: [
      ("\"order\": \"igf\"", "pytorch.option.unsupported", "each of the gates i, f, g, o once"),
      ("\"order\": \"iigo\"", "pytorch.option.unsupported", "each of the gates"),
      ("\"orientation\": \"rows\"", "pytorch.option.unsupported", "\"outputs-by-inputs\" or"),
      ("\"forget_bias\": true", "pytorch.option.unsupported", "it is a number"),
      ("\"bias\": \"three\"", "pytorch.option.unsupported", "\"one\" or \"two\""),
      ("\"bias_ih\": \"enc_bb\"", "tensor.missing", "there is no tensor 'enc_bb'"),
      ("\"forget_bias\": 1.0", "pytorch.option.disagrees", "has no bias to add it to"),
      ("\"ordr\": \"igfo\"", "pytorch.option.unsupported", "which is unknown"),
    ])
  func refusals(option: String, code: String, message: String) throws {
    let error = #expect(throws: CheckpointError.self) {
      try open(
        "igfo_forget_bias.npz",
        "{\"type\": \"nn.LSTM\", \(Self.gates), \"orientation\": \"inputs-by-outputs\", \(option)}"
          .replacing(
            "\"orientation\": \"inputs-by-outputs\", \"orientation\"", with: "\"orientation\""))
    }
    let findings = error?.diagnostics ?? []
    #expect(
      findings.contains { $0.code.rawValue == code && $0.message.contains(message) },
      "\(findings.map(\.message))")
  }

  @Test("a missing name comes with the nearest one") func nearest() throws {
    let error = #expect(throws: CheckpointError.self) {
      try open("igfo_forget_bias.npz", "{\"type\": \"nn.Linear\", \"weight\": \"head_ww\"}")
    }
    #expect(error?.diagnostic.hint == "did you mean 'head_w'?")
  }

  @Test("an option of gates is refused where there is no such gate") func forgetBiasOfGRU() throws {
    let declaration = try String(
      contentsOfFile: TestData.path("declared/gru_update_first.json"), encoding: .utf8)
    let text = declaration.replacingOccurrences(
      of: "\"order\": \"zrh\"", with: "\"order\": \"zrh\", \"forget_bias\": 1.0")
    #expect(text != declaration)
    try TestData.withFolder { folder in
      let path = folder.appending(path: "declared.json")
      try Data(text.utf8).write(to: path)
      let error = #expect(throws: CheckpointError.self) {
        try Checkpoint(
          opening: TestData.path("declared/gru_update_first.npz"),
          architecture: path.path(percentEncoded: false))
      }
      #expect(error?.diagnostics.map(\.code.rawValue) == ["pytorch.option.unsupported"])
    }
  }

  @Test("one bias is one") func twoBiases() throws {
    let error = #expect(throws: CheckpointError.self) {
      try open(
        "cell_turned.npz",
        "{\"type\": \"nn.LSTMCell\", \"key\": \"cell\", \"orientation\": \"inputs-by-outputs\", "
          + "\"bias\": \"one\"}")
    }
    #expect(error?.diagnostics.map(\.code.rawValue) == ["pytorch.option.disagrees"])
    #expect(
      error?.diagnostic.message == "nn.LSTMCell is declared with one bias, and there are two")
  }
}
