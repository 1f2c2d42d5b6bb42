import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// Models of all frameworks, written as ONNX.
@Suite("ONNX is written")
struct ONNXWritingTests {
  /// Converts a fixture, and hands on the path of the file.
  private func converted(
    _ file: String, operatorSet: Int? = nil, exposesStates: Bool = false,
    _ body: (String, Conversion) throws -> Void
  ) throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "m.onnx").path(percentEncoded: false)
      let conversion = try Checkpoint(opening: TestData.path(file)).convert(
        to: path, operatorSet: operatorSet, exposesStates: exposesStates)
      try body(path, conversion)
    }
  }

  @Test(
    "what is written computes what the framework recorded",
    arguments: [
      "keras3/lstm_last.h5", "keras3/lstm_backwards.h5", "keras3/gru_variants.keras",
      "keras3/bidirectional_modes.h5", "keras3/bidirectional_masked.h5",
      "keras3/masking_lstm_dense.h5", "keras3/embedding_functional_mask.h5",
      "keras3/initial_states.h5", "keras3/encoder_decoder.h5", "keras3/convolutions.h5",
      "keras3/dots.h5", "keras3/concatenations.h5",
      "keras3/every_activation.h5", "keras3/float64_lstm.h5", "keras3/float64_masked.h5",
      "keras3/lstm_activations.h5", "keras3/recurrent_activations.h5", "keras3/merges.h5",
      "keras3/group_normalizations.h5", "keras3/lengths.keras", "keras3/mask_float16.h5",
      "keras_1_2_2/bilstm_gru.h5", "keras_2_2_4/embedding_lstm.h5", "onnx/bilstm_last.onnx",
      "onnx/gru_reverse_lens.onnx", "onnx/lstm_coupled.onnx", "onnx/front.onnx",
      "onnx/ordered.onnx",
    ])
  func goldens(file: String) throws {
    try converted(file) { path, conversion in
      #expect(conversion.format == "onnx")
      let stem = file.split(separator: ".").dropLast().joined(separator: ".")
      let verification = try Checkpoint(opening: path).verify(
        golden: TestData.path("\(stem).golden.npz"))
      #expect(!verification.comparisons.isEmpty)
      for comparison in verification.comparisons {
        #expect(comparison.matches, "\(comparison.name): \(comparison.worst?.size ?? 0)")
      }
    }
  }

  @Test(
    "the bytes are those that ONNX Runtime ran for the recording",
    arguments: [
      "lstm_last", "bilstm_concat", "masking_lstm_dense", "gru_reset_after_true",
    ])
  func recorded(name: String) throws {
    try converted("keras3/\(name).h5") { path, _ in
      let recorded = try TestData.bytes("onnx/written/\(name).onnx")
      #expect(try Array(Data(contentsOf: URL(filePath: path))) == recorded)
    }
    let verification = try Checkpoint(opening: TestData.path("onnx/written/\(name).onnx"))
      .verify(golden: TestData.path("onnx/written/\(name).golden.npz"))
    #expect(!verification.comparisons.isEmpty)
    #expect(verification.comparisons.allSatisfy { $0.matches })
  }

  @Test("the same model gives the same bytes")
  func deterministic() throws {
    for file in ["keras3/convolutions.h5", "keras3/bidirectional_masked.h5"] {
      func bytes() throws -> Data {
        var data = Data()
        try converted(file) { path, _ in data = try Data(contentsOf: URL(filePath: path)) }
        return data
      }
      #expect(try bytes() == bytes())
    }
  }

  @Test("gates stand in ONNX's order, inputs and outputs keep their names, extents stay free")
  func structure() throws {
    try converted("keras3/lstm_last.h5") { path, conversion in
      let file = try ONNXOutline(path)
      #expect(file.operators.contains("LSTM"))
      #expect(file.version == 8 && file.operatorSet == 17)
      #expect(file.inputs.map(\.name) == [try Checkpoint(opening: path).model.inputs[0]])
      #expect(file.inputs[0].extents.first == "batch")
      let original = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5")).model
      #expect(file.outputs.map(\.name) == original.outputs.map(\.node))
      let (own, copy) = (
        try original.lstm(named: original.nodes[1].layerName),
        try #require(
          Checkpoint(opening: path).model.nodes.compactMap { node -> LSTM? in
            if case .recurrent(let layer) = node.layer, case .lstm(let lstm) = layer.cell {
              lstm
            } else {
              nil
            }
          }.first)
      )
      for gate in LSTMGate.allCases {
        #expect(own.weights.kernel[gate].isBitEqual(to: copy.weights.kernel[gate]))
        #expect(
          own.weights.recurrentKernel[gate].isBitEqual(to: copy.weights.recurrentKernel[gate]))
      }
      #expect(conversion.mappings.contains { $0.target.hasSuffix(".W") })
    }
  }

  @Test("between recurrent layers the axes are not exchanged twice")
  func transposes() throws {
    try converted("keras3/lstm_stacked_dense.h5") { path, _ in
      let operators = try ONNXOutline(path).operators
      let layers = operators.count { ["LSTM", "GRU", "RNN"].contains($0) }
      #expect(layers >= 2)
      #expect(operators.count { $0 == "Transpose" } <= 2)
    }
  }

  @Test("a model of ONNX keeps the bits of its weights")
  func bits() throws {
    for name in ["bilstm_last", "front"] {
      try converted("onnx/\(name).onnx") { path, _ in
        let comparison = try Checkpoint(opening: TestData.path("onnx/\(name).onnx"))
          .compareWeights(with: Checkpoint(opening: path))
        #expect(comparison.isEqual, "\(name): \(comparison.verdict)")
      }
    }
  }

  @Test("other versions of the operators compute the same", arguments: [13, 16, 18, 20, 23, 25])
  func operatorSets(version: Int) throws {
    for name in ["masking_lstm_dense", "group_normalizations", "convolutions"] {
      try converted("keras3/\(name).h5", operatorSet: version) { path, _ in
        #expect(try ONNXOutline(path).operatorSet == version)
        let verification = try Checkpoint(opening: path).verify(
          golden: TestData.path("keras3/\(name).golden.npz"))
        #expect(verification.comparisons.allSatisfy { $0.matches })
      }
    }
  }

  @Test("a version that is not written is refused", arguments: [12, 26, -1])
  func otherVersions(version: Int) throws {
    let refusal = expectDiagnostic("onnx.operator-set") {
      try converted("keras3/lstm_last.h5", operatorSet: version) { _, _ in }
    }
    #expect(refusal?.found == "\(version)")
    try TestData.withFolder { folder in
      let path = folder.appending(path: "m.keras").path(percentEncoded: false)
      expectDiagnostic("file.option-unused") {
        try Checkpoint(opening: TestData.path("keras3/lstm_last.h5")).convert(
          to: path, operatorSet: 17)
      }
    }
  }

  @Test(
    "what has no form in ONNX is refused by name",
    arguments: [
      ("keras3/opaque_layer.h5", "not known"),
      ("keras3/stateful_lstm.h5", "keeps its state between calls"),
      ("keras3/operators_positions.keras", "multiplies along an axis"),
    ])
  func refusals(file: String, text: String) throws {
    let refusal = expectDiagnostic("model.unrepresentable") { try converted(file) { _, _ in } }
    #expect(refusal?.message.contains(text) == true, "\(refusal?.message ?? "")")
  }

  @Test("a cell that no operator is, is written for known timesteps and refused for free ones")
  func unrolled() throws {
    /// A cell of one unit with an activation that ONNX' RNN does not have.
    func model(timesteps: Int?) throws -> Model {
      func gates(_ values: [Float], _ shape: [Int]) throws -> GateMap<SimpleRNNGate, Tensor> {
        let tensor = try Tensor.float32(values, shape: shape)
        return GateMap { _ in tensor }
      }
      let cell = SimpleRNN(
        inputSize: 2, units: 1,
        weights: RecurrentWeights(
          kernel: try gates([0.5, -1], [1, 2]), recurrentKernel: try gates([0.75], [1, 1]),
          bias: .single(try gates([0.25], [1]))), activation: .silu)
      let layer = Recurrent(
        cell: .simpleRNN(cell), returnsSequence: true, returnsState: false, direction: .backward,
        isStateful: false, keptStateWins: false, maskedOutput: .previous)
      let input = Input(
        shape: [nil, timesteps, 2], elementType: .float32, acceptsOtherTypes: true)
      return try Model(
        name: "m", producer: "",
        nodes: [
          .init(name: "x", layerName: "x", layer: .input(input), inputs: []),
          .init(name: "rnn", layerName: "rnn", layer: .recurrent(layer), inputs: [.init("x")]),
        ], inputs: ["x"], outputs: [.init("rnn")]
      ).validated()
    }
    let format = try FormatRegistry.all.encoding(forPath: "m.onnx", id: nil)
    let encoded = try format.encode(model(timesteps: 3), options: EncodeOptions(source: "m"))
    var sink = MemorySink()
    try encoded.write(to: &sink)
    let read = try encoded.readBack(FileProbe(path: "m.onnx", bytes: TestData.region(sink.bytes)))
    guard case .model(let copy) = read else { return }
    let x = try Tensor.float32([1, 2, -1, 0.5, 0, 3], shape: [1, 3, 2])
    let (own, other) = (try model(timesteps: 3).run([x])[0], try copy.run([x])[0])
    #expect(own.largestDifference(from: other) < 1e-12)
    let refusal = expectDiagnostic("model.unrepresentable") {
      try format.encode(model(timesteps: nil), options: EncodeOptions(source: "m"))
    }
    #expect(refusal?.message.contains("silu") == true)
    #expect(refusal?.notes.isEmpty == false)
  }
}
