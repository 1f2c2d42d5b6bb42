import Recur
import RecurFormats
import RecurModel
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Keras → PyTorch and back keeps every bit")
struct StateDictRoundTripTests {
  @Test(
    "what is written is read back, in both containers", arguments: Fixture.withGolden)
  func containers(fixture: Fixture) throws {
    let model = try Checkpoint(
      opening: TestData.path(fixture.path), architecture: fixture.architecturePath
    ).model
    let (tensors, mappings) = try StateDictMapping(model).encode()
    #expect(mappings.map(\.target) == tensors.names)
    // No format recognises an archive without entries.
    let isEmpty = tensors.names.isEmpty
    for format in FormatRegistry.all.formats.compactMap({ $0 as? any StateDictEncoding })
    where !isEmpty || format.id != "npz" {
      let stateDict = try format.adapted(
        StateDict(tensors: tensors, metadata: [("format", "pt")])
      ).stateDict
      var sink = MemorySink()
      try format.encode(stateDict, into: &sink)
      var again = MemorySink()
      try format.encode(stateDict, into: &again)
      #expect(sink.bytes == again.bytes, "the same tensors must give the same bytes")
      let probe = FileProbe(path: "x", bytes: TestData.region(sink.bytes))
      let read = try StateDict.read(probe).tensors
      #expect(Set(read.names) == Set(tensors.names))
      for (name, tensor) in stateDict.tensors.entries {
        #expect(try #require(read[name]).isBitEqual(to: tensor), "\(format.id) \(name)")
      }
    }
  }

  @Test("weights are the originals, bit for bit", arguments: Fixture.withGolden)
  func bits(fixture: Fixture) throws {
    try expectRoundTrip(
      Checkpoint(opening: TestData.path(fixture.path), architecture: fixture.architecturePath).model
    )
  }

  /// Writes, reads and writes again: no tensor is unused, no weight changes, and added tensors are
  /// in the second file too.
  private func expectRoundTrip(_ model: Model) throws {
    let mapping = StateDictMapping(model)
    let (tensors, _) = try mapping.encode()
    let (copy, unused) = try mapping.decode(tensors)
    #expect(unused.isEmpty)
    for node in model.weightedNodes {
      let other = try #require(copy.node(node.name)).layer.tensors.map(\.tensor)
      for (role, tensor) in node.layer.tensors {
        #expect(other.contains { $0.isBitEqual(to: tensor) }, "\(role) of '\(node.name)'")
      }
    }
    let (again, _) = try StateDictMapping(copy).encode()
    #expect(Set(again.names) == Set(tensors.names))
    for (name, tensor) in tensors.entries {
      #expect(try #require(again[name]).isBitEqual(to: tensor), "\(name)")
    }
  }

  /// Every kind of layer that has weights, and its keys.
  private static func samples() throws -> [(layer: Layer, keys: [String])] {
    var make = LayerSamples()
    let biases = ["bias_ih_l0", "bias_hh_l0"]
    let plain = ["weight_ih_l0", "weight_hh_l0"] + biases
    let cell = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    return [
      (.recurrent(make.recurrent(try make.lstm(3, 2))), plain),
      (.recurrent(make.recurrent(try make.lstm(3, 2, .none))), Array(plain.prefix(2))),
      (.recurrent(make.recurrent(try make.gru(3, 2))), plain),
      (.recurrent(make.recurrent(try make.gru(3, 2, .single, .beforeProduct))), plain),
      (.recurrent(make.recurrent(try make.rnn(3, 2))), plain),
      (
        .recurrent(
          make.recurrent(.stacked(StackedCells([try make.gru(3, 2), try make.lstm(2, 4)])))),
        cell.map { "cells.0.\($0)" } + cell.map { "cells.1.\($0)" }
      ),
      (make.pair(try make.lstm(3, 2), try make.lstm(3, 2)), plain + plain.map { "\($0)_reverse" }),
      (
        make.pair(try make.lstm(3, 2), try make.lstm(3, 4)),
        plain.map { "forward_layer.\($0)" } + plain.map { "backward_layer.\($0)" }
      ),
      (.timeDistributed(TimeDistributed(.dense(try dense(&make)))), ["weight", "bias"]),
      (
        .convolution(
          Convolution(
            kernel: try make.tensor([4, 3, 2]), bias: try make.tensor([4]), activation: .linear,
            stride: 1, dilation: 1, groups: 1, padding: .valid)), ["weight", "bias"]
      ),
      (
        .batchNormalization(
          BatchNormalization(
            gamma: nil, beta: try make.tensor([3]), movingMean: try make.tensor([3]),
            movingVariance: try make.tensor([3]), epsilon: 0.001)),
        ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
      ),
      (
        .layerNormalization(
          LayerNormalization(gamma: try make.tensor([3]), beta: nil, width: 3, epsilon: 0.001)),
        ["weight", "bias"]
      ),
      (
        .standardization(
          Standardization(
            mean: try make.tensor([3]), variance: try make.tensor([3]), isInverse: false)),
        ["mean", "variance"]
      ),
      (.parametricReLU(ParametricReLU(alpha: try make.tensor([4, 3]))), ["weight"]),
    ]
  }

  private static func dense(_ make: inout LayerSamples) throws -> Dense {
    Dense(kernel: try make.tensor([2, 3]), bias: try make.tensor([2]), activation: .relu)
  }

  @Test("every layer with weights has the keys of its torch module, and comes back")
  func everyLayer() throws {
    for (layer, keys) in try Self.samples() {
      let model = LayerSamples.model(layer)
      let names = try StateDictMapping(model).encode().tensors.names
      #expect(names == keys.map { "layer.\($0)" }, "\(layer.title)")
      try expectRoundTrip(model)
    }
  }

  @Test("attention has a scale and a score weight") func attention() throws {
    var make = LayerSamples()
    let score = Attention.Score.concatenation(
      scale: try make.tensor([]), weight: try make.tensor([]))
    let layer = Layer.attention(
      Attention(
        score: score, isCausal: false, hasKey: false, hasQueryMask: false, hasValueMask: false))
    let model = LayerSamples.model(layer, inputs: 2)
    #expect(
      try StateDictMapping(model).encode().tensors.names == ["layer.scale", "layer.score_weight"])
    try expectRoundTrip(model)
  }

  @Test("rows of a GRU are r, z, n, and a missing bias is zeros") func gatesOfGRU() throws {
    var make = LayerSamples()
    let cell = try make.gru(3, 2, .single, .beforeProduct)
    guard case .gru(let gru) = cell else {
      Issue.record("no .gru")
      return
    }
    let (tensors, mappings) = try StateDictMapping(
      LayerSamples.model(.recurrent(make.recurrent(cell)))
    ).encode()
    let kernel = try #require(tensors["layer.weight_ih_l0"])
    for (position, gate) in [GRUGate.reset, .update, .candidate].enumerated() {
      let rows = kernel.slice(axis: 0, 2 * position..<2 * position + 2)
      #expect(rows.isBitEqual(to: gru.weights.kernel[gate]), "\(gate)")
    }
    #expect(try #require(tensors["layer.bias_hh_l0"]).doubles() == [0, 0, 0, 0, 0, 0])
    #expect(mappings[0].operation == "copied; gates reset, update, candidate")
  }

  @Test("tensors of unknown layers are carried as they are, under names torch takes")
  func opaque() throws {
    var make = LayerSamples()
    let one = try make.tensor([2, 2])
    let layer = Layer.opaque(
      OpaqueLayer(
        className: "Mystery",
        tensors: [("kernel:0", one), ("steps", try .int32([7], shape: []))], outputCount: 1))
    let mapping = StateDictMapping(LayerSamples.model(layer))
    let (tensors, _) = try mapping.encode()
    #expect(tensors.names == ["layer.kernel_0", "layer.steps"])
    let (copy, unused) = try mapping.decode(tensors)
    #expect(unused.isEmpty)
    #expect(copy.node("layer")?.layer.tensors[1].tensor.doubles() == [7])
  }

  @Test("a missing and a wrong tensor are both reported") func problems() throws {
    let model = try Checkpoint(opening: TestData.path("keras3/lstm_stacked_dense.h5")).model
    let mapping = StateDictMapping(model)
    var broken = TensorTable()
    for (name, tensor) in try mapping.encode().tensors.entries where name != "dense.bias" {
      try broken.append(
        name == "lstm.weight_ih_l0" ? "lstm.weight_ih_10" : name,
        name == "lstm_1.weight_hh_l0" ? tensor.slice(axis: 0, 0..<8) : tensor)
    }
    let error = #expect(throws: CheckpointError.self) { try mapping.decode(broken) }
    #expect(
      error?.diagnostics.map(\.code.rawValue) == [
        "tensor.missing", "tensor.shape-mismatch", "tensor.missing", "tensor.unused",
      ])
    #expect(error?.diagnostic.hint == "the file has 'lstm.weight_ih_10', which nothing uses")
    #expect(
      error?.diagnostic.fixes == [
        .init(
          .pytorch,
          "state_dict[\"lstm.weight_ih_l0\"] = state_dict.pop(\"lstm.weight_ih_10\")")
      ])
    #expect(
      error?.diagnostics.last?.hint == "'lstm.weight_ih_l0' is missing; it may be meant by this one"
    )
  }
}
