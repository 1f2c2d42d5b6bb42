import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("SavedModel folders are models of Keras")
struct SavedModelTests {
  /// Models whose architecture the folder has: in `keras_metadata.pb`, or in `saved_model.pb` (2.4).
  private static let whole = [
    "tf212_lstm_unsaved_traces", "tf24_gru_rnn_functional", "tf215_nested_stateful",
    "tf215_embedding_bilstm_td",
  ]

  private func open(_ name: String, _ options: OpeningOptions = .init()) throws -> Checkpoint {
    try Checkpoint(opening: TensorFlowFiles.path(name), options: options)
  }

  @Test("they compute what TensorFlow recorded", arguments: whole)
  func goldens(name: String) throws {
    let checkpoint = try open("saved_model/\(name)")
    #expect(checkpoint.format == "saved-model")
    try TensorFlowFiles.check(checkpoint, "saved_model/\(name).golden.npz")
    #expect(!checkpoint.diagnostics.contains { $0.severity != .note })
  }

  @Test(
    "every tensor is what TensorFlow reads, bit for bit",
    arguments: whole + ["tf215_custom_layer", "tf215_subclassed", "k3_export_lstm_dense"])
  func tensors(name: String) throws {
    try TensorFlowFiles.checkTensors("saved_model/\(name)", "saved_model/\(name).golden.npz")
  }

  @Test("any file of the folder stands for the model")
  func entries() throws {
    let folder = "saved_model/tf212_lstm_unsaved_traces"
    for part in [
      "", "/", "/saved_model.pb", "/keras_metadata.pb", "/fingerprint.pb", "/variables",
      "/variables/variables.index", "/variables/variables.data-00000-of-00001",
      "/variables/variables",
    ] {
      let model = try open(folder + part).model
      #expect(model.nodes.count == 3, "\(part)")
    }
  }

  @Test("a model that is Python code alone has its layers, with their own options")
  func subclassed() throws {
    let checkpoint = try open("saved_model/tf215_subclassed")
    #expect(!checkpoint.model.isConnected)
    #expect(
      checkpoint.model.nodes.map(\.name) == ["head", "encoder", "blocks/0", "blocks/1"])
    #expect(checkpoint.diagnostics.contains { $0.code.rawValue == "keras.model.subclassed" })
    guard case .recurrent(let last) = checkpoint.model.nodes[3].layer else {
      Issue.record("no recurrent layer")
      return
    }
    // The shapes don't say it; the layer's own options do.
    #expect(!last.returnsSequence)
  }

  @Test("a layer of the user's own keeps its variables apart from those of layers in it")
  func customLayer() throws {
    let checkpoint = try open("saved_model/tf215_custom_layer")
    #expect(checkpoint.diagnostics.contains { $0.code.rawValue == "keras.layer.opaque" })
    #expect(!checkpoint.model.canRun)
  }

  @Test("what Keras 3 exports takes an architecture, and is told by shapes without one")
  func export() throws {
    let name = "saved_model/k3_export_lstm_dense"
    let alone = try open(name)
    #expect(!alone.model.isConnected)
    #expect(alone.model.nodes.map(\.layer.title) == ["LSTM(4)", "Dense(2)"])
    try TestData.withFolder { folder in
      let path = folder.appending(path: "architecture.json").path(percentEncoded: false)
      let json = """
        {"class_name": "Sequential", "module": "keras", "config": {"name": "m", "layers": [
          {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [null, 5, 3],
            "dtype": "float32"}},
          {"class_name": "LSTM", "config": {"name": "a", "units": 4,
            "activation": "tanh", "recurrent_activation": "sigmoid"}},
          {"class_name": "Dense", "config": {"name": "b", "units": 2, "activation": "linear"}}]}}
        """
      try Data(json.utf8).write(to: URL(filePath: path))
      let whole = try open(name, OpeningOptions(architecture: path))
      try TensorFlowFiles.check(whole, name + ".golden.npz")
    }
  }

  @Test("a SavedModel gives its architecture to weights in another file")
  func lending() throws {
    let name = "saved_model/tf212_lstm_unsaved_traces"
    let own = TensorFlowFiles.path(name)
    for architecture in [own, own + "/saved_model.pb"] {
      try TensorFlowFiles.check(
        open(name, OpeningOptions(architecture: architecture)), name + ".golden.npz")
      try TestData.withFolder { folder in
        // Keras 3 gets other weights for its hard_sigmoid, so the file is one of Keras 2.
        let weights = folder.appending(path: "m.h5").path(percentEncoded: false)
        _ = try open(name).convert(to: weights, format: "keras2-h5")
        try TensorFlowFiles.check(
          Checkpoint(opening: weights, options: OpeningOptions(architecture: architecture)),
          name + ".golden.npz")
      }
    }
  }

  @Test("a folder in a ZIP archive is read where it is")
  func archive() throws {
    let name = "saved_model/tf212_lstm_unsaved_traces"
    try TestData.withFolder { folder in
      let file = folder.appending(path: "m.zip").path(percentEncoded: false)
      try Self.zip(TensorFlowFiles.path(name), to: file)
      try TensorFlowFiles.check(Checkpoint(opening: file), name + ".golden.npz")
      #expect(try Checkpoint.inspect(file).format == "saved-model")
    }
  }

  /// Packs the files of a folder, under a folder of one name.
  private static func zip(_ folder: String, to target: String) throws {
    var arrays: [(String, ByteRegion)] = []
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      let bytes = try? Data(contentsOf: URL(filePath: folder + "/" + name))
      if let bytes, !bytes.isEmpty {
        arrays.append(("model/" + name, TestData.region([UInt8](bytes))))
      }
    }
    var sink = MemorySink()
    var writer = ZipWriter(alignment: 1)
    for (name, bytes) in arrays { try writer.append(name, bytes, to: &sink) }
    try writer.finish(to: &sink)
    try Data(sink.bytes).write(to: URL(filePath: target))
  }

  @Test("a folder without its variables says what is missing; a link out of it is not followed")
  func refusals() throws {
    let source = TensorFlowFiles.path("saved_model/tf212_lstm_unsaved_traces")
    let files = FileManager.default
    try TestData.withFolder { folder in
      let model = folder.appending(path: "m").path(percentEncoded: false)
      try files.createDirectory(atPath: model, withIntermediateDirectories: false)
      try files.copyItem(atPath: source + "/saved_model.pb", toPath: model + "/saved_model.pb")
      let missing = expectDiagnostic("tensorflow.saved-model.incomplete") {
        try Checkpoint(opening: model)
      }
      #expect(missing?.message == "the SavedModel has no variables")
      try files.createSymbolicLink(
        atPath: model + "/variables", withDestinationPath: source + "/variables")
      _ = expectDiagnostic("folder.file-outside") { try Checkpoint(opening: model) }
      _ = expectDiagnostic("folder.file-outside") { try Checkpoint.inspect(model) }
    }
  }
}
