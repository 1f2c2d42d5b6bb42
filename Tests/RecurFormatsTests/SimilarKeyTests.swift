import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Missing and unused tensors name each other")
struct SimilarKeyTests {
  private static let declaration = TestData.path("torch_modules/select_last_both.json")

  /// Opens a fixture whose keys were changed, with an architecture.
  private func open(
    renaming rename: (String) -> String, architecture: String = SimilarKeyTests.declaration,
    from fixture: String = "torch_modules/select_last_both.pt"
  ) throws -> CheckpointError? {
    let probe = try FileProbe(path: TestData.path(fixture))
    let tensors = try PyTorchFormat().stateDict(probe, .init()).tensors
    return try TestData.withFolder { folder in
      var renamed = TensorTable()
      for (name, tensor) in tensors.entries { try renamed.append(rename(name), tensor) }
      var sink = MemorySink()
      try SafetensorsFormat(PyTorchStateDicts()).encode(
        StateDict(tensors: renamed, metadata: []), into: &sink)
      let file = folder.appending(path: "m.safetensors")
      try Data(sink.bytes).write(to: file)
      return #expect(throws: CheckpointError.self) {
        try Checkpoint(
          opening: file.path(percentEncoded: false), architecture: architecture)
      }
    }
  }

  @Test("a renamed module: its key in the declaration, or all keys in Python") func module() throws
  {
    let error = try open { $0.replacingOccurrences(of: "lstm.", with: "rnn.") }
    let missing = try #require(error?.diagnostic)
    #expect(missing.code.rawValue == "tensor.missing")
    #expect(missing.hint == "the file has 'rnn.weight_ih_l0', which nothing uses")
    #expect(
      missing.remedies == [
        .declareKey("rnn", insteadOf: "lstm"),
        .code(
          .init(
            .pytorch,
            "state_dict = {\"lstm.\" + k.removeprefix(\"rnn.\") if k.startswith(\"rnn.\") else k: v "
              + "for k, v in state_dict.items()}")),
      ])
    let unused = try #require(error?.others.first { $0.code.rawValue == "tensor.unused" })
    #expect(unused.severity == .warning)
    #expect(unused.location.object == "rnn.weight_ih_l0")
    #expect(unused.hint == "'lstm.weight_ih_l0' is missing; it may be meant by this one")
  }

  @Test("a slip in one key of a declared module is not taken for one of its other keys")
  func slip() throws {
    let error = try open { $0 == "lstm.weight_ih_l0" ? "lstm.weight_ih_10" : $0 }
    #expect(error?.diagnostic.hint == "the file has 'lstm.weight_ih_10', which nothing uses")
    let none = try open { $0 == "lstm.weight_ih_l0" ? "step" : $0 }
    #expect(none?.diagnostic.hint == "'Checkpoint.inspect' lists what there is")
    #expect(none?.diagnostic.fixes == [])
  }

  @Test("with a Keras architecture every missing key has its counterpart") func keras() throws {
    let model = TestData.path("keras3/lstm_stacked_dense.h5")
    try TestData.withFolder { folder in
      let path = folder.appending(path: "m.pt").path(percentEncoded: false)
      _ = try Checkpoint(opening: model).convert(to: path)
      let probe = try FileProbe(path: path)
      var renamed = TensorTable()
      for (name, tensor) in try PyTorchFormat().stateDict(probe, .init()).tensors.entries {
        try renamed.append(name.replacingOccurrences(of: "lstm_1.", with: "second."), tensor)
      }
      let mapping = StateDictMapping(try Checkpoint(opening: model).model)
      let error = #expect(throws: CheckpointError.self) { try mapping.decode(renamed) }
      let found = try #require(error?.diagnostics)
      #expect(found.count { $0.code.rawValue == "tensor.missing" } == 4)
      #expect(found.count { $0.code.rawValue == "tensor.unused" } == 4)
      #expect(
        found.allSatisfy {
          $0.hint?.contains("second.") ?? false || $0.hint?.contains("lstm_1.") ?? false
        })
      // One line of Python renames all keys.
      #expect(found.reduce(0) { $0 + $1.fixes.count } == 1)
    }
  }

  @Test("a group of Keras weights under another name is told, both ways") func kerasGroup() throws {
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint(
        opening: TestData.path("broken/variable_group_renamed.weights.h5"),
        architecture: TestData.path("keras3/lstm_last.keras"))
    }
    let found = try #require(error?.diagnostics)
    #expect(found.map(\.code.rawValue) == ["tensor.missing", "tensor.unused"])
    #expect(
      found[0].notes == [
        "there is nothing in '/layers/lstm'; the file has '/layers/lstm_1', which nothing uses"
      ])
    #expect(found[1].location.object == "/layers/lstm_1")
    #expect(found[1].hint == "there is nothing in '/layers/lstm'; it may be meant by this one")
  }

  @Test("layers of a legacy file are paired with those the architecture lacks") func legacy() throws
  {
    let path = TestData.path("cudnn/cudnnlstm_weights.h5")
    let stored = try Checkpoint(opening: path).model.weightedNodes.map(\.layerName)
    let name = try #require(stored.first)
    let architecture = """
      {"class_name": "Sequential", "keras_version": "2.2.4", "config": {"name": "s", "layers": [
        {"class_name": "Dense", "config": {"name": "\(name)x", "units": 2, "batch_input_shape": [null, 3]}},
        {"class_name": "Dense", "config": {"name": "unlike", "units": 2}},
        {"class_name": "Dense", "config": {"name": "other", "units": 2}},
        {"class_name": "Dense", "config": {"name": "fourth", "units": 2}}]}}
      """
    try TestData.withFolder { folder in
      let file = folder.appending(path: "a.json")
      try Data(architecture.utf8).write(to: file)
      let error = #expect(throws: CheckpointError.self) {
        try Checkpoint(opening: path, architecture: file.path(percentEncoded: false))
      }
      #expect(error?.diagnostic.code.rawValue == "tensor.missing")
      #expect(
        error?.diagnostic.notes == [
          "there are no weights for '\(name)x'; the file has '\(name)', which nothing uses"
        ])
    }
  }
}
