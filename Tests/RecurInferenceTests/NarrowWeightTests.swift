import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Weights in float16, bfloat16 and int8")
struct NarrowWeightTests {
  /// The model with the matrices of some layers changed.
  private func changed(
    _ model: Model, _ layers: [String], _ change: (Tensor) throws(CheckpointError) -> Tensor
  ) throws -> Model {
    var copy = model
    for index in copy.nodes.indices where layers.contains(copy.nodes[index].layerName) {
      copy.nodes[index].layer = try copy.nodes[index].layer.mappingTensors {
        (tensor: Tensor) throws(CheckpointError) -> Tensor in
        tensor.rank < 2 ? tensor : try change(tensor)
      }
    }
    return copy
  }

  private func bits(_ tensor: Tensor) -> [UInt32] { tensor.floats().map(\.bitPattern) }

  /// What int8 makes of a matrix: integers times the scale of each row.
  private func int8(_ matrix: Tensor) throws(CheckpointError) -> Tensor {
    var numbers: [Float] = []
    for row in 0..<matrix.shape[0] {
      let weights = matrix.slice(axis: 0, row..<row + 1).floats()
      let scale = weights.reduce(0) { max($0, $1.magnitude) } / 127
      numbers += weights.map { scale * ($0 / scale).rounded(.toNearestOrEven) }
    }
    return try .float32(numbers, shape: matrix.shape)
  }

  @Test("16 bits give the bits of float32 with the same weights", arguments: 0..<4)
  func halves(part: Int) throws {
    var compared = 0
    for seed in part * 20..<(part + 1) * 20 {
      let (model, calls) = try RandomModels.model(seed: seed)
      for (type, elements) in [(WeightType.float16, ElementType.float16), (.bfloat16, .bfloat16)] {
        for kernels in Kernels.available {
          guard let narrow = try? Program(model, weights: type, kernels: kernels) else { continue }
          let rounded = try changed(model, narrow.narrowLayers) {
            (tensor: Tensor) throws(CheckpointError) -> Tensor in
            var numbers: [Float] = []
            for number in tensor.doubles() { numbers.append(Float(elements.rounded(number))) }
            return try .float32(numbers, shape: tensor.shape)
          }
          let wide = try Program(rounded, kernels: kernels)
          var (state, other) = (RecurrentState(), RecurrentState())
          for inputs in calls {
            let results = try narrow.run(inputs, state: &state)
            for (result, wanted) in zip(results, try wide.run(inputs, state: &other)) {
              compared += 1
              #expect(
                bits(result) == bits(wanted),
                "\(type) of model \(seed) on \(kernels): \(model.nodes.map(\.layer.title))")
            }
          }
        }
      }
    }
    #expect(compared > 40)
  }

  @Test("int8 computes with integers times the scale of each row", arguments: Kernels.available)
  func integers(kernels: Kernels) throws {
    for (inputs, units) in [(3, 5), (7, 40), (600, 33), (2, 130)] {
      let model = try EngineModels.lstm(
        inputSize: inputs, units: units, head: 3, isBidirectional: units == 40)
      var numbers = RandomNumbers(seed: units)
      let x = try numbers.tensor([3, 6, inputs], bound: 2)
      let result = try Program(model, weights: .int8, kernels: kernels).run([x])[0]
      let wanted = try changed(model, ["lstm", "head"], int8).run([x])[0]
      #expect(difference(result, wanted) <= 1e-5, "\(inputs) inputs, \(units) units")
      #expect(difference(result, try model.run([x])[0]) > 1e-5)
    }
  }

  @Test(
    "threads, batches and pieces change no bit",
    arguments: [WeightType.float16, .bfloat16, .int8])
  func bits(type: WeightType) throws {
    let model = try EngineModels.lstm(inputSize: 20, units: 270, head: 5)
    var numbers = RandomNumbers(seed: 1)
    let x = try numbers.tensor([7, 9, 20], bound: 1)
    let one = try Program(model, weights: type)
    let whole = try one.run([x])[0]
    #expect(bits(try Program(model, weights: type, threads: 2).run([x])[0]) == bits(whole))
    for row in 0..<7 {
      let alone = try one.run([x.slice(axis: 0, row..<row + 1)])[0]
      #expect(bits(alone) == bits(whole.slice(axis: 0, row..<row + 1)), "row \(row)")
    }
    let sequence = x.slice(axis: 0, 2..<3).floats()
    var (state, timesteps) = (ProgramState(), [Float]())
    for t in 0..<9 {
      let step = Array(sequence[t * 20..<(t + 1) * 20])
      var y = [Float](repeating: 0, count: 5)
      var span = y.mutableSpan
      try one.step(step.span, state: &state, into: &span)
      timesteps += y
    }
    #expect(timesteps.map(\.bitPattern) == bits(whole.slice(axis: 0, 2..<3)))
  }

  @Test("embeddings hold rows in narrow types") func embeddings() throws {
    var numbers = RandomNumbers(seed: 3)
    let table = try numbers.tensor([9, 7], bound: 3)
    let embedding = Embedding(table: table, masksZero: false, cutsFractions: false)
    let model = Model(
      name: "test", producer: "",
      nodes: [
        Model.Node(
          name: "x", layerName: "x",
          layer: .input(Input(shape: [nil, nil], elementType: .float32, acceptsOtherTypes: true)),
          inputs: []),
        Model.Node(
          name: "rows", layerName: "rows", layer: .embedding(embedding),
          inputs: [Model.Value("x")]),
      ], inputs: ["x"], outputs: [Model.Value("rows")])
    let tokens = try Tensor.float32([0, 8, 3, 8], shape: [2, 2])
    let rows = try Program(model, weights: .int8).run([tokens])[0]
    #expect(difference(rows, try changed(model, ["rows"], int8).run([tokens])[0]) <= 1e-6)
    let halves = try Program(model, weights: .bfloat16).run([tokens])[0].doubles()
    for (value, wanted) in zip(halves, try model.run([tokens])[0].doubles()) {
      #expect(value == ElementType.bfloat16.rounded(wanted))
    }
  }

  @Test("weights take half and a quarter of the bytes, and kept layers all of them")
  func bytes() throws {
    let model = try EngineModels.lstm(inputSize: 256, units: 256, head: 256)
    let wide = try Program(model)
    #expect(wide.narrowLayers.isEmpty)
    for (type, most) in [(WeightType.float16, 0.51), (.bfloat16, 0.51), (.int8, 0.27)] {
      let narrow = try Program(model, weights: type)
      #expect(Double(narrow.byteCount) <= most * Double(wide.byteCount))
      #expect(narrow.narrowLayers == ["lstm", "head"])
      let kept = try Program(model, weights: type, keeping: ["lstm"])
      #expect(kept.narrowLayers == ["head"])
      #expect(kept.byteCount > narrow.byteCount && kept.byteCount < wide.byteCount)
    }
  }

  @Test("what a type can't hold, and what no layer takes, is refused by name")
  func refusals() throws {
    let model = try EngineModels.lstm(inputSize: 2, units: 3, head: 1)
    let large = try changed(model, ["head"]) { (tensor: Tensor) throws(CheckpointError) -> Tensor in
      try .float32([Float](repeating: 70_000, count: tensor.count), shape: tensor.shape)
    }
    let beyond = expectDiagnostic("engine.weights") { try Program(large, weights: .float16) }
    #expect(beyond?.message.contains("'head'") == true)
    #expect(try Program(large, weights: .bfloat16).narrowLayers == ["lstm", "head"])
    #expect(try Program(large, weights: .float16, keeping: ["head"]).narrowLayers == ["lstm"])
    let unknown = expectDiagnostic("engine.weights") {
      try Program(model, weights: .int8, keeping: ["lstn"])
    }
    #expect(unknown?.found == "'lstn'")
    expectDiagnostic("engine.weights") {
      try Program(model, weights: .int8, keeping: ["lstm", "head"])
    }
  }
}
