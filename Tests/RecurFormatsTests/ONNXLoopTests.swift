import Foundation
import Recur
import RecurFormats
import RecurModel
import RecurTestSupport
import Testing

/// Loops over free timesteps, computed positions and free extents
/// (`testdata/generators/gen_onnx_loops.py`).
@Suite("Loops and free extents of ONNX")
struct ONNXLoopTests {
  @Test(
    "a model computes what ONNX Runtime recorded",
    arguments: [
      "loop_gru", "loop_while", "scan_gru", "scan_lstm", "positions", "extents", "sorted_lengths",
      "loop_operator", "collected", "scan_time_first", "loop_one_sequence", "greedy",
    ])
  func golden(name: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path("onnx/loops/\(name).onnx"))
    let verification = try checkpoint.verify(golden: TestData.path("onnx/loops/\(name).golden.npz"))
    #expect(!verification.comparisons.isEmpty)
    for comparison in verification.comparisons {
      #expect(comparison.matches, "\(comparison.name): \(comparison.worst?.size ?? 0)")
    }
  }

  @Test(
    "a loop whose body is a cell is a recurrent layer",
    arguments: [
      ("loop_gru", "GRU(4)", .afterProduct, .forward),
      ("scan_gru", "GRU(4)", .beforeProduct, .backward),
      ("scan_lstm", "LSTM(4)", nil, .forward), ("loop_while", "RNN(4)", nil, .forward),
      ("loop_operator", "LSTM(4)", nil, .forward), ("scan_time_first", "RNN(4)", nil, .forward),
      ("loop_one_sequence", "LSTM(4)", nil, .forward),
    ] as [(String, String, GRU.ResetPlacement?, Recurrent.Direction)])
  func raised(
    name: String, title: String, placement: GRU.ResetPlacement?, direction: Recurrent.Direction
  ) throws {
    let model = try Checkpoint(opening: TestData.path("onnx/loops/\(name).onnx")).model
    let layers = model.nodes.flatMap(\.layer.recurrents)
    #expect(layers.map(\.cell.title) == [title])
    #expect(layers.map(\.direction) == [direction])
    guard case .gru(let gru)? = layers.first?.cell else { return }
    #expect(gru.resetPlacement == placement)
  }

  @Test("where the batch is a number, the free extent in front of it is the timesteps")
  func timeFirst() throws {
    let model = try Checkpoint(opening: TestData.path("onnx/loops/scan_time_first.onnx")).model
    let axes = model.nodes.compactMap { node -> Int? in
      guard case .input(let input) = node.layer, input.shape.count == 3 else { return nil }
      return input.batchAxis
    }
    #expect(axes == [1])
    try TestData.withFolder { folder in
      for format in ["keras", "onnx"] {
        let path = folder.appending(path: "model.\(format)").path(percentEncoded: false)
        _ = try Checkpoint(opening: TestData.path("onnx/loops/scan_time_first.onnx")).convert(
          to: path)
        let golden = TestData.path("onnx/loops/scan_time_first.golden.npz")
        #expect(try Checkpoint(opening: path).verify(golden: golden).matches)
      }
    }
  }

  @Test("a loop over free timesteps whose body is no cell is refused by name")
  func refusal() throws {
    let refusal = expectDiagnostic("graph.unsupported") {
      try Checkpoint(opening: TestData.path("onnx/loops/refused/no_cell.onnx"))
    }
    #expect(refusal?.message.contains("its body is no cell that is known") == true)
    #expect(refusal?.location.object == "last, Scan")
  }

  @Test("lengths of a sample are lengths, also where they are sorted first")
  func sortedLengths() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.onnx").path(percentEncoded: false)
      let checkpoint = try Checkpoint(opening: TestData.path("onnx/loops/sorted_lengths.onnx"))
      _ = try checkpoint.convert(to: path)
      let golden = TestData.path("onnx/loops/sorted_lengths.golden.npz")
      #expect(try Checkpoint(opening: path).verify(golden: golden).matches)
    }
  }

  @Test("a loop of a Keras cell is converted to a layer of Keras")
  func conversion() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.keras").path(percentEncoded: false)
      let checkpoint = try Checkpoint(opening: TestData.path("onnx/loops/scan_lstm.onnx"))
      _ = try checkpoint.convert(to: path)
      let layers = try Checkpoint(opening: path).model.nodes.flatMap(\.layer.recurrents)
      #expect(layers.map(\.cell.title) == ["LSTM(4)"])
    }
  }
}
