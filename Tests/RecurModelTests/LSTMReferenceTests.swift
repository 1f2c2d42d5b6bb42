import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Weights cos(0), cos(1), … so that no file is needed.
private func weights(_ shape: [Int], from start: Int = 0) throws -> Tensor {
  try .float64((0..<shape.reduce(1, *)).map { cos(Double(start + $0)) }, shape: shape)
}

@Suite("The reference LSTM")
struct LSTMReferenceTests {
  /// An LSTM of any size with weights by a formula: W, U and b one after the other, gates i f g o.
  private func lstm(inputSize: Int, units: Int) throws -> LSTM {
    var next = 0
    func take(_ shape: [Int]) throws -> Tensor {
      defer { next += shape.reduce(1, *) }
      return try weights(shape, from: next)
    }
    let kernel = try GateMap<LSTMGate, Tensor> { _ in try take([units, inputSize]) }
    let recurrentKernel = try GateMap<LSTMGate, Tensor> { _ in try take([units, units]) }
    let bias = try GateMap<LSTMGate, Tensor> { _ in try take([units]) }
    return LSTM(
      inputSize: inputSize, units: units,
      weights: RecurrentWeights(
        kernel: kernel, recurrentKernel: recurrentKernel, bias: .single(bias)),
      activation: .tanh, recurrentActivation: .sigmoid)
  }

  private func model(_ lstm: LSTM, isStateful: Bool = false) -> Model {
    let recurrent = Recurrent(
      cell: .lstm(lstm), returnsSequence: true, returnsState: true, direction: .forward,
      isStateful: isStateful, keptStateWins: false, maskedOutput: .previous)
    return Model(
      name: "test", producer: "",
      nodes: [
        Model.Node(
          name: "x", layerName: "x",
          layer: .input(
            Input(
              shape: [nil, nil, lstm.inputSize], elementType: .float64, acceptsOtherTypes: true)),
          inputs: []
        ),
        Model.Node(
          name: "lstm", layerName: "lstm", layer: .recurrent(recurrent),
          inputs: [Model.Value("x")], precision: .float64),
      ], inputs: ["x"], outputs: (0..<3).map { Model.Value("lstm", $0) })
  }

  // import torch
  // m = torch.nn.LSTM(2, 3, batch_first=True, dtype=torch.float64)
  // w = torch.cos(torch.arange(12 * 2 + 12 * 3 + 12, dtype=torch.float64))
  // m.weight_ih_l0.data, m.weight_hh_l0.data = w[:24].reshape(12, 2), w[24:60].reshape(12, 3)
  // m.bias_ih_l0.data, m.bias_hh_l0.data = w[60:], torch.zeros(12, dtype=torch.float64)
  // y, (h, c) = m(torch.sin(torch.arange(8, dtype=torch.float64)).reshape(1, 4, 2))
  // print(y[0, 0], y[0, 3], c)
  @Test("equals torch.nn.LSTM on closed-form weights") func torch() throws {
    let x = try Tensor.float64((0..<8).map { sin(Double($0)) }, shape: [1, 4, 2])
    let outputs = try model(lstm(inputSize: 2, units: 3)).run([x])
    let sequence = outputs[0].doubles()
    let first = [-0.07526970958460452, -0.11038846565336123, 0.0464971006159068]
    let last = [-0.14560494213288616, -0.17043831648826918, 0.20582474907776782]
    let cell = [-0.19484409400976263, -0.2839043962347168, 0.7117883916888317]
    for unit in 0..<3 {
      #expect(abs(sequence[unit] - first[unit]) < 1e-14)
      #expect(abs(sequence[9 + unit] - last[unit]) < 1e-14)
      #expect(abs(outputs[2].doubles()[unit] - cell[unit]) < 1e-14)
    }
  }

  @Test("a step at a time is the sequence, bit for bit") func steps() throws {
    let lstm = try lstm(inputSize: 2, units: 5)
    let values = (0..<14).map { sin(Double($0)) }
    let outputs = try model(lstm).run([.float64(values, shape: [1, 7, 2])])
    let reference = CellReference(.lstm(lstm))
    var states = reference.zeroStates
    for t in 0..<7 {
      let h = reference.step(Array(values[2 * t..<2 * t + 2]), &states)
      #expect(h == Array(outputs[0].doubles()[5 * t..<5 * t + 5]))
    }
    #expect(states[0] == outputs[1].doubles())
    #expect(states[1] == outputs[2].doubles())
  }

  @Test("a stateful model in chunks is the whole sequence, bit for bit", arguments: [1, 2, 3, 6])
  func chunks(length: Int) throws {
    let lstm = try lstm(inputSize: 1, units: 4)
    let values = (0..<6).map { sin(Double($0)) }
    let whole = try model(lstm).run([.float64(values, shape: [1, 6, 1])])[0].doubles()
    var state = RecurrentState()
    var pieces: [Double] = []
    for start in stride(from: 0, to: 6, by: length) {
      let chunk = Array(values[start..<min(start + length, 6)])
      let x = try Tensor.float64(chunk, shape: [1, chunk.count, 1])
      pieces += try model(lstm, isStateful: true).run([x], state: &state)[0].doubles()
    }
    #expect(pieces == whole)
  }

  @Test("sequences in one batch do not touch each other") func batch() throws {
    let model = model(try lstm(inputSize: 2, units: 3))
    let values = (0..<12).map { sin(Double($0)) }
    let both = try model.run([.float64(values, shape: [2, 3, 2])])[0].doubles()
    let second = try model.run([.float64(Array(values[6...]), shape: [1, 3, 2])])[0].doubles()
    #expect(Array(both[9...]) == second)
  }

  @Test("permuting the units permutes the outputs") func permutation() throws {
    var lstm = try lstm(inputSize: 2, units: 3)
    let x = try Tensor.float64((0..<8).map { sin(Double($0)) }, shape: [1, 4, 2])
    let before = try model(lstm).run([x])[0].doubles()
    let order = [2, 0, 1]
    func rows(_ tensor: Tensor) throws -> Tensor {
      try Tensor.concatenated(order.map { tensor.slice(axis: 0, $0..<$0 + 1) }, axis: 0)
    }
    guard case .single(let bias) = lstm.weights.bias else {
      Issue.record("another form of bias")
      return
    }
    lstm.weights.kernel = try GateMap { try rows(lstm.weights.kernel[$0]) }
    lstm.weights.recurrentKernel = try GateMap {
      try rows(rows(lstm.weights.recurrentKernel[$0]).transposed()).transposed()
    }
    lstm.weights.bias = .single(try GateMap { try rows(bias[$0]) })
    let after = try model(lstm).run([x])[0].doubles()
    for t in 0..<4 {
      for unit in 0..<3 { #expect(abs(after[3 * t + unit] - before[3 * t + order[unit]]) < 1e-15) }
    }
  }

  @Test("a state of another batch size is refused") func stateBatch() throws {
    let model = model(try lstm(inputSize: 1, units: 2), isStateful: true)
    var state = RecurrentState()
    _ = try model.run([.float64([1, 2], shape: [2, 1, 1])], state: &state)
    expectDiagnostic("state.batch") {
      try model.run([.float64([1], shape: [1, 1, 1])], state: &state)
    }
  }

  @Test("inputs of the wrong number, rank and width are refused") func inputs() throws {
    let model = model(try lstm(inputSize: 2, units: 2))
    expectDiagnostic("input.count") { try model.run([]) }
    expectDiagnostic("input.rank") { try model.run([.float64([1, 2], shape: [1, 2])]) }
    let wide = expectDiagnostic("input.features") {
      try model.run([.float64([1, 2, 3], shape: [1, 1, 3])])
    }
    #expect(wide?.expected == "[batch, timesteps, 2]")
    #expect(wide?.found == "[1, 1, 3]")
  }
}
