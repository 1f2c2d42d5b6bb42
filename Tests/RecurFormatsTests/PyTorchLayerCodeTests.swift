import RecurModel
import RecurPyTorch
import RecurTensors
import Testing

// The generated Python: the module that is made, and the statement that calls it. Real frameworks
// judge what it computes (CONTRIBUTING.md, "Judges").
@Suite("PyTorch code for every layer")
struct PyTorchLayerCodeTests {
  private func code(_ layer: Layer, _ shape: [Int?] = [nil, 4, 3], outputs: Int = 1) -> String {
    code(LayerSamples.model(layer, shape, outputs: outputs))
  }

  private func code(_ model: Model) -> String {
    #expect(model.findings().isEmpty)
    return PyTorchModule(model).code(source: "m.keras", weights: "m.pt")
  }

  @Test("cells that torch.nn has are its modules") func torchModules() throws {
    var make = LayerSamples()
    let gru = code(.recurrent(make.recurrent(try make.gru(3, 2), sequence: false)))
    #expect(gru.contains("self.layer = nn.GRU(3, 2, batch_first=True)"))
    #expect(gru.contains("layer = layer[:, -1]"))
    let rnn = code(.recurrent(make.recurrent(try make.rnn(3, 2, activation: .relu))))
    #expect(rnn.contains("nn.RNN(3, 2, batch_first=True, nonlinearity=\"relu\")"))
    let pair = code(make.pair(try make.lstm(3, 2), try make.lstm(3, 2)))
    #expect(pair.contains("nn.LSTM(3, 2, batch_first=True, bidirectional=True)"))
    for text in [gru, rnn, pair] { #expect(!text.contains("Keras")) }
  }

  @Test("a GRU that resets before its product is written out") func resetBefore() throws {
    var make = LayerSamples()
    let text = code(.recurrent(make.recurrent(try make.gru(3, 2, .single, .beforeProduct))))
    #expect(text.contains("recurrent_activation=torch.sigmoid, reset_after=False)"))
    #expect(text.contains("class KerasGRU(KerasCell)") && text.contains("class KerasCell"))
    #expect(!text.contains("class KerasLSTM"))
  }

  @Test("stacked cells are stepped through together; their states have names each")
  func stacked() throws {
    var make = LayerSamples()
    let cell = RecurrentCell.stacked(StackedCells([try make.lstm(3, 2), try make.gru(2, 4)]))
    let text = code(.recurrent(make.recurrent(cell, state: true)), outputs: 4)
    #expect(text.contains("KerasStack(KerasLSTM(3, 2, "))
    #expect(text.contains("layer__h0, layer__c0, layer__h1 = layer__states"))
    #expect(text.contains("return layer, layer__h0, layer__c0, layer__h1"))
  }

  @Test(
    "directions are merged in every mode",
    arguments: [
      (Bidirectional.MergeMode.sum, "layer = layer + layer__backward"),
      (.multiply, "layer = layer * layer__backward"),
      (.average, "layer = (layer + layer__backward) / 2"),
    ])
  func merged(mode: Bidirectional.MergeMode, statement: String) throws {
    var make = LayerSamples()
    let text = code(make.pair(try make.gru(3, 2), try make.gru(3, 2), mode))
    #expect(text.contains("layer, layer__backward = layer.split((2, 2), -1)"))
    #expect(text.contains(statement))
  }

  @Test("without merging there are two outputs, then the states of both directions")
  func unmerged() throws {
    var make = LayerSamples()
    let layer = make.pair(
      try make.lstm(3, 2), try make.gru(3, 4), nil, sequence: false, state: true)
    let text = code(layer, outputs: 5)
    #expect(text.contains("KerasBidirectional(KerasLSTM(3, 2, "))
    #expect(text.contains("layer, layer__backward = layer[:, -1], layer__backward[:, 0]"))
    #expect(text.contains("layer__h, layer__c, layer__h_backward = layer__states"))
    #expect(
      text.contains("return layer, layer__backward, layer__h, layer__c, layer__h_backward"))
  }

  @Test("masks reach cells that take them, with what a masked timestep puts out")
  func masked() throws {
    var make = LayerSamples()
    var model = LayerSamples.model(
      .recurrent(make.recurrent(try make.gru(3, 2), .backward, masked: .zero)))
    model.nodes.insert(
      Model.Node(
        name: "m", layerName: "m", layer: .masking(Masking(value: 0)), inputs: [Model.Value("x0")]),
      at: 1)
    model.nodes[2].inputs = [Model.Value("m")]
    model.nodes[2].mask = Model.Value("m", 1)
    let text = code(model)
    #expect(text.contains("reset_after=True, masked_output=\"zero\")"))
    #expect(text.contains("self.layer(m.flip(1), mask=m__mask.flip(1))"))
  }

  @Test("kept states are given again, detached") func stateful() throws {
    var make = LayerSamples()
    let text = code(.recurrent(make.recurrent(try make.lstm(3, 2), stateful: true)))
    #expect(text.contains("self.layer(x0, _torch_states(self._state_of_layer, 2))"))
    #expect(
      text.contains("self._state_of_layer = tuple(state.detach() for state in layer__states)"))
    #expect(text.contains("def reset_states(self):"))
  }

  @Test("a layer for every timestep is a function of one") func timeDistributed() throws {
    var make = LayerSamples()
    let dense = Dense(kernel: try make.tensor([2, 3]), bias: nil, activation: .glu)
    let text = code(.timeDistributed(TimeDistributed(.dense(dense))))
    #expect(text.contains("def layer__step(x):\n            y = F.glu(self.layer(x))"))
    #expect(text.contains("layer = _each_timestep(layer__step, x0)"))
  }

  @Test(
    "a convolution pads as TensorFlow does",
    arguments: [
      (Padding.valid, 1, "self.layer(x0.transpose(1, 2)).transpose(1, 2)"),
      (.same, 1, "F.pad(x0, (0, 0, 1, 2))"), (.causal, 1, "F.pad(x0, (0, 0, 3, 0))"),
      (.same, 2, "F.pad(x0, _same_padding(x0, 4, 2))"),
    ])
  func convolution(padding: Padding, stride: Int, statement: String) throws {
    var make = LayerSamples()
    let layer = Convolution(
      kernel: try make.tensor([2, 3, 4]), bias: nil, activation: .linear, stride: stride,
      dilation: 1, groups: 1, padding: padding)
    #expect(code(.convolution(layer)).contains(statement))
  }

  @Test("axes of inputs of unlike rank are aligned after the batch") func aligned() throws {
    var model = LayerSamples.model(.merge(.maximum), [nil, 4, 3], inputs: 2)
    model.nodes[1].layer = .input(
      Input(shape: [nil, 3], elementType: .float32, acceptsOtherTypes: true))
    #expect(code(model).contains("layer = torch.maximum(x0, x1.unsqueeze(1))"))
  }

  @Test("products along axes keep the others in order") func dot() throws {
    let layer = Layer.merge(.dot(axes: [1, 1], isNormalized: true))
    let text = code(LayerSamples.model(layer, inputs: 2))
    #expect(
      text.contains("torch.einsum(\"bsa,bsc->bac\", _normalized(x0, 1), _normalized(x1, 1))"))
  }

  @Test("an unknown layer is the one thing no code is written for") func opaque() throws {
    let model = LayerSamples.model(
      .opaque(OpaqueLayer(className: "Mystery", tensors: [], outputCount: 1)))
    let findings = PyTorchFidelity.findings(model, withModule: true)
    #expect(findings.map(\.code.rawValue) == ["model.unrepresentable"])
    #expect(findings[0].message.contains("'layer' is of class 'Mystery'"))
  }

  @Test("what a state dict alone can't hold is said for every layer") func unrepresentable() throws
  {
    var make = LayerSamples()
    let layers: [(Layer, String)] = [
      (
        .recurrent(make.recurrent(try make.gru(3, 2, .single, .beforeProduct))),
        "GRU 'layer' applies its reset gate before the product"
      ),
      (
        .recurrent(
          make.recurrent(.stacked(StackedCells([try make.lstm(3, 2, activation: .relu)])))),
        "stack 'layer' has activation relu and recurrent activation sigmoid"
      ),
      (
        .parametricReLU(ParametricReLU(alpha: try make.tensor([4, 3]))),
        "PReLU 'layer' has an alpha per position"
      ),
    ]
    for (layer, message) in layers {
      let findings = PyTorchFidelity.findings(LayerSamples.model(layer), withModule: false)
      #expect(findings.contains { $0.severity == .error && $0.message.hasPrefix(message) })
      let restated = PyTorchFidelity.findings(LayerSamples.model(layer), withModule: true)
      #expect(restated.allSatisfy { $0.severity == .note })
    }
  }

  @Test("what ordinary code has to do beside the modules is a note") func leftToCode() throws {
    var make = LayerSamples()
    let layers: [Layer] = [
      .pooling(Pooling(operation: .average, window: nil, padding: .valid, keepsAxis: false)),
      .reshaping(.flatten), .scaling(Scaling(scale: [2], offset: [0])),
      make.pair(try make.lstm(3, 2), try make.lstm(3, 2), .sum),
    ]
    for layer in layers {
      let findings = PyTorchFidelity.findings(LayerSamples.model(layer), withModule: false)
      #expect(findings.map(\.code.rawValue) == ["model.left-to-code"], "\(layer.title)")
    }
  }
}
