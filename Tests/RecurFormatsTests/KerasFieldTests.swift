import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// Files as people have them: `testdata/keras_field`, whose goldens ``FixtureTests`` compares as well.
@Suite("Every file that Keras wrote")
struct KerasFieldTests {
  private func path(_ name: String) -> String { TestData.path("keras_field/" + name) }

  private func checkpoint(
    _ name: String, architecture: String? = nil, startsAt: String? = nil, key: String? = nil
  ) throws -> Checkpoint {
    try Checkpoint(
      opening: path(name),
      options: OpeningOptions(
        architecture: architecture.map(path), key: key, startsAt: startsAt))
  }

  private func expectGolden(_ checkpoint: Checkpoint, _ golden: String) throws {
    let verification = try checkpoint.verify(golden: path(golden))
    #expect(!verification.comparisons.isEmpty)
    for comparison in verification.comparisons { #expect(comparison.matches, "\(golden)") }
  }

  // MARK: names of groups

  @Test(
    "backslashes of Windows and layers counted twice give every variable to its layer",
    arguments: ["doubled.keras", "windows_doubled.keras", "windows_mixture.keras"])
  func groups(name: String) throws {
    let opened = try checkpoint(name)
    #expect(!opened.diagnostics.contains { $0.code.rawValue == "tensor.unused" })
    #expect(opened.model.weightedNodes.count == 11)
    let listed = try Checkpoint.inspect(path(name))
    #expect(listed.tensors.contains { $0.name.contains("\\") } == name.hasPrefix("windows"))
  }

  @Test("native weights alone are told by their groups, also with backslashes")
  func weightsAlone() throws {
    for name in ["windows_alone", "doubled_alone"] {
      let file = name + ".weights.h5"
      #expect(try FormatRegistry.all.format(of: FileProbe(path: path(file))).id == "keras-weights")
      #expect(try checkpoint(file).model.weightedNodes.count == 11)
    }
  }

  // MARK: subclassed models

  @Test(
    "a model of its user's own class gives its weights to a model that was built again",
    arguments: ["subclassed_2_13", "subclassed_3", "windows_subclassed", "named_twins"])
  func subclassed(name: String) throws {
    let alone = try checkpoint(name + ".keras")
    #expect(!alone.model.isConnected)
    #expect(alone.diagnostics.contains { $0.code.rawValue == "keras.model.subclassed" })
    #expect(try Checkpoint.inspect(path(name + ".keras")).layers.count == 5)
    let whole = try checkpoint(name + ".keras", architecture: name + ".json")
    #expect(whole.diagnostics.map(\.code.rawValue) == ["keras.layers.paired-by-shape"])
    try expectGolden(whole, name + ".golden.npz")
  }

  @Test("layers that neither shapes nor names tell apart are not paired")
  func ambiguous() throws {
    let finding = expectDiagnostic("keras.layers.ambiguous") {
      try checkpoint("ambiguous_twins.keras", architecture: "ambiguous_twins.json")
    }
    #expect(finding?.location.file?.hasSuffix("ambiguous_twins.json") == true)
    expectDiagnostic("tensor.missing") {
      try checkpoint("subclassed_3.keras", architecture: "ambiguous_twins.json")
    }
  }

  // MARK: options

  @Test(
    "the shape of the input is found wherever it stands",
    arguments: [
      "shape_in_build_config", "shape_in_wrapper", "shape_of_model", "shape_in_kernels",
    ])
  func inputShapes(name: String) throws {
    let model = try checkpoint(name + ".keras").model
    guard case .input(let input) = model.nodes.first?.layer else {
      Issue.record("no input")
      return
    }
    #expect(input.shape.count == 3 && input.shape.last == 3)
  }

  @Test("the axis of a normalization behind a layer nobody knows is the last one")
  func axes() throws {
    for (name, isSaid) in [("picture.keras", true), ("picture_without_shapes.keras", false)] {
      let opened = try checkpoint(name)
      #expect(opened.model.weightedNodes.contains { $0.layer.title.hasPrefix("BatchNorm") })
      #expect(
        opened.diagnostics.contains { $0.code.rawValue == "keras.option.unsupported" } != isSaid)
    }
    #expect(try checkpoint("images.h5").model.weightedNodes.count == 4)
  }

  // MARK: text

  @Test(
    "a model begins behind its text, with tokens",
    arguments: [
      ("text_tf_keras", "embedding"), ("text_keras3", "tokens"), ("lookup", "embedding"),
      ("text_hashed", "embedding"),
    ])
  func text(name: String, layer: String) throws {
    let whole = try checkpoint(name + ".keras")
    let isHashed = name == "text_hashed"
    #expect(whole.model.canRun != isHashed)
    if isHashed {
      let opaque = whole.diagnostics.first { $0.code.rawValue == "keras.layer.opaque" }
      #expect(opaque?.hint?.contains("startsAt: \"\(layer)\"") == true)
    }
    let started = try checkpoint(name + ".keras", startsAt: layer)
    #expect(started.diagnostics.map(\.code.rawValue) == ["model.start.left-out"])
    #expect(started.model.canRun)
    guard case .input(let input) = started.model.node(started.model.inputs[0])?.layer else {
      Issue.record("no input")
      return
    }
    #expect(input.elementType == .int64)
    try expectGolden(started, name + ".start.golden.npz")
    try TestData.withFolder { folder in
      let copy = folder.appending(path: "copy.keras").path(percentEncoded: false)
      _ = try started.convert(to: copy)
      try expectGolden(Checkpoint(opening: copy), name + ".start.golden.npz")
    }
  }

  @Test("a model begins at a layer that it has, and that says what it reads")
  func starts() throws {
    let finding = expectDiagnostic("model.layer.unknown") {
      try checkpoint("text_keras3.keras", startsAt: "token")
    }
    #expect(finding?.hint == "did you mean 'tokens'?")
    expectDiagnostic("model.start.shape") {
      try checkpoint("picture_without_shapes.keras", startsAt: "batch_normalization")
    }
    let model = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5")).model
    let first = try #require(model.nodes.first { !$0.inputs.isEmpty })
    let same = try model.starting(at: first.layerName)
    #expect(same.nodes.map(\.name) == model.nodes.map(\.name))
  }

  // MARK: pickles

  @Test("the bytes of a model inside a pickle are read where they stand")
  func pickles() throws {
    let whole = try checkpoint("pickled_keras3.pkl")
    #expect(whole.format == "keras-pickle")
    for name in ["pickled_protocol2.pkl", "pickled_joblib.joblib"] {
      let other = try checkpoint(name).model
      for (one, other) in zip(whole.model.weightedNodes, other.weightedNodes) {
        for (a, b) in zip(one.layer.tensors, other.layer.tensors) {
          #expect(a.tensor.isBitEqual(to: b.tensor))
        }
      }
    }
    let kernel = try #require(whole.model.weightedNodes.first?.layer.tensors.first?.tensor)
    #expect(kernel.location.bytes.map { $0.upperBound > 0 } == true)
  }

  @Test("one of several models in a pickle is chosen by its place")
  func severalPickled() throws {
    let finding = expectDiagnostic("keras.pickle.choice") { try checkpoint("pickled_two.pkl") }
    #expect(finding?.expected == "one of 'encoder', 'heads.0'")
    expectDiagnostic("keras.pickle.choice") { try checkpoint("pickled_two.pkl", key: "decoder") }
    // A pickle ends with an instruction; without it Python refuses the file.
    for name in ["pickled_keras3.pkl", "pickled_joblib.joblib"] {
      try TestData.withFolder { folder in
        let cut = folder.appending(path: name)
        try Data(TestData.bytes("keras_field/" + name).dropLast()).write(to: cut)
        expectDiagnostic("bytes.truncated") {
          try Checkpoint(opening: cut.path(percentEncoded: false))
        }
      }
    }
    #expect(try checkpoint("pickled_two.pkl", key: "encoder").model.weightedNodes.count == 2)
    #expect(try checkpoint("pickled_two.pkl", key: "heads.0").model.weightedNodes.count == 2)
    #expect(
      try Checkpoint.inspect(path("pickled_two.pkl")).facts.map(\.name) == ["encoder", "heads.0"])
    expectDiagnostic("keras.pickle.saved-model") { try checkpoint("pickled_saved_model.pkl") }
  }

  /// A pickle with a model at `model`, and arrays beside it.
  private func pickle(_ model: String, _ others: [(String, PickleSketch)]) throws -> PickleSketch {
    let archive = try TestData.bytes("keras_field/\(model).keras")
    let call = PickleSketch.call(
      module: "keras.src.saving.keras_saveable", name: "KerasSaveable._unpickle_model",
      [.bytes(archive)], state: nil)
    return .dictionary(
      [(.string("model"), call)] + others.map { (.string($0.0), $0.1) })
  }

  @Test("arrays beside a model in a pickle are named, and copied with the tensors")
  func besidePickled() throws {
    let array = ArraySketch.array([0, 0, 128, 63], type: "f4", order: "<", shape: [1])
    let bytes = try pickle("doubled", [("scaler", array)]).pickle
    try TestData.withFolder { folder in
      let file = folder.appending(path: "m.pkl")
      try Data(bytes).write(to: file)
      let opened = try Checkpoint(opening: file.path(percentEncoded: false))
      let warning = opened.diagnostics.first { $0.code.rawValue == "keras.pickle.beside" }
      #expect(warning?.severity == .warning)
      #expect(warning?.notes == ["'scaler': float32 [1]"])
      let target = folder.appending(path: "t.npz").path(percentEncoded: false)
      let copy = try Checkpoint.exportTensors(of: file.path(percentEncoded: false), to: target)
      #expect(copy.mappings.last?.target == "scaler")
    }
    let two = try Checkpoint.inspect(path("pickled_two.pkl")).tensors
    #expect(two.contains { $0.name.hasPrefix("encoder/") })
    #expect(two.contains { $0.name.hasPrefix("heads.0/") })
    #expect(
      try Checkpoint.inspect(path("pickled_joblib.joblib")).diagnostics
        .contains { $0.code.rawValue == "keras.pickle.beside" })
  }

  @Test("torch.save(model) of the format before 1.6 holds a model too")
  func legacyTorch() throws {
    let magic: [UInt8] = [
      0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    let version = PickleSketch.integer(1_001).pickle
    let machine = PickleSketch.dictionary([(.string("little_endian"), .bool(true))]).pickle
    let bytes =
      magic + version + machine + (try pickle("doubled", []).pickle) + PickleSketch.list([]).pickle
    let probe = FileProbe(path: "m.pt", bytes: TestData.region(bytes))
    let format = try FormatRegistry.all.format(of: probe)
    #expect(format.id == "keras-pickle")
    #expect(try format.inspect(probe).tensors.isEmpty == false)
  }

  @Test("torch.save(model) holds the same bytes, and a pickle that does harm is refused")
  func torchArchive() throws {
    let pickle = try TestData.bytes("keras_field/pickled_protocol2.pkl")
    var writer = ZipWriter()
    var sink = MemorySink()
    try writer.append("m/data.pkl", TestData.region(pickle), to: &sink)
    try writer.append("m/version", TestData.region(Array("3".utf8)), to: &sink)
    try writer.finish(to: &sink)
    let probe = FileProbe(path: "model.pt", bytes: TestData.region(sink.bytes))
    let format = try #require(
      try FormatRegistry.all.format(of: probe) as? any ModelDecoding)
    #expect(format.id == "keras-pickle")
    #expect(try format.decode(probe, options: DecodeOptions()).model.weightedNodes.count == 2)
    // cos\nsystem\n, and POP, in front of everything.
    let harm = Array(pickle[..<2]) + Array("cos\nsystem\n0".utf8) + pickle[2...]
    expectDiagnostic("pickle.callable.refused") {
      try FileProbe(path: "model.pkl", bytes: TestData.region(harm)).decoded()
    }
  }

  // MARK: arrays by themselves

  @Test("arrays in the order of get_weights() are counted and checked by shape")
  func numbered() throws {
    try expectGolden(
      checkpoint("numbered.npz", architecture: "numbered.json"), "numbered.golden.npz")
    let other = expectDiagnostic("tensor.unused") {
      try checkpoint("numbered.npz", architecture: "named_keras3.json")
    }
    #expect(other?.message.contains("numbered arrays") == true)
  }

  @Test("arrays have the names of variables, with or without those of models around")
  func named() throws {
    for name in ["named_keras3", "named_tf_keras"] {
      let opened = try checkpoint(name + ".npz", architecture: name + ".json")
      #expect(opened.diagnostics.isEmpty)
      try expectGolden(opened, name + ".golden.npz")
    }
    expectDiagnostic("tensor.missing") {
      try checkpoint("named_keras3.npz", architecture: "numbered.json")
    }
  }

  @Test("a single array is told, and pickled objects are refused")
  func arrays() throws {
    #expect(try Checkpoint.inspect(path("numbers.npy")).tensors.map(\.shape) == [[3, 16]])
    expectDiagnostic("file.no-model") { try checkpoint("numbers.npy") }
    let finding = expectDiagnostic("npy.dtype.unsupported") {
      try Checkpoint.inspect(path("objects.npy"))
    }
    #expect(finding?.message.contains("pickled objects") == true)
  }

  @Test(
    "to_json() is an architecture of state dicts in every format",
    arguments: ["pt", "safetensors", "npz"])
  func json(ending: String) throws {
    try TestData.withFolder { folder in
      let weights = folder.appending(path: "weights.\(ending)").path(percentEncoded: false)
      let original = try checkpoint("named_keras3.npz", architecture: "named_keras3.json")
      _ = try original.convert(to: weights)
      let again = try Checkpoint(opening: weights, architecture: path("named_keras3.json"))
      try expectGolden(again, "named_keras3.golden.npz")
    }
  }
}

extension FileProbe {
  fileprivate func decoded() throws(CheckpointError) -> Model? {
    try (FormatRegistry.all.format(of: self) as? any ModelDecoding)?
      .decode(self, options: DecodeOptions()).model
  }
}
