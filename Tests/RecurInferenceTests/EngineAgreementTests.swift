import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// The largest difference between two tensors of one shape; infinite where only one has a NaN.
func difference(_ one: Tensor, _ other: Tensor) -> Double {
  guard one.shape == other.shape else { return .infinity }
  var largest = 0.0
  for (a, b) in zip(one.doubles(), other.doubles()) where a != b && !(a.isNaN && b.isNaN) {
    let distance = abs(a - b)
    largest = distance.isNaN ? .infinity : max(largest, distance)
  }
  return largest
}

@Suite("The engine against the reference")
struct EngineAgreementTests {
  @Test("a thousand random models differ by at most 2e-6", arguments: 0..<20)
  func models(part: Int) throws {
    for seed in part * 50..<(part + 1) * 50 {
      let (model, calls) = try RandomModels.model(seed: seed)
      var state = RecurrentState()
      let expected = try calls.map { try model.run($0, state: &state) }
      for kernels in Kernels.available {
        let program = try Program(model, kernels: kernels)
        var own = RecurrentState()
        for (inputs, wanted) in zip(calls, expected) {
          let results = try program.run(inputs, state: &own)
          #expect(results.count == wanted.count)
          for (index, (result, value)) in zip(results, wanted).enumerated() {
            let distance = difference(result, value)
            #expect(
              distance <= 2e-6,
              "output \(index) of model \(seed) on \(kernels): \(model.nodes.map(\.layer.title))")
          }
        }
      }
    }
  }

  @Test("layers over more axes, and products of two inputs, are the reference's")
  func others() throws {
    var numbers = RandomNumbers(seed: 7)
    let x = try numbers.tensor([2, 3, 4, 5], bound: 1)
    guard case .recurrent(var lstm) = try EngineModels.lstm(inputSize: 5, units: 6).nodes[1].layer
    else {
      Issue.record("no recurrent layer")
      return
    }
    lstm.returnsSequence = false
    let input = Model.Node(
      name: "x", layerName: "x",
      layer: .input(Input(shape: [nil, 3, 4, 5], elementType: .float32, acceptsOtherTypes: true)),
      inputs: [])
    func node(_ name: String, _ layer: Layer, _ inputs: String...) -> Model.Node {
      Model.Node(name: name, layerName: name, layer: layer, inputs: inputs.map { Model.Value($0) })
    }
    let model = try Model(
      name: "test", producer: "",
      nodes: [
        input, node("steps", .timeDistributed(TimeDistributed(.recurrent(lstm))), "x"),
        node("flat", .timeDistributed(TimeDistributed(.reshaping(.flatten))), "x"),
        node("dot", .merge(.dot(axes: [2, 2], isNormalized: true)), "steps", "steps"),
        node("stack", .merge(.stack(axis: 1)), "steps", "steps", "steps"),
        node("turned", .reshaping(.permute([3, 1, 2])), "x"),
        node("shaped", .reshaping(.reshape([nil, 2])), "turned"),
      ], inputs: ["x"],
      outputs: ["steps", "flat", "dot", "stack", "turned", "shaped"].map { Model.Value($0) }
    ).validated()
    for kernels in Kernels.available {
      let results = try Program(model, kernels: kernels).run([x])
      for (result, value) in zip(results, try model.run([x])) {
        #expect(difference(result, value) <= 2e-6)
      }
    }
  }

  @Test("every activation is the reference's", arguments: Kernels.available)
  func activations(kernels: Kernels) throws {
    let others: [Activation] = [
      .exponential, .hardShrink(threshold: 0.5), .threshold(at: 0.1, otherwise: -1), .glu,
    ]
    let numbers: [Float] = [
      0, -0.0, 1e-20, 0.1, -0.1, 0.5, -0.5, 1, -1, 1.5, -2, 3, -3, 5, 6.5, -7, 9, -9, 0.25, 2.5,
    ]
    for activation in RandomModels.activations + others {
      let model = oneLayer(.activation(activation), width: 20)
      let x = try Tensor.float32(numbers, shape: [1, 1, 20])
      let expected = try model.run([x])[0]
      let result = try Program(model, kernels: kernels).run([x])[0]
      for (value, wanted) in zip(result.doubles(), expected.doubles()) {
        #expect(
          abs(value - wanted) <= 2.5e-7 * max(1, abs(wanted)), "\(activation.name) on \(kernels)")
      }
    }
  }

  @Test("layers in 16 bits round as the reference in Float does, bit for bit")
  func halves() throws {
    for seed in 0..<60 {
      var (model, calls) = try RandomModels.model(seed: seed)
      for index in model.nodes.indices {
        model.nodes[index].precision = seed.isMultiple(of: 2) ? .float16 : .bfloat16
      }
      let program = try Program(model)
      var (state, own) = (RecurrentState(), RecurrentState())
      for inputs in calls {
        let expected = try model.runInFloat(inputs, state: &state)
        let results = try program.run(inputs, state: &own)
        for (result, value) in zip(results, expected) {
          #expect(result.floats().map(\.bitPattern) == value.floats().map(\.bitPattern))
        }
      }
      calls.removeAll()
    }
  }

  // MARK: errors

  @Test("float64 is refused by name") func precision() throws {
    var model = oneLayer(.activation(.tanh), width: 3)
    model.nodes[1].precision = .float64
    let diagnostic = expectDiagnostic("engine.precision") { try Program(model) }
    #expect(
      diagnostic?.message
        == "Activation(tanh) 'layer' computes in float64, and the engine in float32")
    #expect(model.needsReference)
  }

  @Test("a table with more rows than float32 can count is refused by name") func tableSize() throws
  {
    // One number that stands for every row.
    func table(rows: Int) throws -> Embedding {
      Embedding(
        table: try Tensor(
          ByteRegion(ByteStorage(copying: [0, 0, 0, 0])), .float32, shape: [rows, 1],
          strides: [0, 0], offset: 0), masksZero: false, cutsFractions: false)
    }
    let large = try table(rows: 1 << 24 + 1)
    let model = oneLayer(.embedding(large), width: 3)
    expectDiagnostic("engine.precision") { try Program(model) }
    #expect(model.needsReference)
    #expect(!oneLayer(.embedding(try table(rows: 1 << 24)), width: 3).needsReference)
  }

  @Test("what can't be run is refused as by the reference") func refusals() throws {
    var model = oneLayer(
      .opaque(OpaqueLayer(className: "Mystery", tensors: [], outputCount: 1)), width: 3)
    let x = try Tensor.float32([1, 2, 3], shape: [1, 1, 3])
    expectSameError(model, [x])
    model.isConnected = false
    expectSameError(model, [x])
  }

  @Test("inputs that do not fit are refused as by the reference") func inputs() throws {
    let layer = oneLayer(.activation(.tanh), width: 3)
    for shape in [[1, 3], [1, 2, 4], [0, 1, 3]] {
      let zeros = [Float](repeating: 0, count: shape.reduce(1, *))
      expectSameError(layer, [try .float32(zeros, shape: shape)])
    }
    expectSameError(layer, [])
    let table = try Tensor.float32([1, 2, 3, 4], shape: [2, 2])
    let tokens = oneLayer(
      .embedding(Embedding(table: table, masksZero: false, cutsFractions: false)), width: nil)
    for token: Float in [2, -1, .nan, 0.5] {
      expectSameError(tokens, [try .float32([0, token], shape: [1, 2])])
    }
    let cutting = oneLayer(
      .embedding(Embedding(table: table, masksZero: false, cutsFractions: true)), width: nil)
    let cut = try Program(cutting).run([.float32([0, 1.5], shape: [1, 2])])
    #expect(cut[0].floats() == [1, 2, 3, 4])
  }

  /// One layer over `[batch, timesteps, width]`, or over tokens.
  private func oneLayer(_ layer: Layer, width: Int?) -> Model {
    Model(
      name: "test", producer: "",
      nodes: [
        Model.Node(
          name: "x", layerName: "x",
          layer: .input(
            Input(
              shape: [nil, nil] + (width.map { [$0] } ?? []), elementType: .float32,
              acceptsOtherTypes: true)),
          inputs: []),
        Model.Node(name: "layer", layerName: "layer", layer: layer, inputs: [Model.Value("x")]),
      ], inputs: ["x"], outputs: [Model.Value("layer")])
  }

  private func expectSameError(
    _ model: Model, _ inputs: [Tensor], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let expected = #expect(throws: CheckpointError.self, sourceLocation: sourceLocation) {
      try model.run(inputs)
    }
    let error = #expect(throws: CheckpointError.self, sourceLocation: sourceLocation) {
      try Program(model).run(inputs)
    }
    #expect(error == expected, sourceLocation: sourceLocation)
  }
}
