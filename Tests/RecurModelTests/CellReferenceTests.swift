import RecurInference
import RecurModel
import RecurTensors
import Testing

@Suite("The reference cells besides the LSTM")
struct CellReferenceTests {
  private func expect(_ values: [Double], _ expected: [Double]) {
    #expect(values.count == expected.count)
    for (value, wanted) in zip(values, expected) { #expect(abs(value - wanted) < 1e-14) }
  }

  // import torch
  // w = torch.cos(torch.arange(63, dtype=torch.float64))
  // m = torch.nn.GRU(2, 3, batch_first=True, dtype=torch.float64)
  // m.weight_ih_l0.data, m.weight_hh_l0.data = w[:18].reshape(9, 2), w[18:45].reshape(9, 3)
  // m.bias_ih_l0.data, m.bias_hh_l0.data = w[45:54], w[54:]
  // y, h = m(torch.sin(torch.arange(8, dtype=torch.float64)).reshape(1, 4, 2))
  // print(y[0, 0], y[0, 3])
  @Test("a GRU with the reset gate after the product equals torch.nn.GRU") func torchGRU() throws {
    var cells = CellModels()
    let layer = Layer.recurrent(CellModels.recurrent(.gru(try cells.gru(2, 3, .afterProduct))))
    let outputs = try CellModels.model(layer, inputSize: 2).run([CellModels.sequence(4, 2)])
    let y = outputs[0].doubles()
    expect(
      Array(y[..<3]), [0.22029459010316388, -0.4079266413254708, -0.29838962595679297])
    expect(
      Array(y[9...]), [-0.12168194860377668, -0.33082380329840055, -0.5246857611812811])
    #expect(outputs[1].doubles() == Array(y[9...]))
  }

  // import keras, numpy as np
  // w = np.cos(np.arange(54))
  // layer = keras.layers.GRU(3, reset_after=False, return_sequences=True, dtype="float64")
  // x = np.sin(np.arange(8.0)).reshape(1, 4, 2)
  // layer.build(x.shape)
  // layer.set_weights([w[:18].reshape(9, 2).T, w[18:45].reshape(9, 3).T, w[45:]])
  // y = layer(x); print(y[0, 0], y[0, 3])
  @Test("a GRU with the reset gate before the product equals Keras") func kerasGRU() throws {
    var cells = CellModels()
    let layer = Layer.recurrent(CellModels.recurrent(.gru(try cells.gru(2, 3, .beforeProduct))))
    let y = try CellModels.model(layer, inputSize: 2).run([CellModels.sequence(4, 2)])[0].doubles()
    expect(
      Array(y[..<3]), [0.24729459340996512, -0.5188766057894034, -0.5560101876224555])
    expect(
      Array(y[9...]), [-0.04233763419702727, -0.04221315925973414, -0.8332634296189487])
  }

  // v = torch.cos(torch.arange(18, dtype=torch.float64))
  // m = torch.nn.RNN(2, 3, batch_first=True, dtype=torch.float64)
  // m.weight_ih_l0.data, m.weight_hh_l0.data = v[:6].reshape(3, 2), v[6:15].reshape(3, 3)
  // m.bias_ih_l0.data, m.bias_hh_l0.data = v[15:], torch.zeros(3, dtype=torch.float64)
  // y, h = m(torch.sin(torch.arange(8, dtype=torch.float64)).reshape(1, 4, 2))
  @Test("a cell without gates equals torch.nn.RNN") func torchRNN() throws {
    var cells = CellModels()
    let layer = Layer.recurrent(CellModels.recurrent(.simpleRNN(try cells.simpleRNN(2, 3))))
    let y = try CellModels.model(layer, inputSize: 2).run([CellModels.sequence(4, 2)])[0].doubles()
    expect(
      Array(y[..<3]), [-0.2959173714407134, -0.9458353876635229, -0.036453679201106794])
    expect(
      Array(y[9...]), [-0.7110670261644568, -0.8603534984317136, -0.0909386777524769])
  }

  @Test("stacked cells are layers one on top of the other, bit for bit") func stacked() throws {
    var cells = CellModels()
    let parts: [RecurrentCell] = [
      .lstm(try cells.lstm(2, 4)), .gru(try cells.gru(4, 3, .beforeProduct)),
      .simpleRNN(try cells.simpleRNN(3, 2)),
    ]
    let x = try CellModels.sequence(5, 2)
    let together = try CellModels.model(
      .recurrent(CellModels.recurrent(.stacked(StackedCells(parts)))), inputSize: 2
    ).run([x])
    #expect(together.map(\.shape) == [[1, 5, 2], [1, 4], [1, 4], [1, 3], [1, 2]])
    var sequence = x
    var states: [[Double]] = []
    for cell in parts {
      let outputs = try CellModels.model(
        .recurrent(CellModels.recurrent(cell)), inputSize: cell.inputSize
      ).run([sequence])
      sequence = outputs[0]
      states += outputs.dropFirst().map { $0.doubles() }
    }
    #expect(together[0].doubles() == sequence.doubles())
    #expect(together.dropFirst().map { $0.doubles() } == states)
  }

  @Test(
    "two directions are two runs, the second over the reversed sequence",
    arguments: [Bidirectional.MergeMode?.none, .concatenate, .sum, .multiply, .average])
  func bidirectional(mode: Bidirectional.MergeMode?) throws {
    var cells = CellModels()
    let one = CellModels.recurrent(.gru(try cells.gru(2, 3, .afterProduct)))
    let other = CellModels.recurrent(.gru(try cells.gru(2, 3, .afterProduct)), direction: .backward)
    let x = try CellModels.sequence(4, 2)
    let pair = Bidirectional(forward: one, backward: other, mergeMode: mode)
    let outputs = try CellModels.model(.bidirectional(pair), inputSize: 2).run([x])
    let forward = try CellModels.model(.recurrent(one), inputSize: 2).run([x])
    var plain = other
    plain.direction = .forward
    let reversed = try CellModels.model(.recurrent(plain), inputSize: 2)
      .run([Tensor.concatenated((0..<4).map { x.slice(axis: 1, 3 - $0..<4 - $0) }, axis: 1)])
    let a = forward[0].doubles()
    // Back in the order of time.
    let backward = reversed[0].doubles()
    func timestep(_ values: [Double], _ t: Int) -> [Double] { Array(values[3 * t..<3 * t + 3]) }
    let b: [Double] = (0..<4).flatMap { timestep(backward, 3 - $0) }
    let merged = zip(a, b)
    let expected: [[Double]] =
      switch mode {
      case .none: [a, b]
      case .concatenate:
        [(0..<4).flatMap { timestep(a, $0) + timestep(b, $0) }]
      case .sum: [merged.map(+)]
      case .multiply: [merged.map(*)]
      case .average: [merged.map { ($0 + $1) / 2 }]
      }
    let states = [forward[1].doubles(), reversed[1].doubles()]
    #expect(outputs.map { $0.doubles() } == expected + states)
  }
}

@Suite("Masked timesteps")
struct MaskedTimestepTests {
  /// Five timesteps, of which the first, the third and the last are masked.
  private let masked: Set<Int> = [0, 2, 4]

  private func input() throws -> Tensor {
    var values = try CellModels.sequence(5, 2).doubles()
    for t in masked { (values[2 * t], values[2 * t + 1]) = (-1, -1) }
    return try .float64(values, shape: [1, 5, 2])
  }

  private func run(_ layer: Layer) throws -> [[Double]] {
    try CellModels.model(layer, inputSize: 2, isMasked: true).run([input()]).map { $0.doubles() }
  }

  /// The outputs at timesteps 1 and 3 if there are no other timesteps.
  private func valid(_ recurrent: Recurrent) throws -> [[Double]] {
    let x = try input()
    let left = try Tensor.concatenated([1, 3].map { x.slice(axis: 1, $0..<$0 + 1) }, axis: 1)
    let outputs = try CellModels.model(.recurrent(recurrent), inputSize: 2).run([left])
    return outputs.map { $0.doubles() }
  }

  @Test(
    "are skipped: the state is carried over, and the output is what the rule says",
    arguments: [Recurrent.MaskedOutput.previous, .zero, .state])
  func rules(rule: Recurrent.MaskedOutput) throws {
    var cells = CellModels()
    let recurrent = CellModels.recurrent(
      .gru(try cells.gru(2, 3, .beforeProduct)), maskedOutput: rule)
    let outputs = try run(.recurrent(recurrent))
    let only = try valid(recurrent)
    let (first, second) = (Array(only[0][..<3]), Array(only[0][3...]))
    let zeros = [0.0, 0, 0]
    let repeats = rule != .zero
    #expect(
      outputs[0] == zeros + first + (repeats ? first : zeros) + second + (repeats ? second : zeros))
    #expect(outputs[1] == only[1])
  }

  @Test("the last output of a sequence that ends masked", arguments: [true, false])
  func last(isZero: Bool) throws {
    var cells = CellModels()
    var recurrent = CellModels.recurrent(
      .simpleRNN(try cells.simpleRNN(2, 3)), maskedOutput: isZero ? .zero : .previous)
    let only = try valid(recurrent)
    recurrent.returnsSequence = false
    let outputs = try run(.recurrent(recurrent))
    #expect(outputs[0] == (isZero ? [0, 0, 0] : Array(only[0][3...])))
  }

  @Test("are skipped from the other end too") func backward() throws {
    var cells = CellModels()
    let cell = RecurrentCell.lstm(try cells.lstm(2, 3))
    let outputs = try run(.recurrent(CellModels.recurrent(cell, direction: .backward)))
    let only = try valid(CellModels.recurrent(cell, direction: .backward))
    let (first, second) = (Array(only[0][..<3]), Array(only[0][3...]))
    // In processing order: timesteps 4, 3, 2, 1, 0.
    #expect(outputs[0] == [0, 0, 0] + first + first + second + second)
    #expect(Array(outputs.dropFirst()) == Array(only.dropFirst()))
  }
}
