import Recur
import RecurModel
import RecurPyTorch
import RecurTestSupport
import Testing

// The generated Python and what it must contain. Real PyTorch runs the code when fixtures are made
// (CONTRIBUTING.md, "Judges").
@Suite("Generated PyTorch modules")
struct PyTorchModuleTests {
  private func code(_ fixture: String) throws -> String {
    let model = try Checkpoint(opening: TestData.path(fixture)).model
    return PyTorchModule(model).code(source: "model.h5", weights: "model.pt")
  }

  @Test("a plain LSTM is nn.LSTM and nothing is written out") func plain() throws {
    let code = try code("keras3/lstm_last.h5")
    #expect(code.contains("self.lstm = nn.LSTM(3, 4, batch_first=True)"))
    #expect(!code.contains("KerasLSTM"))
    #expect(code.contains("lstm = lstm[:, -1]"))
  }

  @Test(
    "hard_sigmoid is the one of the file's own Keras",
    arguments: [
      ("keras3/lstm_hardsigmoid_relu.h5", "0.16666666666666666 * x + 0.5"),
      ("tf_keras/lstm_hardsigmoid_relu.h5", "0.2 * x + 0.5"),
    ])
  func hardSigmoid(fixture: String, formula: String) throws {
    let code = try code(fixture)
    #expect(code.contains(formula))
    #expect(code.contains("self.lstm = KerasLSTM(3, 4, activation=torch.relu"))
  }

  @Test("masks are computed and passed on") func masks() throws {
    let code = try code("keras3/masking_lstm_seq.h5")
    #expect(code.contains("masking__mask = (input_layer != -1.0).any(-1)"))
    #expect(code.contains("mask=masking__mask)"))
  }

  @Test("names that Python or torch would trip over are replaced") func names() throws {
    let code = try code("keras3/odd_names.h5")
    for name in ["layer_train", "lstm_2_x", "layer_1st", "layer_lambda"] {
      #expect(code.contains("self.\(name) = "), "\(name)")
    }
  }

  @Test("a state dict alone refuses what torch.nn can't hold, each by name")
  func refusals() throws {
    let model = try Checkpoint(opening: TestData.path("keras3/masked_backwards.h5")).model
    let findings = PyTorchFidelity.findings(model, withModule: false)
    #expect(findings.allSatisfy { $0.code.rawValue == "model.unrepresentable" })
    #expect(findings.contains { $0.message.contains("masks timesteps equal to -1.0") })
    #expect(findings.contains { $0.message.contains("skips masked timesteps") })
    #expect(findings.contains { $0.message.contains("reads its input backwards") })
    let restated = PyTorchFidelity.findings(model, withModule: true)
    #expect(restated.count == findings.count)
    #expect(restated.allSatisfy { $0.severity == .note })
  }
}
