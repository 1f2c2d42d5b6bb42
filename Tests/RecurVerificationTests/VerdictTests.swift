import Recur
import RecurContainers
import RecurModel
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

@Suite("A verdict changes when anything in it changes")
struct VerdictTests {
  private func load(_ fixture: Fixture) throws -> (Model, GoldenFile) {
    let path = TestData.path(try #require(fixture.golden))
    let checkpoint = try Checkpoint(
      opening: TestData.path(fixture.path), architecture: fixture.architecturePath)
    return (checkpoint.model, try GoldenFile(at: path, for: checkpoint.model))
  }

  /// A golden file with one output replaced.
  private func golden(
    _ golden: GoldenFile, output: Int, _ change: (inout [Double]) -> Void
  ) throws -> GoldenFile {
    var arrays: [(name: String, tensor: Tensor)] = []
    for (index, tensor) in golden.inputs.enumerated() { arrays.append(("in_\(index)", tensor)) }
    for (index, tensor) in golden.outputs.enumerated() {
      var values = tensor.doubles()
      if index == output { change(&values) }
      arrays.append(("out_\(index)", try .float64(values, shape: tensor.shape)))
    }
    var sink = MemorySink()
    try NPZArchive.write(arrays, to: &sink)
    return try GoldenFile(TestData.region(sink.bytes), path: "moved.npz")
  }

  @Test("every output moved by 1e-2 in one place fails", arguments: Fixture.withGolden)
  func movedOutputs(fixture: Fixture) throws {
    let (model, recorded) = try load(fixture)
    for output in recorded.outputs.indices {
      for position in [0, recorded.outputs[output].count - 1] {
        let moved = try golden(recorded, output: output) { $0[position] += 1e-2 }
        let verification = try Verification(model, golden: moved)
        #expect(!verification.matches, "out_\(output) element \(position)")
        #expect(verification.comparisons.filter { !$0.matches }.map(\.name) == ["out_\(output)"])
      }
    }
  }

  @Test("NaN in a golden fails", arguments: Fixture.withGolden.prefix(5))
  func nan(fixture: Fixture) throws {
    let (model, recorded) = try load(fixture)
    let moved = try golden(recorded, output: 0) { $0[0] = .nan }
    #expect(try !Verification(model, golden: moved).matches)
  }

  /// The mistakes that hand-written conversions make (docs/verification.md).
  private static let common: [(name: String, apply: @Sendable (inout LSTM) -> Void)] = [
    ("input and forget swapped", { $0.swap(.input, .forget) }),
    ("cell and output swapped", { $0.swap(.cell, .output) }),
    ("forget and cell swapped", { $0.swap(.forget, .cell) }),
    (
      "recurrent kernel transposed",
      { (lstm: inout LSTM) in
        let weights = lstm.weights.recurrentKernel
        lstm.weights.recurrentKernel = GateMap { weights[$0].transposed() }
      }
    ),
    ("bias dropped", { $0.weights.bias = .none }),
    ("hard sigmoid of Keras 2", { $0.recurrentActivation = .hardSigmoidOfFifths }),
    ("hard sigmoid of Keras 3", { $0.recurrentActivation = .hardSigmoidOfSixths }),
    ("activation relu", { $0.activation = .relu }),
  ]

  @Test("every mistake of a hand-written conversion fails", arguments: 0..<8)
  func mistakes(index: Int) throws {
    let mistake = Self.common[index]
    let fixture = try #require(Fixture.withGolden.first { $0.path == "keras3/lstm_seq_state.h5" })
    var (model, golden) = try load(fixture)
    for position in model.nodes.indices {
      guard case .recurrent(var recurrent) = model.nodes[position].layer,
        case .lstm(var lstm) = recurrent.cell
      else { continue }
      mistake.apply(&lstm)
      recurrent.cell = .lstm(lstm)
      model.nodes[position].layer = .recurrent(recurrent)
    }
    let verification = try Verification(model, golden: golden)
    #expect(!verification.matches, "\(mistake.name)")
    #expect(verification.comparisons[0].band == .semantic, "\(mistake.name)")
  }

  @Test("a sequence read from the wrong end fails") func direction() throws {
    let fixture = try #require(Fixture.withGolden.first { $0.path == "keras3/lstm_seq_state.h5" })
    var (model, golden) = try load(fixture)
    for position in model.nodes.indices {
      guard case .recurrent(var recurrent) = model.nodes[position].layer else { continue }
      recurrent.direction = .backward
      model.nodes[position].layer = .recurrent(recurrent)
    }
    let verification = try Verification(model, golden: golden)
    #expect(verification.comparisons[0].band == .semantic)
  }

  @Test("a mask that is ignored fails", arguments: ["keras3", "tf_keras"])
  func mask(family: String) throws {
    let fixture = try #require(
      Fixture.withGolden.first { $0.path == "\(family)/masking_lstm_seq.h5" })
    var (model, golden) = try load(fixture)
    for position in model.nodes.indices { model.nodes[position].mask = nil }
    #expect(try !Verification(model, golden: golden).matches)
  }

  @Test("one weight of the last recurrent layer changed fails", arguments: Fixture.withGolden)
  func weights(fixture: Fixture) throws {
    let (model, golden) = try load(fixture)
    // In 16 bits, a small change of a weight looks like rounding.
    guard
      [.full, .double].contains(
        model.arithmeticPrecision(recordedAs: golden.outputs[0].elementType))
    else { return }
    for position in model.nodes.indices.reversed() {
      guard case .recurrent(var recurrent) = model.nodes[position].layer,
        case .lstm(var lstm) = recurrent.cell
      else { continue }
      let kernel = lstm.weights.kernel[.cell]
      var values = kernel.doubles()
      values[0] += 0.05
      lstm.weights.kernel[.cell] = try .float64(values, shape: kernel.shape)
      recurrent.cell = .lstm(lstm)
      var changed = model
      changed.nodes[position].layer = .recurrent(recurrent)
      #expect(try !Verification(changed, golden: golden).matches, "\(model.nodes[position].name)")
      break
    }
  }

  @Test("the wrong number of arrays is no verdict") func counts() throws {
    let fixture = try #require(Fixture.withGolden.first { $0.path == "keras3/encoder_decoder.h5" })
    let (model, _) = try load(fixture)
    let other = try #require(Fixture.withGolden.first { $0.path == "keras3/lstm_last.h5" })
    let (_, golden) = try load(other)
    expectDiagnostic("golden.incomplete") { try Verification(model, golden: golden) }
  }

  @Test("only a stateful model takes several calls") func calls() throws {
    let stateful = try #require(Fixture.withGolden.first { $0.path == "keras3/stateful_lstm.h5" })
    var (model, golden) = try load(stateful)
    #expect(try Verification(model, golden: golden).calls == 2)
    for position in model.nodes.indices {
      guard case .recurrent(var recurrent) = model.nodes[position].layer else { continue }
      recurrent.isStateful = false
      model.nodes[position].layer = .recurrent(recurrent)
    }
    expectDiagnostic("golden.incomplete") { try Verification(model, golden: golden) }
  }
}

extension LSTM {
  fileprivate mutating func swap(_ a: LSTMGate, _ b: LSTMGate) {
    func swapped(_ map: GateMap<LSTMGate, Tensor>) -> GateMap<LSTMGate, Tensor> {
      var copy = map
      copy[a] = map[b]
      copy[b] = map[a]
      return copy
    }
    weights.kernel = swapped(weights.kernel)
    weights.recurrentKernel = swapped(weights.recurrentKernel)
    switch weights.bias {
    case .none: break
    case .single(let bias): weights.bias = .single(swapped(bias))
    case .split(let input, let recurrent):
      weights.bias = .split(input: swapped(input), recurrent: swapped(recurrent))
    }
  }
}
