import Foundation
import Recur
import RecurContainers
import RecurKeras
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Layers of an unknown class")
struct OpaqueLayerTests {
  @Test(
    "are carried and named, and never run",
    arguments: [
      ("keras3/opaque_layer.h5", "average"), ("tf_keras/opaque_layer.h5", "average"),
      ("keras3/opaque_lambda.h5", "last_step"), ("tf_keras/opaque_lambda.h5", "last_step"),
    ])
  func opaque(path: String, layer: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path(path))
    let x = try Tensor.float32([Float](repeating: 0, count: 36), shape: [2, 6, 3])
    let refused = expectDiagnostic("model.layer.opaque") { try checkpoint.model.run([x]) }
    #expect(refused?.message.contains("'\(layer)'") == true)
    try TestData.withFolder { folder in
      let target = folder.appending(path: "w.safetensors").path(percentEncoded: false)
      _ = try checkpoint.convert(to: target)
      let names = try Checkpoint.inspect(target).tensors.map(\.name)
      #expect(names.contains { $0.hasPrefix("lstm") })
      #expect(names.contains { $0.hasPrefix("average") } == (layer == "average"))
    }
  }

  /// A layer in the config of a file, and its name.
  private func layer(_ name: String, of file: String) throws -> JSONValue {
    let config =
      if file.hasSuffix(".keras") {
        try ZipArchive(bytes(file)).text(of: "config.json")
      } else {
        try HDF5File(bytes(file)).modelConfig()
      }
    let region = ByteRegion(ByteStorage(copying: Array(config.utf8)))
    let json = try JSONParser.parse(region, allowsPythonNumbers: true, limits: .init())
    let layers = try #require(json["config"]?["layers"]?.array)
    return try #require(layers.first { $0["config"]?["name"]?.string == name })
  }

  private func bytes(_ path: String) throws -> ByteRegion {
    ByteRegion(try ByteStorage(mapping: path))
  }

  @Test(
    "pass from Keras to Keras with their config as it stands",
    arguments: [
      ("keras3/carried_call", "two"), ("keras3/carried_shared", "scale"),
      ("tf_keras/carried_call", "two"), ("tf_keras/carried_shared", "scale"),
      ("keras3/opaque_lambda", "last_step"), ("keras3/opaque_layer", "average"),
    ])
  func carried(model: String, layer name: String) throws {
    let isKeras2 = model.hasPrefix("tf_keras")
    let sources = [model + ".h5", model + ".keras"].filter {
      FileManager.default.fileExists(atPath: TestData.path($0))
    }
    for source in sources {
      let checkpoint = try Checkpoint(opening: TestData.path(source))
      let own = try layer(name, of: TestData.path(source))
      for (target, format) in [("m.keras", nil), ("m.h5", nil), ("k.h5", "keras2-h5")] {
        if format != nil, !isKeras2 { continue }
        try TestData.withFolder { folder in
          let path = folder.appending(path: target).path(percentEncoded: false)
          let conversion = try checkpoint.convert(
            to: path, format: format.map(FileFormat.init(rawValue:)))
          #expect(conversion.proof == .carried)
          let written = try layer(name, of: path)
          #expect(written["config"] == own["config"])
          // A class keeps its package, by which its owner registered it.
          let stored = own["registered_name"]?.string ?? own["class_name"]?.string
          let kept = written["registered_name"]?.string ?? written["class_name"]?.string
          #expect(kept == stored)
          let again = try Checkpoint(opening: path)
          #expect(again.model.compareWeights(with: checkpoint.model).isEqual)
          #expect(!again.diagnostics.contains { $0.code.rawValue == "tensor.unused" })
        }
      }
    }
  }

  @Test("a call keeps its arguments, with its tensors as they are called now")
  func calls() throws {
    for source in [
      "keras3/carried_call.h5", "keras3/carried_call.keras", "tf_keras/carried_call.h5",
    ] {
      try TestData.withFolder { folder in
        let path = folder.appending(path: "m.keras").path(percentEncoded: false)
        let checkpoint = try Checkpoint(opening: TestData.path(source))
        let node = try #require(checkpoint.model.nodes.first { $0.layerName == "two" })
        #expect(node.inputs.map(\.node) == ["x", "before"])
        _ = try checkpoint.convert(to: path)
        let call = try layer("two", of: path)["inbound_nodes"]?.array?.first
        #expect(call?["kwargs"]?["factor"] == .number(2))
        let history = call?["kwargs"]?["other"]?["config"]?["keras_history"]
        #expect(history == ["before", 0, 0])
        let again = try Checkpoint(opening: path)
        #expect(
          again.model.nodes.first { $0.layerName == "two" }?.inputs.map(\.node) == ["x", "before"])
      }
    }
  }

  @Test("layers inside keep their places, and pass to no file that finds them otherwise")
  func nested() throws {
    try TestData.withFolder { folder in
      for (source, target, other) in [
        ("keras3/carried_nested.keras", "m.keras", "m.h5"),
        ("keras3/carried_nested.h5", "m.h5", "m.keras"),
      ] {
        let checkpoint = try Checkpoint(opening: TestData.path(source))
        let path = folder.appending(path: "\(target.count)\(target)").path(percentEncoded: false)
        _ = try checkpoint.convert(to: path)
        #expect(
          try Checkpoint(opening: path).model.compareWeights(with: checkpoint.model).isEqual)
        let refused = expectDiagnostic("model.unrepresentable") {
          try checkpoint.convert(
            to: folder.appending(path: "x" + other).path(percentEncoded: false))
        }
        #expect(refused?.message.contains("layers inside") == true)
      }
    }
  }

  @Test(
    "layers without arrays that need a shape stand behind a Lambda without being refused",
    arguments: ["keras3", "tf_keras"])
  func behindLambda(folder: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path("\(folder)/behind_lambda.keras"))
    #expect(checkpoint.diagnostics.map(\.code.rawValue) == ["keras.layer.opaque"])
    #expect(checkpoint.diagnostics[0].message.contains("'last'"))
    #expect(checkpoint.diagnostics[0].message.contains("Python bytecode"))
    let without = try #require(checkpoint.withoutCode)
    #expect(without.notes.isEmpty)
    #expect(without.message.contains("'last' is of class 'Lambda', whose Python bytecode"))
    let x = try Tensor.float32([Float](repeating: 0, count: 36), shape: [2, 6, 3])
    let refused = expectDiagnostic("model.layer.opaque") { try checkpoint.model.run([x]) }
    #expect(refused?.message.contains("'last' is of class 'Lambda', Python bytecode") == true)
    #expect(checkpoint.model.weightedNodes.count == 3)
  }

  @Test("a function by its name alone has no code in the file")
  func namedFunction() throws {
    let checkpoint = try Checkpoint(opening: TestData.path("keras3/opaque_layer.h5"))
    #expect(checkpoint.withoutCode?.message.contains("whose code is not in the file") == true)
  }

  @Test("a class of the user's own is never taken for one of the same name")
  func package() throws {
    #expect("mine>LSTM".withoutPackage == "LSTM")
    #expect("mine>MyLayer".snakeCased == "my_layer")
  }
}

extension ZipArchive {
  fileprivate func text(of name: String) throws -> String {
    let entry = try #require(self[name])
    return try #require(try content(of: entry).text())
  }
}

extension HDF5File {
  fileprivate func modelConfig() throws -> String {
    var file = self
    let root = try #require(file["/"])
    return try #require(try file.strings("model_config", of: root)?.first?.text())
  }
}
