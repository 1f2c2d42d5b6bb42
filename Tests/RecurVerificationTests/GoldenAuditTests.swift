import Foundation
import Recur
import RecurModel
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

@Suite("How much a recording proves")
struct GoldenAuditTests {
  private func checkpoint(_ path: String) throws -> Checkpoint {
    try Checkpoint(opening: TestData.path(path))
  }

  /// A model of one LSTM or GRU with a mask and initial states, or without.
  private static let models = [
    "keras.h5", "tf_keras.h5",
  ]

  private func withRecording<Result>(
    of checkpoint: Checkpoint, _ body: (String, GoldenRecording) throws -> Result
  ) throws -> Result {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "g.npz").path(percentEncoded: false)
      let recording = try checkpoint.recordGolden(to: path, tracesLayers: true)
      return try body(path, recording)
    }
  }

  @Test("what is recorded passes, names its producer, and holds several sizes", arguments: models)
  func recorded(model: String) throws {
    let checkpoint = try checkpoint("goldens/\(model)")
    try withRecording(of: checkpoint) { path, recording in
      #expect(recording.sizes.map(\.batch) == [3, 2, 1])
      #expect(recording.sizes.map(\.timesteps) == [12, 6, 1])
      let verification = try checkpoint.verify(golden: path)
      #expect(verification.matches && verification.isSelfRecorded)
      #expect(verification.comparisons.count == 3)
      #expect(verification.findings.map(\.code.rawValue) == ["golden.self-recorded"])
      // One sequence is masked at its end, the next at its beginning, and the third in the middle.
      let x = recording.golden.inputs[0].doubles()
      let zeros = (0..<3).map { row in
        (0..<12).filter { t in (0..<4).allSatisfy { x[(row * 12 + t) * 4 + $0] == 0 } }
      }
      #expect(zeros == [Array(8..<12), Array(0..<4), Array(4..<8)])
    }
  }

  @Test("the same seed gives the same recording, another seed another one") func seeds() throws {
    let model = try checkpoint("goldens/keras.h5").model
    let (one, same, other) = (
      try GoldenRecording(model), try GoldenRecording(model), try GoldenRecording(model, seed: 1)
    )
    #expect(one.golden.inputs[0].doubles() == same.golden.inputs[0].doubles())
    #expect(one.golden.outputs[0].doubles() == same.golden.outputs[0].doubles())
    #expect(one.golden.inputs[0].doubles() != other.golden.inputs[0].doubles())
  }

  @Test("a mismatch is placed in the first layer whose recorded output differs")
  func traces() throws {
    let checkpoint = try checkpoint("goldens/keras.h5")
    try withRecording(of: checkpoint) { path, _ in
      let golden = try GoldenFile(at: path, for: checkpoint.model)
      for (index, name) in checkpoint.model.nodes.enumerated().map({
        ($0.offset, $0.element.layerName)
      })
      where ["below", "above", "head"].contains(name) {
        var model = checkpoint.model
        model.nodes[index].layer = try model.nodes[index].layer.mappingTensors {
          (tensor: Tensor) throws(CheckpointError) -> Tensor in
          try tensor.replacingNumbers(tensor.doubles().map { $0 * 1.5 })
        }
        let verification = try Verification(model, golden: golden)
        #expect(!verification.matches)
        #expect(verification.differingLayer == name)
      }
    }
  }

  @Test("a recording shows every mistake that changes the model", arguments: models)
  func visible(model: String) throws {
    let checkpoint = try checkpoint("goldens/\(model)")
    try withRecording(of: checkpoint) { path, _ in
      let audit = try checkpoint.audit(golden: path)
      #expect(audit.invisible.map(\.claim) == [])
      #expect(audit.mistakes.count >= 48, "\(audit.mistakes.count)")
      #expect(
        Set(audit.mistakes.map(\.kind)).isSuperset(of: [
          "gate-order", "kernel-transposed", "kernel-reshaped", "activation", "bias", "forget-bias",
          "reset-placement", "update-gate", "direction", "mask", "selection", "axes", "rounding",
        ]))
      #expect(audit.untried == 0 && audit.advice.isEmpty)
    }
  }

  @Test("zeros show at most three mistakes of an untrained LSTM, and a recording all")
  func zeros() throws {
    let lstm = try untrained(units: 6, inputSize: 5)
    let x = try Tensor.float32(.init(repeating: 0, count: 2 * 12 * 5), shape: [2, 12, 5])
    let golden = GoldenFile(inputs: [x], outputs: try lstm.run([x]))
    let audit = try GoldenAudit(lstm, golden: golden, conventions: .plain)
    let shown = audit.mistakes.filter(\.isVisible).map(\.claim)
    #expect(shown.count <= 3, "\(shown)")
    #expect(audit.mistakes.count >= 24)
    #expect(audit.advice.contains { $0.hasPrefix("random inputs") })
    let recording = try GoldenRecording(lstm)
    let full = try GoldenAudit(lstm, golden: recording.golden, conventions: .plain)
    #expect(full.invisible.map(\.claim) == [])
    #expect(full.mistakes.count == audit.mistakes.count)
  }

  @Test("a constant input hides the direction, one timestep the recurrent kernel")
  func blindness() throws {
    let model = try checkpoint("mistakes/lstm.h5").model
    func hidden(_ values: (Int) -> Float, timesteps: Int) throws -> (Set<String>, [String]) {
      let numbers = (0..<2 * timesteps * 5).map(values)
      let x = try Tensor.float32(numbers, shape: [2, timesteps, 5])
      var relaxed = SampleInputs.relaxed(model)
      relaxed.outputs = model.outputs
      let golden = GoldenFile(inputs: [x], outputs: try relaxed.run([x]))
      let audit = try GoldenAudit(relaxed, golden: golden, conventions: .plain)
      return (Set(audit.invisible.map(\.kind)), audit.advice)
    }
    let constant = try hidden({ _ in 1 }, timesteps: 6)
    #expect(constant.0.contains("axes"))
    #expect(constant.1.contains { $0.hasPrefix("inputs that change") })
    let short = try hidden({ Float($0 % 7) / 5 - 0.5 }, timesteps: 1)
    #expect(short.0.contains("kernel-transposed") && short.0.contains("forget-bias"))
    #expect(short.1.contains { $0.hasPrefix("three timesteps") })
  }

  /// An LSTM as it is initialized: biases of 0, of the forget gate 1.
  private func untrained(units: Int, inputSize: Int) throws -> Model {
    var state: UInt64 = 7
    func random(_ shape: [Int]) throws -> Tensor {
      let count = shape.reduce(1, *)
      return try .float32(
        (0..<count).map { _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23) * 0.6
        }, shape: shape)
    }
    func gates(_ shape: [Int]) throws -> GateMap<LSTMGate, Tensor> {
      let parts = try LSTMGate.allCases.map { _ in try random(shape) }
      return GateMap { parts[$0.rawValue] }
    }
    let zeros = try Tensor.float32(.init(repeating: 0, count: units), shape: [units])
    let ones = try Tensor.float32(.init(repeating: 1, count: units), shape: [units])
    let lstm = LSTM(
      inputSize: inputSize, units: units,
      weights: RecurrentWeights(
        kernel: try gates([units, inputSize]), recurrentKernel: try gates([units, units]),
        bias: .single(GateMap { $0 == .forget ? ones : zeros })),
      activation: .tanh, recurrentActivation: .sigmoid)
    return try Model(
      name: "untrained", producer: "test",
      nodes: [
        Model.Node(
          name: "x", layerName: "x",
          layer: .input(
            Input(shape: [nil, nil, inputSize], elementType: .float32, acceptsOtherTypes: true)),
          inputs: []),
        Model.Node(
          name: "lstm", layerName: "lstm",
          layer: .recurrent(
            Recurrent(
              cell: .lstm(lstm), returnsSequence: true, returnsState: false, direction: .forward,
              isStateful: false, keptStateWins: false, maskedOutput: .previous)),
          inputs: [.init("x")]),
      ], inputs: ["x"], outputs: [.init("lstm")]
    ).validated()
  }
}

extension RecurrentConventions {
  /// Gates in the order i, f, g, o and r, z, n.
  fileprivate static let plain = RecurrentConventions(
    name: "plain",
    lstm: .init(
      layout: RecurrentLayout(
        gateOrder: [.input, .forget, .cell, .output], orientation: .outputsByInputs),
      letters: GateMap { ["i", "f", "g", "o"][$0.rawValue] }, knownOrders: []),
    gru: .init(
      layout: RecurrentLayout(
        gateOrder: [.reset, .update, .candidate], orientation: .outputsByInputs),
      letters: GateMap { "\($0)" }, knownOrders: []),
    simpleRNN: RecurrentLayout(gateOrder: SimpleRNNGate.allCases, orientation: .outputsByInputs))
}
