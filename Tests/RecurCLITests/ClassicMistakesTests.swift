import Foundation
import RecurTestSupport
import Testing

/// Mistakes made on files of the real frameworks (`testdata/generators/gen_classic_mistakes.py`,
/// `gen_mistakes.py`, `gen_broken_keras.py`); comments quote what the frameworks themselves say.
@Suite("Classic mistakes are told with expectation, finding and fix")
struct ClassicMistakesTests {
  private let testdata = TestData.root.appending(path: "testdata")

  private func findings(_ arguments: String...) throws -> Findings {
    try Findings.of(arguments, in: testdata)
  }

  // Keras 3.15: "Layer #0 (named 'lstm') … expects weight of shape (3, 64)…", nothing about units.
  @Test("units and weights disagree") func units() throws {
    let findings = try findings("validate", "broken/units_declared_wrong.h5")
    #expect(findings.status == 1)
    let kernel = try #require(findings["tensor.shape-mismatch"].first)
    #expect(kernel.expected == "(3, 64)")
    #expect(kernel.found == "(3, 16)")
    #expect(kernel.message.contains("(3, 16) = 3 × 4·4: 4 units"))
    #expect(kernel.reason?.contains("units were changed after training") == true)
    #expect(kernel.fixes(in: "Keras") == ["keras.layers.LSTM(4)"])
  }

  @Test("a kernel of a Keras file is transposed") func kerasTransposed() throws {
    let findings = try findings("validate", "broken/kernel_transposed.h5")
    #expect(findings.status == 1)
    let kernel = try #require(findings["tensor.shape-mismatch"].first)
    #expect(kernel.expected == "(3, 16)")
    #expect(kernel.found == "(16, 3)")
    #expect(
      kernel.reason
        == "the kernel is transposed: PyTorch keeps (4·units, input size), Keras (input size, 4·units)"
    )
    #expect(
      kernel.fixes(in: "Keras")
        == ["model.get_layer(\"lstm\").set_weights([kernel.T, recurrent_kernel, bias])"])
  }

  // torch 2.13: "size mismatch for lstm.weight_ih_l0: copying a param with shape torch.Size([10, 80]) from
  // checkpoint, the shape in current model is torch.Size([80, 10])."
  @Test("a kernel of a state dict is transposed") func torchTransposed() throws {
    let findings = try Findings.of("validate", "classic_kernel_transposed.pt")
    #expect(findings.status == 1)
    let found = findings["tensor.shape-mismatch"]
    #expect(found.count == 1)
    #expect(found.first?.expected == "(80, 10): (4·units, input size) with 20 units")
    #expect(found.first?.found == "(10, 80)")
    #expect(
      found.first?.fixes(in: "PyTorch")
        == ["sd[\"lstm.weight_ih_l0\"] = sd[\"lstm.weight_ih_l0\"].T.contiguous()"])
    // Both kernels lie the wrong way, as when Keras' arrays are saved under torch's names; both are
    // reported.
    #expect(
      try Findings.of("validate", "classic_keras_shapes.pt")["tensor.shape-mismatch"].count == 2)
    #expect(
      try Findings.of("convert", "classic_keras_shapes.pt", "never.keras")["tensor.shape-mismatch"]
        .count == 2)
  }

  // Keras and torch load either order without an error.
  @Test("gates are in ONNX's order") func gateOrder() throws {
    let findings = try Findings.of(
      "diagnose", "lstm_order_iofc.h5", "--golden", "lstm.golden.npz")
    let order = try #require(findings["verify.likely.gate-order"].first)
    #expect(findings.status == 1)
    #expect(order.expected == "blocks i, f, c, o")
    #expect(order.found == "blocks i, o, f, c")
    #expect(order.reason?.contains("i, o, f, c is the order of ONNX") == true)
    #expect(order.reason?.contains("readings tried, the next best differs by") == true)
    #expect(
      order.fixes(in: "Recur")
        == ["recur diagnose lstm_order_iofc.h5 --golden lstm.golden.npz --write fixed.h5"])
    #expect(
      order.fixes(in: "Keras") == [
        "layer = model.get_layer(\"rnn\"); layer.set_weights([np.concatenate([np.split(w, 4, -1)[k] for "
          + "k in (0, 2, 3, 1)], -1) for w in layer.get_weights()])"
      ])
  }

  @Test("without a recording, the forget bias in another block is a warning") func lump() throws {
    let usual = try Findings.of("validate", "forget_bias.pt")
    #expect(usual["model.forget-bias"].map(\.severity) == ["note"])
    #expect(usual["model.gate-order.suspicious"].isEmpty)
    let moved = try Findings.of("validate", "forget_bias_icfo.pt")
    let warning = try #require(moved["model.gate-order.suspicious"].first)
    #expect(warning.severity == "warning")
    #expect(warning.message.hasPrefix("the cell gate of 'lstm'"))
    #expect(warning.found == "mean bias input -0.04, forget 0.03, cell 0.99, output -0.04")
  }

  // torch 2.13: 'Missing key(s) in state_dict: "lstm.bias_hh_l0".'
  @Test("bias_hh is missing") func biasMissing() throws {
    for (file, module) in [("classic_bias_missing", "lstm"), ("classic_gru_bias_missing", "gru")] {
      let findings = try Findings.of("validate", file + ".pt")
      let bias = try #require(findings["pytorch.bias.missing"].first)
      #expect(bias.severity == "error")
      #expect(bias.expected == "'\(module).bias_ih_l0' and '\(module).bias_hh_l0'")
      #expect(bias.found == "'\(module).bias_ih_l0' alone")
      #expect(
        bias.fixes(in: "PyTorch")
          == ["sd[\"\(module).bias_hh_l0\"] = torch.zeros_like(sd[\"\(module).bias_ih_l0\"])"])
      #expect(bias.reason?.contains("only bias_hh passes the reset gate") == (module == "gru"))
    }
  }

  // torch 2.13 lists every key as missing and as unexpected; with strict=False it loads nothing.
  @Test("keys begin with 'module.'") func dataParallel() throws {
    let findings = try Findings.of(
      "validate", "classic_data_parallel.pt", "--golden", "classic.golden.npz")
    #expect(findings.status == 0)
    let prefix = try #require(findings["pytorch.prefix.stripped"].first)
    #expect(prefix.severity == "note")
    #expect(prefix.message.contains("DataParallel"))
    #expect(prefix.found == "6 keys with 'module.'")
    #expect(
      prefix.fixes(in: "PyTorch")
        == ["sd = {k.replace(\"module.\", \"\", 1): w for k, w in sd.items()}"])
  }

  // Keras 3.15: "Unknown layer: 'CuDNNLSTM'", and "expects (16,). Received (32,)" for its weights.
  @Test("weights of CuDNN layers are read as such") func cuDNN() throws {
    let findings = try findings(
      "validate", "cudnn/cudnnlstm.h5", "--golden", "cudnn/cudnnlstm.golden.npz")
    #expect(findings.status == 0)
    try TestData.withFolder { folder in
      // The same weights for an architecture of plain LSTM layers.
      let json = folder.appending(path: "plain.keras").path(percentEncoded: false)
      let converted = try Tool.run(["convert", "testdata/cudnn/cudnnlstm.h5", json])
      #expect(converted.status == 0, "\(converted.errors)")
      let weights = try self.findings(
        "validate", "cudnn/cudnnlstm_weights.h5", "--architecture", json)
      let note = try #require(weights["keras.cudnn.assumed"].first)
      #expect(weights.status == 0)
      #expect(note.found?.hasPrefix("8·") == true)
      #expect(note.expected?.hasPrefix("a bias of 4·") == true)
      #expect(note.fixes(in: "Recur").count == 1)
    }
  }

  @Test("a GRU of the other form can't become nn.GRU") func resetPlacement() throws {
    try refused(
      "keras2/gru_reset_after_false.keras", saying: "applies its reset gate before the product",
      expected: "reset_after=True: r ⊙ (U·h + b')", found: "reset_after=False: U·(r ⊙ h)")
  }

  @Test("hard_sigmoid of an old generation can't become nn.LSTM") func activationGeneration() throws
  {
    try refused(
      "keras_2_2_4/embedding_lstm.h5", saying: "recurrent activation hard_sigmoid",
      expected: "activation tanh and recurrent activation sigmoid",
      found: "activation tanh and recurrent activation hard_sigmoid(0.2x+0.5)")
  }

  @Test("masking can't become a state dict") func masking() throws {
    try refused(
      "keras3/masking_lstm_dense.h5", saying: "masks timesteps equal to -1.0",
      expected: "every timestep counts", found: "Masking(-1.0)")
  }

  private func refused(
    _ file: String, saying text: String, expected: String, found: String
  ) throws {
    try TestData.withFolder { folder in
      let target = folder.appending(path: "out.pt").path(percentEncoded: false)
      let findings = try findings("convert", file, target)
      #expect(findings.status == 2)
      let finding = try #require(
        findings["model.unrepresentable"].first { $0.message.contains(text) })
      #expect(finding.expected == expected)
      #expect(finding.found == found)
      #expect(finding.reason?.isEmpty == false)
      let command = "recur convert \(file) \(target) --module"
      #expect(finding.fixes(in: "Recur") == ["\(command) model.py"])
      #expect(!FileManager.default.fileExists(atPath: target))
      // The fix is a command that works.
      let module = folder.appending(path: "model.py").path(percentEncoded: false)
      let fixed = try Tool.run(["convert", file, target, "--module", module], in: testdata)
      #expect(fixed.status == 0, "\(fixed.errors)")
    }
  }
}
