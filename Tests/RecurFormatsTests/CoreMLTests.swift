import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// Packages and networks that coremltools wrote, with what torch computes from the same weights.
@Suite("Core ML is read")
struct CoreMLTests {
  static let models = [
    "lstm_states.mlpackage", "bilstm_last.mlpackage", "gru_loop.mlpackage",
    "gru.mlpackage",
    "rnn_reverse.mlpackage", "front.mlpackage", "lstm.mlmodel", "bilstm.mlmodel", "rnn.mlmodel",
  ]

  private func path(_ name: String) -> String { TestData.path("neighbours/coreml/\(name)") }

  @Test("what torch computes", arguments: models)
  func goldens(name: String) throws {
    let stem = String(name.split(separator: ".")[0])
    let verification = try Checkpoint(opening: path(name)).verify(
      golden: path("\(stem).golden.npz"))
    #expect(!verification.comparisons.isEmpty && verification.unrecorded == 0)
    for comparison in verification.comparisons {
      #expect(comparison.matches, "\(comparison.name): \(comparison.worst?.size ?? 0)")
      // A tolerance as large as the effect of a mistake would prove nothing.
      #expect(comparison.tolerance.absolute < 1e-4)
    }
  }

  @Test("a loop over any number of timesteps is a recurrent layer")
  func loops() throws {
    let checkpoint = try Checkpoint(opening: path("gru_loop.mlpackage"))
    let cells = checkpoint.model.nodes.compactMap { node -> GRU? in
      guard case .recurrent(let layer) = node.layer, case .gru(let cell) = layer.cell else {
        return nil
      }
      return cell
    }
    #expect(cells.map(\.units) == [4] && cells[0].resetPlacement == .afterProduct)
    #expect(!checkpoint.diagnostics.contains { $0.code.rawValue == "coreml.differs" })
  }

  @Test("a package is one model, by whatever file of it")
  func folders() throws {
    let folder = path("rnn_reverse.mlpackage")
    for part in [
      "", "/Manifest.json", "/Data", "/Data/com.apple.CoreML/model.mlmodel",
      "/Data/com.apple.CoreML/weights/weight.bin",
    ] {
      let checkpoint = try Checkpoint(opening: folder + part)
      #expect(checkpoint.format == "mlpackage", "\(part)")
    }
    #expect(FormatRegistry.all.isModelFolder(folder))
    let inspection = try Checkpoint.inspect(folder)
    #expect(inspection.layers.map(\.className) == ["rnn"])
    #expect(inspection.tensors.count == 4)
  }

  @Test(
    "what is not certain or compressed is refused by name",
    arguments: [("compressed", "constexpr"), ("gru_reset_after", "reset_after")])
  func refusals(name: String, word: String) throws {
    let finding = expectDiagnostic("graph.unsupported") {
      try Checkpoint(opening: path("refused/\(name).mlpackage"))
    }
    #expect(finding?.message.contains(word) == true)
    // What can't be run can be listed.
    #expect(try !Checkpoint.inspect(path("refused/\(name).mlpackage")).layers.isEmpty)
  }

  @Test("the weights must be those of the program")
  func weights() throws {
    try TestData.withFolder { folder in
      let copy = folder.appending(path: "m.mlpackage")
      try FileManager.default.copyItem(
        at: URL(filePath: path("rnn_reverse.mlpackage")), to: copy)
      let file = copy.appending(path: "Data/com.apple.CoreML/weights/weight.bin")
      var bytes = try Array(Data(contentsOf: file))
      bytes[64 + 4] = 1
      try Data(bytes).write(to: file)
      _ = expectDiagnostic("coreml.weights") {
        try Checkpoint(opening: copy.path(percentEncoded: false))
      }
      try FileManager.default.removeItem(at: file)
      _ = expectDiagnostic("coreml.weights") {
        try Checkpoint(opening: copy.path(percentEncoded: false))
      }
    }
  }
}
