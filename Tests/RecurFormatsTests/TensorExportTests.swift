import Foundation
import Recur
import RecurFormats
import RecurTensors
import RecurTestSupport
import Testing

/// No objection to a model keeps its tensors from being listed and copied.
@Suite("There is a way to the tensors")
struct TensorExportTests {
  /// Files of every container whose models can't be read, and the objection.
  static let objections = [
    ("broken/json_broken.h5", "json.syntax"), ("broken/json_duplicate.h5", "json.duplicate-key"),
    ("broken/keras_4.h5", "keras.version.unsupported"),
    ("broken/no_version_anywhere.h5", "keras.version.unsupported"),
    ("broken/called_with_unknown_argument.h5", "keras.option.unsupported"),
    ("broken/archive_of_keras_4.keras", "keras.version.unsupported"),
    ("broken/archive_without_metadata.keras", "keras.version.unsupported"),
    ("broken/archive_config_cut.keras", "json.syntax"),
    ("pytorch/ambiguous.pt", "pytorch.state-dict.ambiguous"),
  ]

  @Test("is inspect, which warns of what keeps the model from being read", arguments: objections)
  func listed(file: String, code: String) throws {
    let inspection = try Checkpoint.inspect(TestData.path(file))
    #expect(!inspection.tensors.isEmpty)
    let warning = inspection.diagnostics.first { $0.code.rawValue == code }
    #expect(warning?.severity == .warning)
    _ = expectDiagnostic(code) { try Checkpoint(opening: TestData.path(file)) }
  }

  @Test("is a copy under the stored names", arguments: objections)
  func copied(file: String, code: String) throws {
    let listed = try Checkpoint.inspect(TestData.path(file)).tensors
    try TestData.withFolder { folder in
      for name in ["t.npz", "t.safetensors", "t.pt"] {
        let target = folder.appending(path: name).path(percentEncoded: false)
        let copy = try Checkpoint.exportTensors(of: TestData.path(file), to: target)
        #expect(copy.mappings.count == listed.count)
        let again = try Checkpoint.inspect(target).tensors
        let names = Set(
          listed.map { $0.name.hasPrefix("/") ? String($0.name.dropFirst()) : $0.name })
        #expect(Set(again.map(\.name)) == names)
      }
    }
  }

  @Test(
    "copies every container",
    arguments: [
      "keras3/lstm_last.h5", "keras3/lstm_last.keras", "keras3/lstm_last.weights.h5",
      "keras_2_2_4/bilstm_gru_weights.h5", "keras3_sharded/stacked.weights.json",
      "hostile/compact.h5", "torch_modules/select_last.pt", "torch_modules/gru_three_layers.npz",
      "readings/lstm_bare.safetensors", "pytorch/module.pt", "pytorch/legacy.pt",
    ])
  func containers(file: String) throws {
    let listed = try Checkpoint.inspect(TestData.path(file)).tensors
    try TestData.withFolder { folder in
      let target = folder.appending(path: "t.safetensors").path(percentEncoded: false)
      let copy = try Checkpoint.exportTensors(of: TestData.path(file), to: target)
      // A module has a tensor that its state dict would not have.
      let unlisted = file == "pytorch/module.pt" ? (count: 1, bytes: 8) : (count: 0, bytes: 0)
      #expect(copy.mappings.count == listed.count + unlisted.count)
      #expect(copy.mappings.allSatisfy { $0.operation == "copied" })
      let bytes = try Checkpoint.inspect(target).tensors.reduce(0) { $0 + $1.byteCount }
      #expect(bytes == listed.reduce(unlisted.bytes) { $0 + $1.byteCount })
    }
  }

  @Test("what holds no numbers is left out with a warning, and a file without tensors is refused")
  func leftOut() throws {
    try TestData.withFolder { folder in
      let target = folder.appending(path: "t.npz").path(percentEncoded: false)
      let copy = try Checkpoint.exportTensors(of: TestData.path("readings/strings.h5"), to: target)
      #expect(copy.mappings.map(\.target) == ["weights/kernel"])
      #expect(copy.diagnostics.map(\.code.rawValue) == ["tensor.not-exported"])
      _ = expectDiagnostic("file.no-tensors") {
        try Checkpoint.exportTensors(
          of: TestData.path("keras3/attentions.json"), to: target, overwriting: true)
      }
      _ = expectDiagnostic("file.format-unknown") {
        try Checkpoint.exportTensors(
          of: TestData.path("keras3/lstm_last.h5"), to: target + ".keras")
      }
    }
  }

  @Test("every tensor of a checkpoint is copied, whatever holds it")
  func everyTensor() throws {
    var sketch = CheckpointSketch()
    func weights() -> PickleSketch {
      .dictionary([(.string("fc.weight"), sketch.tensor([1, 2], [1, 2]))])
    }
    let array = ArraySketch.array([0, 0, 0, 0], type: "f4", order: "<", shape: [1])
    let optimizer = PickleSketch.dictionary([
      (
        .string("state"),
        .dictionary([
          (.integer(0), .dictionary([(.string("exp_avg"), sketch.tensor([3], [1]))]))
        ])
      ), (.string("param_groups"), .list([])),
    ])
    let root = PickleSketch.dictionary([
      (.string("state_dict"), weights()), (.string("ema"), weights()),
      (.string("hidden"), .tuple([sketch.tensor([4], [1])])), (.string("array"), array),
      (
        .string("own"),
        .call(
          module: "own", name: "Data", [],
          state: .dictionary([(.string("w"), sketch.tensor([5], [1]))]))
      ), (.string("optimizer"), optimizer),
    ])
    try TestData.withFolder { folder in
      let target = folder.appending(path: "t.npz").path(percentEncoded: false)
      func copy(_ root: PickleSketch) throws -> Conversion {
        let source = folder.appending(path: "x.pt")
        try Data(sketch.archive(root)).write(to: source)
        return try Checkpoint.exportTensors(
          of: source.path(percentEncoded: false), to: target, overwriting: true)
      }
      let all = try copy(root)
      #expect(
        all.mappings.map(\.target) == [
          "state_dict.fc.weight", "ema.fc.weight", "hidden.0", "array", "own.w",
        ])
      #expect(all.diagnostics.map(\.code.rawValue) == ["pytorch.optimizer-state"])
      // A model alone keeps its keys, and an optimizer alone its state.
      let alone = PickleSketch.dictionary([
        (.string("state_dict"), weights()), (.string("optimizer"), optimizer),
      ])
      #expect(try copy(alone).mappings.map(\.target) == ["fc.weight"])
      #expect(try copy(optimizer).mappings.map(\.target) == ["state.0.exp_avg"])
    }
  }

  @Test(
    "is the architecture of another file, which wins over a broken one",
    arguments: [
      ("broken/json_broken.h5", "keras3/lstm_last.h5"),
      ("broken/keras_4.h5", "keras3/lstm_last.h5"),
      ("broken/archive_of_keras_4.keras", "keras3/lstm_last.keras"),
      ("broken/archive_config_cut.keras", "keras3/lstm_last.keras"),
    ])
  func architecture(file: String, model: String) throws {
    let checkpoint = try Checkpoint(
      opening: TestData.path(file), architecture: TestData.path(model))
    #expect(checkpoint.model.canRun)
    #expect(checkpoint.diagnostics.contains { $0.severity == .warning })
    #expect(checkpoint.basis.declared == [TestData.path(model)])
  }
}
