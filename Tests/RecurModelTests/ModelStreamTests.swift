import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Streams")
struct ModelStreamTests {
  private static let cells: [RecurrentCell] = {
    var made = CellModels()
    guard let lstm = try? made.lstm(2, 3), let gru = try? made.gru(2, 3, .afterProduct),
      let before = try? made.gru(2, 3, .beforeProduct), let rnn = try? made.simpleRNN(2, 3),
      let upper = try? made.gru(3, 4, .beforeProduct)
    else { fatalError("the cells can't be made") }
    return [
      .lstm(lstm), .gru(gru), .gru(before), .simpleRNN(rnn),
      .stacked(StackedCells([.lstm(lstm), .gru(upper)])),
    ]
  }()

  /// A layer of a cell, by its number, that puts out the sequence or the last timestep.
  private func model(
    _ cell: Int, returnsSequence: Bool, rule: Recurrent.MaskedOutput, isMasked: Bool
  ) -> Model {
    let layer = Recurrent(
      cell: Self.cells[cell], returnsSequence: returnsSequence, returnsState: true,
      direction: .forward, isStateful: false, keptStateWins: false, maskedOutput: rule)
    return CellModels.model(.recurrent(layer), inputSize: 2, isMasked: isMasked)
  }

  /// Two sequences of nine timesteps; the first, the middle and the last of them are masked.
  private func input() throws -> Tensor {
    let x = try CellModels.sequence(18, 2).doubles()
    let masked = [[0, 1, 4, 5, 8], [3, 6, 7]]
    return try .float64(
      x.enumerated().map { index, value in
        masked[index / 18].contains(index % 18 / 2) ? -1 : value
      }, shape: [2, 9, 2])
  }

  @Test(
    "in pieces are the whole, bit for bit, masked timesteps too", arguments: cells.indices,
    [Recurrent.MaskedOutput.previous, .zero, .state])
  func pieces(cell: Int, rule: Recurrent.MaskedOutput) throws {
    for returnsSequence in [true, false] {
      for isMasked in [true, false] {
        let model = model(
          cell, returnsSequence: returnsSequence, rule: rule, isMasked: isMasked)
        let x = try input()
        let whole = try model.run([x])
        var state = RecurrentState()
        let wholeInFloat = try model.runInFloat([x], state: &state)
        for count in 1...10 {
          var stream = try ModelStream(model)
          let pieces = try stream.feed([x], inPiecesOf: count)
          #expect(stream.timesteps == 9)
          var floats = try ModelStream(model)
          let inFloat = try floats.feedInFloat([x], inPiecesOf: count)
          for index in whole.indices {
            #expect(pieces[index].isBitEqual(to: whole[index]))
            #expect(inFloat[index].isBitEqual(to: wholeInFloat[index]))
          }
        }
      }
    }
  }

  @Test("step by step are the whole, and go on from a saved state", arguments: cells.indices)
  func steps(cell: Int) throws {
    let model = model(cell, returnsSequence: true, rule: .previous, isMasked: true)
    let x = try input()
    let whole = try model.run([x])[0]
    var stream = try ModelStream(model)
    for t in 0..<9 {
      let y = try stream.step(x.select(axis: 1, t))
      #expect(y[0].isBitEqual(to: try whole.select(axis: 1, t).contiguous()))
      // The whole state of the stream goes through arrays, as it does through a file.
      let arrays = try stream.layout.arrays(of: stream.state, batch: 2)
      stream = try ModelStream(model, continuing: stream.layout.state(arrays, batch: 2))
    }
    #expect(try stream.layout.arrays(of: stream.state, batch: 2).last?.name == "layer.output")
  }

  @Test("are values: a copy goes on by itself") func copies() throws {
    let model = model(0, returnsSequence: true, rule: .previous, isMasked: false)
    let x = try input()
    var one = try ModelStream(model)
    _ = try one.step(x.select(axis: 1, 0))
    var other = one
    let first = try one.step(x.select(axis: 1, 1))[0]
    let second = try other.step(x.select(axis: 1, 1))[0]
    #expect(first.isBitEqual(to: second))
    #expect(try !one.step(x.select(axis: 1, 2))[0].isBitEqual(to: first))
  }

  @Test("of a batch that changes are refused, and stay as they were") func batches() throws {
    let model = model(0, returnsSequence: true, rule: .previous, isMasked: false)
    var stream = try ModelStream(model)
    _ = try stream.feed([input()])
    let diagnostic = expectDiagnostic("state.batch") {
      try stream.feed([CellModels.sequence(3, 2)])
    }
    #expect(
      diagnostic?.message
        == "the kept state 'layer.h' is for a batch of 2, and the input is a batch of 1")
    #expect(stream.timesteps == 9)
    _ = try stream.feed([input()])
  }

  @Test("are refused for a layer that needs the whole sequence") func refusals() throws {
    let backward = Recurrent(
      cell: Self.cells[0], returnsSequence: false, returnsState: false, direction: .backward,
      isStateful: false, keptStateWins: false, maskedOutput: .previous)
    let forward = CellModels.recurrent(Self.cells[0])
    var other = forward
    other.direction = .backward
    let pooling = Pooling(
      operation: .average, window: nil, padding: .valid, keepsAxis: false)
    let layers: [Layer] = [
      .recurrent(backward),
      .bidirectional(Bidirectional(forward: forward, backward: other, mergeMode: .sum)),
      .pooling(pooling), .reshaping(.flatten), .selection(Selection(axis: 1, index: 0)),
      .reshaping(.pad([.init(1, 0)])), .activation(.tanh),
    ]
    for layer in layers {
      let model = CellModels.model(layer, inputSize: 2)
      if case .activation = layer {
        _ = try ModelStream(model)
      } else {
        let diagnostic = expectDiagnostic("sequence.stream") { try ModelStream(model) }
        #expect(diagnostic?.message.contains("'layer'") == true)
      }
    }
  }

  @Test("single cells step as their layers do") func single() throws {
    var made = CellModels()
    let cells: [RecurrentCell] = [
      .gru(try made.gru(2, 3, .afterProduct)), .simpleRNN(try made.simpleRNN(2, 3)),
    ]
    let x = try CellModels.sequence(4, 2)
    for cell in cells {
      let reference = CellReference(cell)
      var states = reference.zeroStates
      var h: [Double] = []
      for t in 0..<4 { h = reference.step(x.select(axis: 1, t).doubles(), &states) }
      let whole = try CellModels.model(.recurrent(CellModels.recurrent(cell)), inputSize: 2).run([x]
      )
      #expect(h == whole[1].doubles())
      #expect(states == [h])
    }
  }
}
