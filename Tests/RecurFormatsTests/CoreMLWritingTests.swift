import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// Models of all frameworks, written as packages of Core ML (`testdata/generators/judge_coreml.py`
/// judges the same files).
@Suite("Core ML is written")
struct CoreMLWritingTests {
  private func converted(
    _ file: String, exposesStates: Bool = false, _ body: (String, Conversion) throws -> Void
  ) throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "m.mlpackage").path(percentEncoded: false)
      let conversion = try Checkpoint(opening: TestData.path(file)).convert(
        to: path, exposesStates: exposesStates)
      try body(path, conversion)
    }
  }

  @Test(
    "what is written computes what the framework recorded",
    arguments: [
      "keras3/lstm_last.h5", "keras3/lstm_backwards.h5", "keras3/gru_reset_after_true.h5",
      "keras3/gru_variants.keras", "keras3/bidirectional_modes.h5",
      "keras3/convolutions.h5", "keras3/lstm_activations.h5", "keras_1_2_2/bilstm_gru.h5",
      "onnx/bilstm_last.onnx", "neighbours/coreml/front.mlpackage",
    ])
  func goldens(file: String) throws {
    try converted(file) { path, conversion in
      #expect(conversion.format == "mlpackage" && conversion.proof == .outputs)
      let stem = file.split(separator: ".").dropLast().joined(separator: ".")
      let verification = try Checkpoint(opening: path).verify(
        golden: TestData.path("\(stem).golden.npz"))
      #expect(!verification.comparisons.isEmpty)
      for comparison in verification.comparisons {
        #expect(comparison.matches, "\(comparison.name): \(comparison.worst?.size ?? 0)")
      }
    }
  }

  @Test("gates stand in Core ML's order, and weights keep their bits")
  func weights() throws {
    try converted("keras3/lstm_last.h5") { path, _ in
      let original = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5"))
      let comparison = try original.compareWeights(with: Checkpoint(opening: path))
      #expect(comparison.isEqual, "\(comparison.verdict)")
      let table = try CoreMLWritingTests.tensors(path)
      let kernel = try #require(table["lstm_weight_ih"])
      let own = try original.model.lstm(named: original.model.nodes[1].layerName)
      let rows = kernel.doubles()
      let width = own.inputSize
      for (index, gate) in [LSTMGate.input, .forget, .output, .cell].enumerated() {
        let part = rows[index * own.units * width..<(index + 1) * own.units * width]
        #expect(Array(part) == own.weights.kernel[gate].doubles(), "\(gate)")
      }
    }
  }

  private static func tensors(_ path: String) throws -> TensorTable {
    let probe = try FormatRegistry.all.probe(path)
    let format = try #require(try FormatRegistry.all.format(of: probe) as? any TensorListing)
    return try format.tensors(probe, key: nil, DecodeLimits()).table
  }

  @Test("the same model gives the same bytes, in three files")
  func deterministic() throws {
    func bytes() throws -> [String: Data] {
      var all: [String: Data] = [:]
      try converted("keras3/gru_reset_after_true.h5") { path, _ in
        for name in try FileManager.default.subpathsOfDirectory(atPath: path).sorted() {
          all[name] = try? Data(contentsOf: URL(filePath: path + "/" + name))
        }
      }
      return all.filter { $0.value.count > 0 }
    }
    let one = try bytes()
    #expect(
      one.keys.sorted() == [
        "Data/com.apple.CoreML/model.mlmodel", "Data/com.apple.CoreML/weights/weight.bin",
        "Manifest.json",
      ])
    #expect(try bytes() == one)
  }

  @Test("states become inputs and outputs")
  func states() throws {
    try converted("keras3/lstm_last.h5", exposesStates: true) { path, _ in
      let model = try Checkpoint(opening: path).model
      #expect(model.inputs.count == 3 && model.outputs.count == 3)
    }
  }

  @Test(
    "what no operation has is refused by name, and nothing is left behind",
    arguments: [
      ("keras3/masking_lstm_dense.h5", "Masking"), ("keras3/stateful_lstm.h5", "keeps its state"),
      ("keras3/float64_lstm.h5", "float64"), ("keras3/stacked_cells_initial_state.keras", "stack"),
    ])
  func refusals(file: String, word: String) throws {
    guard FileManager.default.fileExists(atPath: TestData.path(file)) else {
      Issue.record("\(file) is not there")
      return
    }
    try TestData.withFolder { folder in
      let path = folder.appending(path: "m.mlpackage").path(percentEncoded: false)
      let finding = expectDiagnostic("model.unrepresentable") {
        try Checkpoint(opening: TestData.path(file)).convert(to: path)
      }
      #expect(finding?.message.contains(word) == true, "\(finding?.message ?? "")")
      let left = try FileManager.default.contentsOfDirectory(
        atPath: folder.path(percentEncoded: false))
      #expect(left.isEmpty)
    }
  }

  @Test("a package is replaced when that is allowed, and no other folder is")
  func replacing() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "m.mlpackage").path(percentEncoded: false)
      let checkpoint = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5"))
      _ = try checkpoint.convert(to: path)
      _ = expectDiagnostic("file.exists") { try checkpoint.convert(to: path) }
      let other = try Checkpoint(opening: TestData.path("keras3/gru_reset_after_true.h5"))
      _ = try other.convert(to: path, overwriting: true)
      #expect(try Checkpoint(opening: path).model.nodes.contains { $0.layer.title == "GRU(4)" })
      let kept = folder.appending(path: "kept.mlpackage")
      try FileManager.default.createDirectory(at: kept, withIntermediateDirectories: false)
      try Data("x".utf8).write(to: kept.appending(path: "notes.txt"))
      _ = expectDiagnostic("file.unwritable") {
        try checkpoint.convert(to: kept.path(percentEncoded: false), overwriting: true)
      }
      #expect(
        FileManager.default.fileExists(
          atPath: kept.appending(path: "notes.txt").path(percentEncoded: false)))
      _ = expectDiagnostic("file.exists") {
        try Checkpoint(opening: path).convert(to: path, overwriting: true)
      }
      let left = try FileManager.default.contentsOfDirectory(
        atPath: folder.path(percentEncoded: false))
      #expect(left.sorted() == ["kept.mlpackage", "m.mlpackage"])
    }
  }
}
