import RecurFormats
import RecurInference
import RecurKeras
import RecurModel
import RecurPyTorch
import RecurTensors
import Testing

@Suite("The shape of a state")
struct StateCheckTests {
  /// h_0 of nn.LSTM(…, 20, num_layers=2, bidirectional=True) for a batch of 3.
  private var torch: StateDemand {
    StateDemand(
      name: "h_0", layer: "lstm", units: 20, layersTimesDirections: 4, directions: 2, batch: 3)
  }

  private var keras: StateDemand {
    StateDemand(name: "lstm.h", layer: "lstm", units: 20, batch: 3)
  }

  @Test("fits when every extent does") func fits() {
    #expect(torch.problem(with: [4, 3, 20]) == nil)
    #expect(keras.problem(with: [3, 20]) == nil)
    var anyBatch = keras
    anyBatch.batch = nil
    #expect(anyBatch.problem(with: [7, 20]) == nil)
  }

  // torch 2.13: "Expected hidden[0] size (4, 3, 20), got [2, 3, 20]" and the like for all of these.
  @Test(
    "is judged axis by axis for torch.nn",
    arguments: [
      ([2, 3, 20], "state.layers", "h_0 = torch.zeros(4, 3, 20)"),
      ([6, 3, 20], "state.layers", "h_0 = h_0[:4]"),
      ([4, 1, 20], "state.batch", "h_0 = h_0.expand(-1, 3, -1).contiguous()"),
      ([4, 5, 20], "state.batch", "h_0 = h_0[:, :3]"),
      ([4, 2, 20], "state.batch", "h_0 = torch.zeros(4, 3, 20)"),
      ([4, 3, 40], "state.units", "first, second = h_0[..., :20], h_0[..., 20:]"),
      ([4, 3, 7], "state.units", "h_0 = torch.zeros(4, 3, 20)"),
      ([3, 4, 20], "state.shape", "h_0 = h_0.transpose(0, 1).contiguous()"),
      ([2, 5, 20], "state.shape", "h_0 = torch.zeros(4, 3, 20)"),
      ([3, 20], "state.rank", "h_0 = torch.zeros(4, 3, 20)"),
      ([20], "state.rank", "h_0 = torch.zeros(4, 3, 20)"),
      ([], "state.rank", "h_0 = torch.zeros(4, 3, 20)"),
    ])
  func torchShapes(shape: [Int], code: String, fix: String) throws {
    let problem = try #require(torch.problem(with: shape)?.explained(by: PyTorchConvention()))
    #expect(problem.code.rawValue == code)
    #expect(problem.expected == "[4, 3, 20]: (layers·directions, batch, units)")
    #expect(problem.found == shapeText(shape))
    #expect(problem.reason != nil)
    #expect(problem.fixes.last?.code == fix)
    #expect(!problem.fixes.contains { $0.tool == .keras })
  }

  @Test(
    "is judged axis by axis for Keras",
    arguments: [
      ([1, 20], "state.batch", "h = np.repeat(h, 3, axis=0)"),
      ([8, 20], "state.batch", "h = h[:3]"),
      ([3, 21], "state.units", "h = np.zeros((3, 20), 'float32')"),
      ([1, 3, 20], "state.rank", "h = h[0]"),
      ([2, 3, 20], "state.rank", "h = h[0]   # the state of layer 0, direction 0"),
    ])
  func kerasShapes(shape: [Int], code: String, fix: String) throws {
    let problem = try #require(keras.problem(with: shape)?.explained(by: KerasConvention()))
    #expect(problem.code.rawValue == code)
    #expect(problem.fixes.last?.code == fix)
    #expect(!problem.fixes.contains { $0.tool == .pytorch })
  }

  @Test("of one torch layer can be made of Keras' and of another module's") func oneLayer() throws {
    var one = torch
    (one.layersTimesDirections, one.directions) = (1, 1)
    let plain = one.problem(with: [3, 20])?.explained(by: PyTorchConvention())
    #expect(plain?.fixes.last?.code == "h_0 = h_0[None]")
    let twice = try #require(one.problem(with: [2, 3, 20]))
    #expect(twice.code.rawValue == "state.layers")
    #expect(twice.message == "the state 'h_0' holds 2 states, and 'lstm' has 1")
    #expect(
      one.problem(with: [3, 3, 20])?.reason?.hasSuffix("3 is the batch, which is the second axis")
        == true)
  }

  @Test("that was kept is not repeated but reset") func kept() throws {
    var demand = keras
    demand.origin = .kept
    let problem = try #require(demand.problem(with: [4, 20])?.explained(by: KerasConvention()))
    #expect(
      problem.remedies == [
        .beginWithZeros, .resetStates(layer: "lstm"),
        .code(.init(.keras, "model.get_layer(\"lstm\").reset_states()")),
      ])
  }
}
