#if HDF5Writing
  import Recur
  import RecurContainers
  import RecurFormats
  import RecurInference
  import RecurModel
  import RecurTensors
  import RecurTestSupport
  import Testing

  @Suite("Models of torch.nn in Keras' words")
  struct KerasOperationTests {
    // MARK: models

    private func input(
      _ name: String, _ shape: [Int?], batchAxis: Int = 0, isOptional: Bool = false,
      _ type: ElementType = .float32
    ) -> Model.Node {
      Model.Node(
        name: name, layerName: name,
        layer: .input(
          Input(
            shape: shape, elementType: type, batchAxis: batchAxis, isOptional: isOptional,
            acceptsOtherTypes: true)),
        inputs: [])
    }

    private func node(
      _ name: String, _ layer: Layer, _ inputs: [Model.Value], mask: Model.Value? = nil,
      _ states: [Model.Value] = []
    ) -> Model.Node {
      Model.Node(
        name: name, layerName: name, layer: layer, inputs: inputs, mask: mask,
        initialState: states, place: StateDictPlace(key: "lstm", layer: 0))
    }

    /// nn.LSTM(3, 4), timesteps first, called with its states.
    private func turned(isOptional: Bool = false) throws -> Model {
      var samples = LayerSamples()
      let lstm = samples.recurrent(try samples.lstm(3, 4, .split), state: true)
      let nodes = [
        input("x", [nil, nil, 3], batchAxis: 1),
        input("h_0", [1, nil, 4], batchAxis: 1, isOptional: isOptional),
        input("c_0", [1, nil, 4], batchAxis: 1, isOptional: isOptional),
        node("turned", .reshaping(.exchangeBatchAndTime), [.init("x")]),
        node("h", .selection(Selection(axis: 0, index: 0)), [.init("h_0")]),
        node("c", .selection(Selection(axis: 0, index: 0)), [.init("c_0")]),
        node("lstm", .recurrent(lstm), [.init("turned")], [.init("h"), .init("c")]),
        node("y", .reshaping(.exchangeBatchAndTime), [.init("lstm")]),
        node("h_n", .merge(.stack(axis: 0)), [.init("lstm", 1)]),
        node("c_n", .merge(.stack(axis: 0)), [.init("lstm", 2)]),
      ]
      return Model(
        name: "model", producer: "PyTorch", nodes: nodes, inputs: ["x", "h_0", "c_0"],
        outputs: [.init("y"), .init("h_n"), .init("c_n")])
    }

    /// A layer over a padded sequence, and the last timestep that counts.
    private func packed(_ layer: Layer, selects index: Int = -1) -> Model {
      Model(
        name: "model", producer: "PyTorch",
        nodes: [
          input("x", [nil, nil, 3]), input("lengths", [nil], .int64),
          node("mask", .lengthMask(LengthMask()), [.init("x"), .init("lengths")]),
          node("layer", layer, [.init("x")], mask: .init("mask")),
          node(
            "last", .selection(Selection(axis: 1, index: index)), [.init("layer")],
            mask: .init("mask")),
        ], inputs: ["x", "lengths"], outputs: [.init("last")])
    }

    private func converted(
      _ model: Model, to format: String = "keras"
    ) throws -> (encoded: any EncodedModel, copy: Model) {
      let encoding = try FormatRegistry.all.encoding(forPath: "", id: format)
      let encoded = try encoding.encode(
        try model.validated(), options: EncodeOptions(source: "test"))
      var sink = MemorySink()
      try encoded.write(to: &sink)
      let read = try encoded.readBack(
        FileProbe(path: "written", bytes: TestData.region(sink.bytes)))
      guard case .model(let copy) = read else { throw CheckpointError(.fileNoModel, "no model") }
      return (encoded, copy)
    }

    private func refusal(_ model: Model, to format: String) throws -> Diagnostic {
      let encoding = try FormatRegistry.all.encoding(forPath: "", id: format)
      let error = #expect(throws: CheckpointError.self) {
        try encoding.encode(model, options: EncodeOptions(source: "test"))
      }
      return try #require(error?.diagnostic)
    }

    private func sequence(_ shape: [Int]) throws -> Tensor {
      try .float32((0..<shape.reduce(1, *)).map { Float($0 % 7) / 4 - 0.6 }, shape: shape)
    }

    /// Whether both models compute the same numbers.
    private func expectEqual(_ one: Model, _ other: Model, _ inputs: [Tensor]) throws {
      for (mine, others) in zip(try one.run(inputs), try other.run(inputs)) {
        #expect(mine.shape == others.shape)
        #expect(mine.doubles() == others.doubles())
      }
    }

    // MARK: tests

    @Test("states [layers, batch, units] and timesteps first come back as they were")
    func statesFirst() throws {
      let model = try turned()
      let (encoded, copy) = try converted(model)
      #expect(encoded.isRounded)
      #expect(
        encoded.diagnostics.map { "\($0.code.rawValue) \($0.severity)" } == [
          "model.bias.merged warning"
        ])
      #expect(copy.nodes.map(\.layer.title) == model.nodes.map(\.layer.title))
      for name in model.inputs {
        guard case .input(let own) = copy.node(name)?.layer else {
          Issue.record("no input '\(name)'")
          continue
        }
        #expect(own.batchAxis == 1)
      }
      let outputs = try copy.run([
        sequence([5, 2, 3]), sequence([1, 2, 4]), sequence([1, 2, 4]),
      ])
      #expect(outputs.map(\.shape) == [[5, 2, 4], [1, 2, 4], [1, 2, 4]])
    }

    /// The config that is written of a model.
    private func config(_ model: Model) throws -> String {
      let encoding = try FormatRegistry.all.encoding(forPath: "", id: "keras")
      var sink = MemorySink()
      try encoding.encode(model.validated(), options: EncodeOptions(source: "test"))
        .write(to: &sink)
      let archive = try ZipArchive(TestData.region(sink.bytes))
      let entry = try #require(archive["config.json"])
      return try #require(try archive.content(of: entry).text())
    }

    @Test(
      "bounds of integers are integers, and one that does nothing is not written",
      arguments: [
        (1.0, nil, "Maximum", [1.0, 1, 2, 9]), (nil, 3, "Minimum", [-2, 0, 2, 3]),
        (0, 3, "Clip", [0, 0, 2, 3]),
      ] as [(Double?, Double?, String, [Double])])
    func integerBounds(
      least: Double?, most: Double?, className: String, expected: [Double]
    ) throws {
      let model = Model(
        name: "model", producer: "PyTorch",
        nodes: [
          input("x", [nil, 4], .int64),
          node("bounded", .clamp(Clamp(minimum: least, maximum: most)), [.init("x")]),
        ], inputs: ["x"], outputs: [.init("bounded")])
      let text = try config(model)
      #expect(text.contains("\"class_name\":\"\(className)\""), "\(text)")
      #expect(!text.contains("Infinity") && !text.contains("1.0"))
      let (_, copy) = try converted(model)
      let x = try Tensor.float64([-2, 0, 2, 9], shape: [1, 4])
      #expect(try copy.run([x])[0].doubles() == expected)
      #expect(
        try refusal(
          Model(
            name: "model", producer: "PyTorch",
            nodes: [
              input("x", [nil, 4], .int64),
              node("bounded", .clamp(Clamp(minimum: 0.5, maximum: nil)), [.init("x")]),
            ], inputs: ["x"], outputs: [.init("bounded")]), to: "keras"
        ).message.contains("bounds that are no integers"))
    }

    @Test("tokens with the timesteps first are told behind the embedding too")
    func tokensFirst() throws {
      var samples = LayerSamples()
      let table = try samples.tensor([7, 3])
      let model = Model(
        name: "model", producer: "PyTorch",
        nodes: [
          input("x", [nil, nil], batchAxis: 1, .int64),
          node(
            "rows", .embedding(Embedding(table: table, masksZero: false, cutsFractions: false)),
            [.init("x")]),
          node("turned", .reshaping(.exchangeBatchAndTime), [.init("rows")]),
          node("gru", .recurrent(samples.recurrent(try samples.gru(3, 2))), [.init("turned")]),
        ], inputs: ["x"], outputs: [.init("gru")])
      let (_, copy) = try converted(model)
      guard case .input(let own) = copy.node("x")?.layer else {
        Issue.record("no input")
        return
      }
      #expect(own.batchAxis == 1)
      try expectEqual(model, copy, [.float64([1, 2, 3, 4, 5, 6], shape: [3, 2])])
    }

    @Test("inputs that may be left out are refused by the name of the module")
    func optionalInputs() throws {
      let problem = try refusal(turned(isOptional: true), to: "keras")
      #expect(problem.code.rawValue == "pytorch.inputs.undeclared")
      #expect(
        problem.message == "'lstm' may be called with or without its initial state, and a Keras "
          + "model takes one fixed list of inputs")
      #expect(
        problem.hint
          == "inputs: [\"x\"] for states of zeros, or inputs: [\"x\", \"h_0\", \"c_0\"]")
    }

    @Test(
      "operations are refused where Keras can't load them", arguments: ["keras-h5", "keras2-h5"])
    func withoutOperations(format: String) throws {
      let problem = try refusal(turned(), to: format)
      #expect(problem.code.rawValue == "model.unrepresentable")
      #expect(problem.message.hasPrefix("6 nodes of the model are operations"))
      #expect(problem.notes.count == 6 && problem.notes[0] == "'turned' is Transpose(1, 0)")
      #expect(problem.hint == "write .keras, which can hold operations")
      var samples = LayerSamples()
      let pair = try samples.pair(samples.gru(3, 2), samples.gru(3, 2))
      #expect(try refusal(packed(pair), to: format).code.rawValue == "model.unrepresentable")
    }

    @Test("a projection is refused, for weights alone too")
    func projection() throws {
      var samples = LayerSamples()
      var model = try turned()
      guard case .lstm(var lstm) = try samples.lstm(3, 6, .none) else {
        Issue.record("no .lstm")
        return
      }
      lstm.projection = try samples.tensor([4, 6])
      lstm.weights.recurrentKernel = try GateMap { _ in try samples.tensor([6, 4]) }
      let layer = Layer.recurrent(samples.recurrent(.lstm(lstm), state: true))
      model.nodes[6].layer = layer
      for format in ["keras", "keras-h5", "keras2-h5", "keras-weights"] {
        let problem = try refusal(format == "keras" ? model : LayerSamples.model(layer), to: format)
        #expect(problem.code.rawValue == "model.unrepresentable")
        #expect(problem.message.contains("projects its output from 6 to 4 numbers"))
      }
    }

    @Test("peepholes are refused, for weights alone and by torch's formats too")
    func peepholes() throws {
      var samples = LayerSamples()
      guard case .lstm(var lstm) = try samples.lstm(3, 6, .none) else {
        Issue.record("no .lstm")
        return
      }
      lstm.peepholes = LSTM.Peepholes(
        input: try samples.tensor([6]), forget: try samples.tensor([6]),
        output: try samples.tensor([6]))
      let layer = Layer.recurrent(samples.recurrent(.lstm(lstm), state: true))
      for format in ["keras", "keras-h5", "keras2-h5", "keras-weights", "pytorch", "safetensors"] {
        let problem = try refusal(LayerSamples.model(layer), to: format)
        #expect(problem.code.rawValue == "model.unrepresentable")
        #expect(problem.message.contains("see the cell (peepholes)"))
      }
    }

    @Test("lengths become a mask of operations and come back as lengths")
    func lengths() throws {
      var samples = LayerSamples()
      let layer = Layer.bidirectional(
        Bidirectional(
          forward: samples.recurrent(try samples.gru(3, 2), masked: .zero),
          backward: samples.recurrent(try samples.gru(3, 2), .backward, masked: .zero),
          mergeMode: .concatenate))
      let lengths = try Tensor.float64([5, 2], shape: [2])
      for index in [-1, 0] {
        let model = packed(layer, selects: index)
        let (encoded, copy) = try converted(model)
        #expect(encoded.diagnostics.map(\.code.rawValue) == ["keras.mask.restated"])
        #expect(copy.nodes.contains { $0.layer.title == "LengthMask" })
        try expectEqual(model, copy, [sequence([2, 5, 3]), lengths])
      }
    }

    @Test("the last timestep that counts of one direction is what the layer puts out")
    func lastOfOneDirection() throws {
      var samples = LayerSamples()
      let model = packed(.recurrent(samples.recurrent(try samples.gru(3, 2), masked: .zero)))
      let (_, copy) = try converted(model)
      #expect(copy.nodes.map(\.layer.title) == ["Input", "Input", "LengthMask", "GRU(2)"])
      let lengths = try Tensor.float64([5, 2], shape: [2])
      try expectEqual(model, copy, [sequence([2, 5, 3]), lengths])

      var plain = model
      plain.nodes.remove(at: 2)
      for index in plain.nodes.indices { plain.nodes[index].mask = nil }
      for format in ["keras", "keras-h5", "keras2-h5"] {
        plain.nodes.removeAll { $0.name == "lengths" }
        plain.inputs = ["x"]
        let (_, last) = try converted(plain, to: format)
        #expect(last.nodes.map(\.layer.title) == ["Input", "GRU(2)"])
        try expectEqual(plain, last, [sequence([2, 5, 3])])
      }
    }

    @Test("a selection by any other mask is refused")
    func otherMask() throws {
      var samples = LayerSamples()
      let layer = samples.recurrent(try samples.gru(3, 2), .backward)
      var model = packed(.recurrent(layer))
      model.nodes[2] = node("mask", .anyTrue(AnyTrue(axis: -1, keepsAxis: false)), [.init("x")])
      let problem = try refusal(model, to: "keras")
      #expect(problem.message.hasPrefix("'last' is Select(axis 1, -1) of the timesteps"))
    }
  }
#endif
