import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurKeras
import RecurModel
import RecurPyTorch
import RecurTensors
import RecurTestSupport
import Testing

/// The text for users of the library: code of their framework and names of the library, and no
/// commands.
@Suite("Findings in the words of a framework")
struct FrameworkWordsTests {
  private func error(_ body: () throws -> Void) throws -> CheckpointError {
    try #require(#expect(throws: CheckpointError.self, performing: body))
  }

  @Test("come from the checkpoint; the model alone knows what could be done")
  func explaining() throws {
    let declared = try Checkpoint(opening: TestData.path("questions/declared.h5"))
    let torch = try Checkpoint(
      opening: TestData.path("questions/lstm.pt"),
      options: OpeningOptions(
        architecture: TestData.path("questions/lstm.json"), inputs: ["x"]))
    let x = try Tensor.float32([Float](repeating: 0, count: 1280), shape: [1, 128, 10])
    for (checkpoint, place, code) in [
      (declared, Diagnostic.Fix.Tool.keras, "model.predict(np.swapaxes(x, 1, 2))"),
      (torch, .pytorch, "model(x.transpose(1, 2))"),
    ] {
      let plain = try error { _ = try checkpoint.model.run([x]) }.diagnostic
      #expect(plain.fixes.map(\.tool) == [.numpy])
      #expect(plain.remedies.last == .exchangeAxes(1, 2))
      let explained = try error {
        _ = try checkpoint.explaining { () throws(CheckpointError) in
          try checkpoint.model.run([x])
        }
      }.diagnostic
      #expect(explained.fixes.last == .init(place, code))
      #expect(checkpoint.explained([explained]) == [explained])
    }
  }

  @Test("a recording of another length is explained for the frameworks it may come from")
  func recording() throws {
    let checkpoint = try Checkpoint(opening: TestData.path("questions/last.h5"))
    let diagnostic = try error {
      _ = try checkpoint.verify(golden: TestData.path("questions/every.golden.npz"))
    }.diagnostic
    #expect(diagnostic.reason?.contains(": return_sequences in Keras") == true)
    #expect(diagnostic.fixes.map(\.tool) == [.keras, .pytorch])
  }

  @Test("name no command and no flag")
  func withoutFlags() throws {
    let path = TestData.path("keras3/masking_lstm_dense.h5")
    let checkpoint = try Checkpoint(opening: path)
    try TestData.withFolder { folder in
      let output = folder.appending(path: "m.pt").path(percentEncoded: false)
      let last = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5"))
      _ = try last.convert(to: output)
      let errors = [
        try error { _ = try last.convert(to: output) },
        try error { _ = try last.convert(to: output + "x") },
        try error { _ = try last.convert(to: output + ".keras", module: "m.py") },
        try error { _ = try checkpoint.convert(to: output, overwriting: true) },
        try error {
          _ = try Checkpoint(opening: path, options: OpeningOptions(key: "model"))
        },
        try error {
          _ = try Checkpoint(opening: path, options: OpeningOptions(inputs: ["x"]))
        },
        try error {
          _ = try Checkpoint(
            opening: TestData.path("questions/lstm.pt"),
            options: OpeningOptions(
              architecture: TestData.path("questions/lstm.json"), returnsSequences: true))
        },
      ]
      #expect(
        errors[0].diagnostic.hint == "choose another name, or allow it with 'replacing'")
      for text in errors.map(\.description) {
        #expect(!text.contains("--f") && !text.contains("--m") && !text.contains("--t"), "\(text)")
        #expect(!text.contains("--key") && !text.contains("--inputs"), "\(text)")
        #expect(!text.contains("recur "), "\(text)")
      }
    }
  }
}
