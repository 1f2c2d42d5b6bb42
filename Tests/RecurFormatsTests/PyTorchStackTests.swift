import RecurModel
import RecurPyTorch
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Modules of several layers in generated code")
struct PyTorchStackTests {
  // MARK: models

  private struct Options {
    var isTimeFirst = false
    var hasStates = true
    var hasLengths = false
    var returnsSequence = true
    var key = "encoder.lstm"
  }

  private func input(_ name: String, _ input: Input) -> Model.Node {
    Model.Node(name: name, layerName: name, layer: .input(input), inputs: [])
  }

  private func node(_ name: String, _ layer: Layer, _ inputs: [Model.Value]) -> Model.Node {
    Model.Node(name: name, layerName: name, layer: layer, inputs: inputs)
  }

  /// nn.LSTM(3, 2, num_layers=2, bidirectional=True) with all of its results.
  private func model(_ options: Options) throws -> Model {
    var samples = LayerSamples()
    let axis = options.isTimeFirst ? 1 : 0
    var nodes = [
      input(
        "x",
        Input(
          shape: [nil, nil, 3], elementType: .float32, batchAxis: axis, acceptsOtherTypes: true))
    ]
    var names = ["x"]
    var x = Model.Value("x")
    if options.isTimeFirst {
      nodes.append(node("turned", .reshaping(.exchangeBatchAndTime), [x]))
      x = .init("turned")
    }
    var mask: Model.Value?
    if options.hasLengths {
      nodes.append(
        input("lengths", Input(shape: [nil], elementType: .int64, acceptsOtherTypes: true)))
      nodes.append(node("mask", .lengthMask(LengthMask()), [x, .init("lengths")]))
      mask = .init("mask")
      names.append("lengths")
    }
    if options.hasStates {
      for name in ["h_0", "c_0"] {
        nodes.append(
          input(
            name,
            Input(
              shape: [4, nil, 2], elementType: .float32, batchAxis: 1, isOptional: true,
              acceptsOtherTypes: true)))
        for index in 0..<4 {
          let selection = Layer.selection(Selection(axis: 0, index: index))
          nodes.append(node("\(name).\(index)", selection, [.init(name)]))
        }
        names.append(name)
      }
    }
    for layer in 0..<2 {
      let isSequence = layer == 0 || options.returnsSequence
      let width = layer == 0 ? 3 : 4
      func direction(
        _ end: Recurrent.Direction, _ samples: inout LayerSamples
      ) throws -> Recurrent {
        samples.recurrent(
          try samples.lstm(width, 2, .split), sequence: isSequence, state: true, end,
          masked: options.hasLengths && isSequence ? .zero : .previous)
      }
      let pair = Bidirectional(
        forward: try direction(.forward, &samples), backward: try direction(.backward, &samples),
        mergeMode: .concatenate)
      var own = node("lstm.l\(layer)", .bidirectional(pair), [x])
      own.place = StateDictPlace(key: options.key, layer: layer)
      own.mask = mask
      if options.hasStates {
        own.initialState = (0..<2).flatMap { direction in
          ["h_0", "c_0"].map { Model.Value("\($0).\(2 * layer + direction)") }
        }
      }
      nodes.append(own)
      x = .init("lstm.l\(layer)")
    }
    for (name, output) in [("h_n", 1), ("c_n", 2)] {
      let states = (0..<2).flatMap { layer in
        [output, output + 2].map { Model.Value("lstm.l\(layer)", $0) }
      }
      nodes.append(node(name, .merge(.stack(axis: 0)), states))
    }
    if options.isTimeFirst, options.returnsSequence {
      nodes.append(node("y", .reshaping(.exchangeBatchAndTime), [x]))
      x = .init("y")
    }
    return try Model(
      name: "model", producer: "PyTorch", nodes: nodes, inputs: names,
      outputs: [x, .init("h_n"), .init("c_n")]
    ).validated()
  }

  private func body(_ model: Model) -> [String] {
    PyTorchModule(model).code(source: "a.pt", weights: "b.pt")
      .split(separator: "\n").drop { !$0.hasPrefix("class Model") }.dropFirst(3)
      .map { $0.trimmingPrefix { $0 == " " }.description }
  }

  // MARK: tests

  @Test("one module, given its states as they are, or zeros")
  func states() throws {
    #expect(
      try body(model(Options())) == [
        "self.encoder_lstm = nn.LSTM(3, 2, num_layers=2, batch_first=True, bidirectional=True)",
        "def forward(self, x, h_0=None, c_0=None):",
        "x = x.to(torch.float32)",
        "if h_0 is None:",
        "h_0 = x.new_zeros(4, x.shape[0], 2, dtype=torch.float32)",
        "h_0 = h_0.to(torch.float32)",
        "if c_0 is None:",
        "c_0 = x.new_zeros(4, x.shape[0], 2, dtype=torch.float32)",
        "c_0 = c_0.to(torch.float32)",
        "encoder_lstm, (encoder_lstm__h_n, encoder_lstm__c_n) = self.encoder_lstm(x, (h_0, c_0))",
        "return encoder_lstm, encoder_lstm__h_n, encoder_lstm__c_n",
      ])
  }

  @Test("lengths pack the sequence; timesteps stay first where they are")
  func lengths() throws {
    let options = Options(isTimeFirst: true, hasStates: false, hasLengths: true, key: "")
    #expect(
      try body(model(options)) == [
        "self.lstm = nn.LSTM(3, 2, num_layers=2, bidirectional=True)",
        "def forward(self, x, lengths):",
        "x = x.to(torch.float32)",
        "lstm = nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False)",
        "lstm, (lstm__h_n, lstm__c_n) = self.lstm(lstm)",
        "lstm, _ = nn.utils.rnn.pad_packed_sequence(lstm, total_length=x.shape[0])",
        "return lstm, lstm__h_n, lstm__c_n",
      ])
  }

  @Test("the last output of both directions is their final state")
  func last() throws {
    let options = Options(hasStates: false, hasLengths: true, returnsSequence: false, key: "lstm")
    let lines = try body(model(options))
    #expect(lines.contains("_, (lstm__h_n, lstm__c_n) = self.lstm(lstm)"))
    #expect(lines.contains("lstm = torch.cat((lstm__h_n[-2], lstm__h_n[-1]), -1)"))
    #expect(!lines.contains { $0.contains("pad_packed_sequence") })
  }

  @Test("keys are those of the module, or those it was read from")
  func keys() throws {
    let model = try model(Options())
    let (generated, _) = try StateDictMapping(model).encode()
    #expect(
      generated.names.prefix(4) == [
        "encoder_lstm.weight_ih_l0", "encoder_lstm.weight_hh_l0", "encoder_lstm.bias_ih_l0",
        "encoder_lstm.bias_hh_l0",
      ])
    #expect(generated.names.contains("encoder_lstm.weight_hh_l1_reverse"))
    #expect(generated.names.count == 16)
    let (own, _) = try StateDictMapping(model, keepsPlaces: true).encode()
    #expect(own.names.contains("encoder.lstm.bias_hh_l1_reverse"))
    let (copy, unused) = try StateDictMapping(model).decode(generated)
    #expect(unused.isEmpty)
    #expect(copy.weightedNodes.count == 2)
  }

  @Test("a sequence that something else reads keeps layers apart")
  func apart() throws {
    var model = try model(Options())
    model.outputs.append(.init("lstm.l0"))
    let lines = body(model)
    #expect(lines[0] == "self.lstm_l0 = nn.LSTM(3, 2, batch_first=True, bidirectional=True)")
    #expect(lines[1] == "self.lstm_l1 = nn.LSTM(4, 2, batch_first=True, bidirectional=True)")
    let (tensors, _) = try StateDictMapping(model).encode()
    #expect(tensors.names.contains("lstm_l1.weight_ih_l0_reverse"))
  }

  @Test("a projection is an option of the module, and of the one written out")
  func projection() throws {
    var samples = LayerSamples()
    guard case .lstm(var lstm) = try samples.lstm(3, 6, .none) else {
      Issue.record("no .lstm")
      return
    }
    lstm.projection = try samples.tensor([4, 6])
    lstm.weights.recurrentKernel = try GateMap { _ in try samples.tensor([6, 4]) }
    let layer = Layer.recurrent(samples.recurrent(.lstm(lstm)))
    var model = try LayerSamples.model(layer).validated()
    #expect(
      body(model)[0]
        == "self.layer = nn.LSTM(3, 6, batch_first=True, proj_size=4, bias=False)")
    model.nodes.insert(node("mask", .masking(Masking(value: 0)), [.init("x0")]), at: 1)
    model.nodes[2].mask = .init("mask", 1)
    #expect(
      body(model)[0]
        == "self.layer = KerasLSTM(3, 6, activation=torch.tanh, "
        + "recurrent_activation=torch.sigmoid, proj_size=4, bias=False)")
  }

  @Test("what torch modules compute is no loss without code")
  func fidelity() throws {
    let packed = try model(Options(isTimeFirst: true, hasLengths: true))
    for hasModule in [false, true] {
      #expect(PyTorchFidelity.findings(packed, withModule: hasModule).isEmpty)
    }
  }
}
