import Recur
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Keras → PyTorch and back keeps every bit")
struct StateDictRoundTripTests {
  @Test(
    "what is written is read back, in both containers", arguments: Fixture.withGolden)
  func containers(fixture: Fixture) throws {
    let model = try Checkpoint(opening: TestData.path(fixture.path)).model
    let (tensors, mappings) = try StateDictMapping(model).encode()
    #expect(mappings.map(\.target) == tensors.names)
    for format in modelFormats.compactMap({ $0 as? any ModelEncoding }) {
      var sink = MemorySink()
      try format.encode(StateDict(tensors: tensors, metadata: [("format", "pt")]), into: &sink)
      var again = MemorySink()
      try format.encode(StateDict(tensors: tensors, metadata: [("format", "pt")]), into: &again)
      #expect(sink.bytes == again.bytes, "the same tensors must give the same bytes")
      let probe = FileProbe(path: "x", bytes: TestData.region(sink.bytes))
      let read = try StateDict.read(probe).tensors
      #expect(Set(read.names) == Set(tensors.names))
      for (name, tensor) in tensors.entries {
        #expect(try #require(read[name]).isBitEqual(to: tensor), "\(format.id) \(name)")
      }
    }
  }

  @Test("weights are the transposed originals, bit for bit", arguments: Fixture.withGolden)
  func bits(fixture: Fixture) throws {
    let model = try Checkpoint(opening: TestData.path(fixture.path)).model
    let mapping = StateDictMapping(model)
    let (tensors, _) = try mapping.encode()
    let (copy, unused) = try mapping.decode(tensors)
    #expect(unused.isEmpty)
    for node in model.weightedNodes {
      let other = try #require(copy.node(node.name))
      switch (node.layer, other.layer) {
      case (.lstm(let one), .lstm(let two)):
        for gate in LSTMGate.allCases {
          #expect(one.weights.kernel[gate].isBitEqual(to: two.weights.kernel[gate]))
          #expect(
            one.weights.recurrentKernel[gate].isBitEqual(to: two.weights.recurrentKernel[gate]))
          if case .single(let bias) = one.weights.bias,
            case .split(let input, let recurrent) = two.weights.bias
          {
            #expect(bias[gate].isBitEqual(to: input[gate]))
            #expect(recurrent[gate].doubles().allSatisfy { $0 == 0 })
          }
        }
      case (.dense(let one), .dense(let two)):
        #expect(one.kernel.isBitEqual(to: two.kernel))
      case (.embedding(let one), .embedding(let two)):
        #expect(one.table.isBitEqual(to: two.table))
      default: Issue.record("\(node.name) became another layer")
      }
    }
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
        "tensor.missing", "tensor.shape-mismatch", "tensor.missing",
      ])
    #expect(error?.diagnostic.hint == "the nearest name is 'lstm.weight_ih_10'")
  }
}
