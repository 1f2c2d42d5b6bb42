import Recur
import RecurContainers
import RecurFormats
import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

/// Compares Flax's outputs (`generators/gen_mgu.py`) with the reference, the engine, and the GRU
/// that other frameworks get.
@Suite("A minimal gated unit is a GRU with equal gates")
struct MinimalGatedUnitTests {
  private let archive: NPZArchive

  init() throws { archive = try NPZArchive(TestData.region(TestData.bytes("flax/mgu.npz"))) }

  private func array(_ name: String) throws -> Tensor { try #require(try archive.tensor(name)) }

  /// Flax keeps `[inputs, units]`; `hf` has no bias.
  private func unit() throws -> MinimalGatedUnit {
    func gates(_ forget: Tensor, _ candidate: Tensor) -> GateMap<MinimalGate, Tensor> {
      GateMap { $0 == .forget ? forget : candidate }
    }
    let weights = RecurrentWeights(
      kernel: gates(
        try array("if/kernel").transposed(), try array("in/kernel").transposed()),
      recurrentKernel: gates(
        try array("hf/kernel").transposed(), try array("hn/kernel").transposed()),
      bias: .split(
        input: gates(try array("if/bias"), try array("in/bias")),
        recurrent: gates(try .zeros(.float32, shape: [4]), try array("hn/bias"))))
    return MinimalGatedUnit(
      inputSize: 3, units: 4, weights: weights, activation: .tanh, recurrentActivation: .sigmoid,
      resetPlacement: .afterProduct)
  }

  private func model(isStateful: Bool = false) throws -> Model {
    let layer = Recurrent(
      cell: .minimalGated(try unit()), returnsSequence: true, returnsState: false,
      direction: .forward, isStateful: isStateful, keptStateWins: false, maskedOutput: .previous)
    let x = Model.Node(
      name: "x", layerName: "x",
      layer: .input(
        Input(shape: [nil, nil, 3], elementType: .float32, acceptsOtherTypes: true)),
      inputs: [])
    let mgu = Model.Node(
      name: "mgu", layerName: "mgu", layer: .recurrent(layer), inputs: [Model.Value("x")])
    return try Model(
      name: "mgu", producer: "a test", nodes: [x, mgu], inputs: ["x"],
      outputs: [Model.Value("mgu")]
    ).validated()
  }

  private func differs(_ outputs: [Tensor], by tolerance: Double) throws -> Bool {
    let wanted = try array("out_0")
    #expect(outputs.map(\.shape) == [wanted.shape])
    return zip(outputs[0].doubles(), wanted.doubles()).contains {
      !(abs($0 - $1) <= tolerance)
    }
  }

  @Test("the reference computes what Flax computes") func reference() throws {
    let x = try array("in_0")
    #expect(try !differs(model().run([x]), by: 1e-6))
    // A change of one number of one weight is reported.
    var changed = try unit()
    let bias = try #require(try array("in/bias").doubles().first)
    changed.weights.bias = .single(
      GateMap { _ in (try? Tensor.float32([Float(bias) + 0.1, 0, 0, 0], shape: [4])) ?? x })
    var other = try model()
    other.nodes[1].layer = try other.nodes[1].layer.mappingRecurrents {
      (recurrent: Recurrent) throws(CheckpointError) -> Recurrent in
      var copy = recurrent
      copy.cell = .minimalGated(changed)
      return copy
    }
    #expect(try differs(other.run([x]), by: 1e-6))
  }

  @Test("the engine leaves it to the reference, in pieces too") func engine() throws {
    let x = try array("in_0")
    #expect(try !differs(Program(model()).run([x]), by: 1e-6))
    let program = try Program(model(isStateful: true))
    var state = RecurrentState()
    var pieces: [[Double]] = []
    for t in 0..<6 {
      let piece = try program.run([x.slice(axis: 1, t..<t + 1)], state: &state)
      pieces.append(piece[0].doubles())
    }
    let whole = try array("out_0")
    for (t, piece) in pieces.enumerated() {
      let wanted = whole.slice(axis: 1, t..<t + 1).doubles()
      #expect(zip(piece, wanted).allSatisfy { abs($0 - $1) <= 1e-6 }, "timestep \(t)")
    }
  }

  @Test("Keras and PyTorch get a GRU that computes the same", arguments: ["keras", "pytorch"])
  func converted(_ format: String) throws {
    let own = try model()
    let encoding = try FormatRegistry.all.encoding(forPath: "", id: format)
    let encoded = try encoding.encode(own, options: EncodeOptions(source: "test"))
    var sink = MemorySink()
    try encoded.write(to: &sink)
    let written = FileProbe(path: "written", bytes: TestData.region(sink.bytes))
    let x = try array("in_0")
    switch try encoded.readBack(written) {
    case .model(let copy):
      #expect(try !differs(copy.run([x]), by: 1e-6))
      #expect(copy.compareWeights(with: own).isEqual)
    case .tensors(let tensors):
      #expect(!tensors.isEmpty)
      #expect(tensors.allSatisfy { $0.written.isBitEqual(to: $0.meant) })
    }
  }

  @Test("a GRU whose gates differ is no minimal gated unit") func unequalGates() throws {
    var gru = try unit().asGRU
    #expect(try unit().withWeights(of: gru) != nil)
    gru.weights.kernel[.reset] = try array("in/kernel").transposed()
    #expect(try unit().withWeights(of: gru) == nil)
  }
}
