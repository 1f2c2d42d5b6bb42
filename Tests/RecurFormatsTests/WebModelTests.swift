import Foundation
import Recur
import RecurFormats
import RecurTensors
import RecurTestSupport
import Testing

@Suite("TensorFlow.js layers models are models of Keras")
struct WebModelTests {
  @Test(
    "they compute what Keras recorded, quantized ones nearly",
    arguments: [
      ("lstm_dense", nil), ("functional_shards", nil), ("gru_uint16", 1e-3), ("gru_uint8", 5e-2),
      ("lstm_float16", 1e-3),
    ] as [(String, Double?)])
  func goldens(name: String, tolerance: Double?) throws {
    for part in ["", "/model.json", "/group1-shard1of1.bin"] {
      guard part != "/group1-shard1of1.bin" || name != "functional_shards" else { continue }
      let checkpoint = try Checkpoint(opening: TensorFlowFiles.path("web/\(name)\(part)"))
      #expect(checkpoint.format == "tensorflow-js")
      let said = checkpoint.diagnostics.map(\.code.rawValue)
      #expect(said == (tolerance == nil ? [] : ["tensorflow.dequantized"]))
      try TensorFlowFiles.check(checkpoint, "web/\(name).golden.npz", tolerance: tolerance)
    }
  }

  @Test(
    "quantized ones compute what Keras does with the numbers that the file stands for",
    arguments: ["gru_uint8", "gru_uint16"])
  func dequantized(name: String) throws {
    let checkpoint = try Checkpoint(opening: TensorFlowFiles.path("web/\(name)"))
    try TensorFlowFiles.check(checkpoint, "web/\(name).dequantized.golden.npz")
  }

  @Test("files that are missing, too short, too long or elsewhere are refused")
  func refusals() throws {
    for (name, code) in [
      ("tfjs_path_traversal", "folder.file-outside"),
      ("tfjs_shard_missing", "tensorflow.web.invalid"),
      ("tfjs_shard_short", "tensorflow.web.invalid"),
    ] {
      let path = TensorFlowFiles.path("hostile/" + name)
      _ = expectDiagnostic(code) { try Checkpoint.inspect(path) }
      _ = expectDiagnostic(code) { try Checkpoint(opening: path) }
    }
    try edited("lstm_dense") { json, _ in
      json.replacing("[\"group1-shard1of1.bin\"]", with: "[\"a.bin\", \"a.bin\"]")
    } check: { path in
      _ = expectDiagnostic("tensorflow.web.invalid") { try Checkpoint(opening: path) }
    }
    try edited("lstm_dense") { json, folder in
      let file = folder + "/group1-shard1of1.bin"
      let longer = try Data(contentsOf: URL(filePath: file)) + [0, 0, 0, 0]
      try longer.write(to: URL(filePath: file))
      return json
    } check: { path in
      _ = expectDiagnostic("tensorflow.web.invalid") { try Checkpoint(opening: path) }
    }
  }

  @Test("graph models are named; what JavaScript saves has its topology without a wrapper")
  func topologies() throws {
    try edited("lstm_dense") { json, _ in
      json.replacing("\"format\": \"layers-model\"", with: "\"format\": \"graph-model\"")
    } check: { path in
      let refusal = expectDiagnostic("tensorflow.unsupported") { try Checkpoint(opening: path) }
      #expect(refusal?.message.contains("graph model") == true)
      let listed = try Checkpoint.inspect(path)
      #expect(listed.tensors.count == 5)
    }
    try edited("lstm_dense") { json, _ in
      let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
      var model = try #require(object as? [String: Any])
      let topology = try #require(model["modelTopology"] as? [String: Any])
      var own = try #require(topology["model_config"] as? [String: Any])
      own["keras_version"] = "tfjs-layers 4.22.0"
      own["backend"] = "tensor_flow.js"
      model["modelTopology"] = own
      return String(decoding: try JSONSerialization.data(withJSONObject: model), as: UTF8.self)
    } check: { path in
      try TensorFlowFiles.check(Checkpoint(opening: path), "web/lstm_dense.golden.npz")
    }
  }

  /// Calls `check` with a copy of a model whose `model.json` was edited.
  private func edited(
    _ name: String, _ edit: (String, String) throws -> String, check: (String) throws -> Void
  ) throws {
    try TestData.withFolder { folder in
      let copy = folder.appending(path: "m").path(percentEncoded: false)
      try FileManager.default.copyItem(
        atPath: TensorFlowFiles.path("web/" + name), toPath: copy)
      let file = URL(filePath: copy + "/model.json")
      let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
      let changed = try edit(text, copy)
      try Data(changed.utf8).write(to: file)
      try check(copy)
    }
  }
}
