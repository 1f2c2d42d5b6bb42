#if HDF5Writing
  import Foundation
  import Recur
  import RecurContainers
  import RecurFormats
  import RecurModel
  import RecurTensors
  import RecurTestSupport
  import Testing

  @Suite("What is written for Keras")
  struct KerasWritingTests {
    @Test("every bit of every weight comes back", arguments: Fixture.withGolden)
    func roundTrip(fixture: Fixture) throws {
      let checkpoint = try Checkpoint(
        opening: TestData.path(fixture.path), architecture: fixture.architecturePath)
      // hard_sigmoid is rescaled for the other generation of Keras, which rounds weights.
      let producer = checkpoint.model.producer
      let home = producer.hasPrefix("Keras 3") || producer == "PyTorch" ? "keras" : "keras2-h5"
      try TestData.withFolder { folder in
        let path = folder.appending(path: "model").path(percentEncoded: false)
        let conversion: Conversion
        do {
          conversion = try checkpoint.convert(to: path, format: FileFormat(rawValue: home))
        } catch let error as CheckpointError {
          // A model that a format can't hold is refused, and no file is left behind.
          #expect(
            ["model.unrepresentable", "pytorch.inputs.undeclared"].contains(
              error.diagnostic.code.rawValue), "\(error)")
          #expect(!FileManager.default.fileExists(atPath: path))
          return
        }
        // Two biases of a layer become one; only a sum of two that are not zero is rounded.
        guard !conversion.diagnostics.contains(where: { $0.code.rawValue == "model.bias.merged" })
        else {
          #expect(conversion.isRounded || conversion.largestDifference == 0)
          return
        }
        #expect(!conversion.isRounded)
        #expect(conversion.largestDifference == 0)
        let copy = try Checkpoint(opening: path)
        #expect(copy.model.weightedNodes.count == checkpoint.model.weightedNodes.count)
        // Branches of a graph may be written in another order, and models inside lose their names.
        var copies = copy.model.weightedNodes.map(\.layer)
        for one in checkpoint.model.weightedNodes {
          // In .h5 files the moments of a Normalization are options.
          let isOption = if case .standardization = one.layer { home == "keras2-h5" } else { false }
          let index = copies.firstIndex { other in
            let (mine, others) = (one.layer.tensors, other.tensors)
            return mine.map(\.role) == others.map(\.role)
              && zip(mine, others).allSatisfy { tensor, copied in
                isOption
                  ? tensor.tensor.doubles() == copied.tensor.doubles()
                  : tensor.tensor.isBitEqual(to: copied.tensor)
              }
          }
          #expect(index != nil, "\(one.layerName)")
          if let index { copies.remove(at: index) }
        }
      }
    }

    @Test(
      "the same model gives the same bytes",
      arguments: ["keras", "keras-h5", "keras-weights", "keras2-h5"])
    func deterministic(format: String) throws {
      let checkpoint = try Checkpoint(opening: TestData.path("keras3/masking_lstm_dense.h5"))
      try TestData.withFolder { folder in
        var contents: [Data] = []
        for name in ["a", "b"] {
          let url = folder.appending(path: name)
          let conversion = try checkpoint.convert(
            to: url.path(percentEncoded: false), format: FileFormat(rawValue: format))
          #expect(conversion.largestDifference == 0)
          #expect(!conversion.isRounded)
          #expect(conversion.wasRun == (format != "keras-weights"))
          contents.append(try Data(contentsOf: url))
        }
        #expect(contents[0] == contents[1])
      }
    }

    @Test("the ending chooses the format, the longest first")
    func endings() throws {
      #expect(try FormatRegistry.all.encoding(forPath: "x.weights.h5").id == "keras-weights")
      #expect(try FormatRegistry.all.encoding(forPath: "x.h5").id == "keras-h5")
      #expect(try FormatRegistry.all.encoding(forPath: "x.keras").id == "keras")
      #expect(try FormatRegistry.all.encoding(forPath: "x.h5", id: "keras2-h5").id == "keras2-h5")
      let unknown = #expect(throws: CheckpointError.self) {
        try FormatRegistry.all.encoding(forPath: "x.h5", id: "keras2_h5")
      }
      #expect(unknown?.diagnostic.code.rawValue == "file.format-unknown")
      #expect(unknown?.diagnostic.hint == "did you mean 'keras2-h5'?")
    }

    /// Converts a model and opens what was written.
    private func converted(
      _ model: Model, to format: String
    ) throws -> (encoded: any EncodedModel, copy: Model) {
      let encoding = try FormatRegistry.all.encoding(forPath: "", id: format)
      let encoded = try encoding.encode(model, options: EncodeOptions(source: "test"))
      var sink = MemorySink()
      try encoded.write(to: &sink)
      let read = try encoded.readBack(
        FileProbe(path: "written", bytes: TestData.region(sink.bytes)))
      guard case .model(let copy) = read else { throw CheckpointError(.fileNoModel, "no model") }
      return (encoded, copy)
    }

    private func refusals(_ model: Model, to format: String) throws -> [String] {
      let encoding = try FormatRegistry.all.encoding(forPath: "", id: format)
      let error = #expect(throws: CheckpointError.self) {
        try encoding.encode(model, options: EncodeOptions(source: "test"))
      }
      #expect(
        error?.diagnostics.filter { $0.severity == .error }
          .allSatisfy { $0.code.rawValue == "model.unrepresentable" } == true)
      return error?.diagnostics.map(\.message) ?? []
    }

    // MARK: models

    private func tensor(_ shape: [Int], _ seed: Float = 0.3) throws -> Tensor {
      let count = shape.reduce(1, *)
      return try .float32((0..<count).map { seed * Float(($0 * 7) % 5 - 2) + 0.01 }, shape: shape)
    }

    private func lstm(
      bias: RecurrentWeights<LSTMGate>.Bias, activation: Activation = .tanh,
      recurrentActivation: Activation = .sigmoid
    ) throws -> LSTM {
      LSTM(
        inputSize: 3, units: 2,
        weights: RecurrentWeights(
          kernel: try GateMap { _ in try tensor([2, 3]) },
          recurrentKernel: try GateMap { _ in try tensor([2, 2]) }, bias: bias),
        activation: activation, recurrentActivation: recurrentActivation)
    }

    private func recurrent(_ cell: RecurrentCell) -> Recurrent {
      Recurrent(
        cell: cell, returnsSequence: true, returnsState: false, direction: .forward,
        isStateful: false, keptStateWins: false, maskedOutput: .previous)
    }

    private func chain(_ layers: [(String, Layer)]) -> Model {
      var nodes = [
        Model.Node(
          name: "x", layerName: "x",
          layer: .input(Input(shape: [nil, 5, 3], elementType: .float32, acceptsOtherTypes: true)),
          inputs: [])
      ]
      for (name, layer) in layers {
        nodes.append(
          Model.Node(
            name: name, layerName: name, layer: layer, inputs: [.init(nodes[nodes.count - 1].name)])
        )
      }
      return Model(
        name: "model", producer: "test", nodes: nodes, inputs: ["x"],
        outputs: [.init(nodes[nodes.count - 1].name)])
    }

    // MARK: numbers

    @Test("two biases become their sum, rounded once; a zero one changes nothing")
    func mergedBiases() throws {
      let one = try GateMap<LSTMGate, Tensor> { _ in try tensor([2], 0.1) }
      let other = try GateMap<LSTMGate, Tensor> { _ in try tensor([2], 0.7) }
      let zero = try GateMap<LSTMGate, Tensor> { _ in try .zeros(.float32, shape: [2]) }
      let split = chain([
        ("lstm", .recurrent(recurrent(.lstm(try lstm(bias: .split(input: one, recurrent: other))))))
      ])
      let (encoded, copy) = try converted(split, to: "keras")
      #expect(encoded.isRounded)
      #expect(encoded.diagnostics.map(\.code.rawValue) == ["model.bias.merged"])
      guard case .single(let bias) = try copy.lstm(named: "lstm").weights.bias else {
        Issue.record("the bias is not one")
        return
      }
      let sums = zip(one[.forget].doubles(), other[.forget].doubles())
        .map { Double(Float($0 + $1)) }
      #expect(bias[.forget].doubles() == sums)

      let half = chain([
        ("lstm", .recurrent(recurrent(.lstm(try lstm(bias: .split(input: one, recurrent: zero))))))
      ])
      let exact = try converted(half, to: "keras-h5")
      #expect(!exact.encoded.isRounded)
      #expect(exact.encoded.diagnostics.first?.message.contains("nothing was rounded") == true)
    }

    @Test("hard_sigmoid of Keras 2 is restated by weights in Keras 3, exact in its own format")
    func hardSigmoid() throws {
      let model = chain([
        (
          "lstm",
          .recurrent(
            recurrent(.lstm(try lstm(bias: .none, recurrentActivation: .hardSigmoidOfFifths))))
        ), ("activation", .activation(.hardSigmoidOfFifths)),
      ])
      let (encoded, copy) = try converted(model, to: "keras")
      #expect(
        encoded.diagnostics.map(\.code.rawValue) == [
          "keras.hard-sigmoid.rescaled", "keras.hard-sigmoid.rescaled",
        ])
      #expect(encoded.diagnostics.allSatisfy { $0.severity == .warning })
      let (before, after) = (try model.lstm(named: "lstm"), try copy.lstm(named: "lstm"))
      #expect(after.recurrentActivation == .hardSigmoidOfSixths)
      let scaled = before.weights.kernel[.forget].doubles().map { Double(Float($0 * 1.2)) }
      #expect(after.weights.kernel[.forget].doubles() == scaled)
      #expect(
        after.weights.kernel[.cell].doubles() == before.weights.kernel[.cell].doubles())
      #expect(copy.node("activation_rescaled")?.layer.title == "Rescaling")

      let own = try converted(model, to: "keras2-h5")
      #expect(!own.encoded.isRounded && own.encoded.diagnostics.isEmpty)
      #expect(try own.copy.lstm(named: "lstm").recurrentActivation == .hardSigmoidOfFifths)
    }

    // MARK: refusals

    @Test("what has no form in the target is refused by name, all of it at once")
    func refused() throws {
      let onCell = chain([
        (
          "a",
          .recurrent(recurrent(.lstm(try lstm(bias: .none, activation: .hardSigmoidOfFifths))))
        ), ("b", .activation(.squareplus(b: 2))),
        ("c", .opaque(OpaqueLayer(className: "Lambda", tensors: [], outputCount: 1))),
      ])
      let messages = try refusals(onCell, to: "keras")
      #expect(messages.count == 3)
      #expect(messages[0].hasPrefix("LSTM 'a' applies hard_sigmoid(0.2x+0.5) to its cell"))
      #expect(messages[1].hasPrefix("'b' applies squareplus"))
      #expect(messages[2].hasPrefix("'c' is of class 'Lambda'"))
      let glu = try refusals(
        chain([
          ("d", .activation(.relu6)), ("e", .activation(.mish)), ("f", .activation(.hardSilu)),
        ]), to: "keras2-h5")
      #expect(glu.count == 1 && glu[0].contains("'f' applies hard_silu"))
      var loose = chain([("lstm", .recurrent(recurrent(.lstm(try lstm(bias: .none)))))])
      loose.isConnected = false
      #expect(try refusals(loose, to: "keras").count == 1)
      let nested = chain([("inner/lstm", .recurrent(recurrent(.lstm(try lstm(bias: .none)))))])
      #expect(try refusals(nested, to: "keras-weights")[0].contains("'inner/lstm'"))
    }

    @Test("layers keep their names where Keras can have them")
    func names() throws {
      let cell = RecurrentCell.lstm(try lstm(bias: .none))
      let model = chain([
        ("outer/lstm", .recurrent(recurrent(cell))), ("outer_lstm", .activation(.relu)),
        ("ü x", .activation(.tanh)),
      ])
      let (encoded, copy) = try converted(model, to: "keras")
      #expect(copy.nodes.map(\.layerName) == ["x", "outer_lstm_1", "outer_lstm", "__x"])
      #expect(encoded.diagnostics.map(\.code.rawValue) == ["keras.layer.renamed"])
      #expect(encoded.diagnostics[0].notes.count == 2)
    }

    // MARK: masks

    @Test("a mask that Keras hands on is left to it; another is given; an unwanted one is stopped")
    func masks() throws {
      let cell = RecurrentCell.lstm(try lstm(bias: .none))
      var model = chain([
        ("masking", .masking(Masking(value: 0))),
        ("dropout", .identity(Identity(className: "Dropout"))),
        ("lstm", .recurrent(recurrent(cell))),
      ])
      model.nodes[3].mask = .init("masking", 1)
      let own = try converted(model, to: "keras-h5")
      #expect(own.encoded.diagnostics.map(\.code.rawValue) == ["keras.rate.unknown"])
      #expect(own.copy.node("lstm")?.mask == .init("masking", 1))

      model.nodes[3].mask = nil
      let stopped = try converted(model, to: "keras2-h5")
      #expect(stopped.copy.node("lstm_unmasked")?.layer.title == "Permute(1, 2)")
      #expect(stopped.copy.node("lstm")?.mask == nil)

      model.nodes[3].mask = .init("masking", 1)
      model.nodes[2].layer = .reshaping(.permute([1, 2]))
      let explicit = try converted(model, to: "keras")
      #expect(explicit.copy.node("lstm")?.mask == .init("masking_any"))
      #expect(explicit.encoded.diagnostics.map(\.code.rawValue) == ["keras.mask.restated"])
      for format in ["keras-h5", "keras2-h5"] {
        #expect(try refusals(model, to: format)[0].hasPrefix("'lstm' is given a mask"))
      }
    }

    // tf_keras 2.21 multiplies the mask [batch, timesteps] with the reshaped input and refuses:
    //   Sequential([Input((4, 6)), Masking(), GroupNormalization(2)])
    @Test("a mask is kept from tf.keras' GroupNormalization, which fails with one")
    func maskBeforeGroups() throws {
      let groups = GroupNormalization(gamma: nil, beta: nil, width: 3, groups: 1, epsilon: 1e-3)
      let model = chain([
        ("masking", .masking(Masking(value: 0))), ("groups", .groupNormalization(groups)),
      ])
      let stopped = try converted(model, to: "keras2-h5").copy
      #expect(stopped.node("groups_unmasked")?.layer.title == "Permute(1, 2)")
      #expect(stopped.node("groups")?.inputs == [.init("groups_unmasked")])
      let passed = try converted(model, to: "keras").copy
      #expect(passed.nodes.count == model.nodes.count)
    }

    @Test("the least norm of a UnitNormalization is its framework's: another one is told")
    func leastNorm() throws {
      for (epsilon, format, told) in [
        (1e-6, "keras", nil), (1e-6, "keras-h5", "1e-12"), (1e-6, "keras2-h5", nil),
        (1e-12, "keras2-h5", "1e-06"), (1e-12, "keras-h5", nil),
      ] as [(Double, String, String?)] {
        let layer = UnitNormalization(axes: [-1], epsilon: epsilon)
        let encoded = try converted(chain([("unit", .unitNormalization(layer))]), to: format)
          .encoded
        #expect(encoded.diagnostics.map(\.code) == (told == nil ? [] : [.modelUnrepresentable]))
        #expect(encoded.diagnostics.first?.found == told)
        #expect(encoded.diagnostics.allSatisfy { $0.severity == .warning && $0.hint != nil })
      }
    }

    @Test(
      "what computes across the batch is refused by name before it is written",
      arguments: [
        Layer.reduction(Reduction(.sum, axes: [0], keepsAxes: true)),
        .reduction(Reduction(.mean, axes: [-3], keepsAxes: false)),
        .softmax(Softmax(axes: [0], isLogarithm: false)),
      ])
    func acrossBatch(layer: Layer) throws {
      for format in ["keras", "keras-h5"] {
        let refused = expectDiagnostic("model.unrepresentable") {
          try converted(chain([("across", layer)]), to: format)
        }
        #expect(
          refused?.message.hasPrefix("'across', \(layer.title), computes across axis 0") == true,
          "\(refused?.message ?? "")")
      }
    }

    @Test("not a number is a number to Python")
    func notANumber() throws {
      let text = JSONValue.array([.number(.nan), .number(-.infinity), 0.5]).pythonText
      #expect(text == "[NaN,-Infinity,0.5]")
      let (_, copy) = try converted(
        chain([("masking", .masking(Masking(value: .nan)))]), to: "keras")
      guard case .masking(let masking) = copy.node("masking")?.layer else {
        Issue.record("no masking")
        return
      }
      #expect(masking.value.isNaN)
    }
  }
#endif
