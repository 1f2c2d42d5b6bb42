import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("States as arrays")
struct StateLayoutTests {
  private func model() throws -> Model {
    var cells = CellModels()
    return CellModels.model(
      .recurrent(CellModels.recurrent(.lstm(try cells.lstm(2, 3)))), inputSize: 2)
  }

  private func zeros(_ shape: [Int]) throws -> Tensor {
    try .float64([Double](repeating: 0.5, count: shape.reduce(1, *)), shape: shape)
  }

  @Test("have names of their layers, or what people have at hand") func names() throws {
    let layout = StateLayout(try model())
    #expect(layout.arrays.map(\.name) == ["layer.h", "layer.c"])
    let given = [["layer.h", "layer.c"], ["h", "c"], ["h_n", "c_n"], ["arr_0", "arr_1"]]
    for names in given {
      let state = try layout.state(names.map { ($0, try zeros([2, 3])) }, batch: 2)
      #expect(
        state["layer"]?.values == [[[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]] + [
          [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
        ])
    }
  }

  @Test("that are unknown, missing or given twice are all named") func unknown() throws {
    let layout = StateLayout(try model())
    do {
      _ = try layout.state(
        [("layer.g", try zeros([2, 3])), ("h", try zeros([2, 3])), ("h_0", try zeros([2, 3]))],
        batch: 2)
      Issue.record("nothing was thrown")
    } catch let error as CheckpointError {
      #expect(
        error.diagnostics.map(\.code.rawValue) == [
          "state.unknown", "state.unknown", "state.missing",
        ])
      #expect(error.diagnostic.reason == "'layer.h' is nearest")
    }
    expectDiagnostic("state.batch") {
      try layout.state([("h", try zeros([1, 3])), ("c", try zeros([1, 3]))], batch: 2)
    }
  }
}
