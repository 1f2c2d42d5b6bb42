import Foundation
import Recur
import RecurFormats
import RecurInference
import RecurModel
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

/// Modules and functions of torch side by side, with what torch computed (gen_torch_graphs.py).
@Suite("Declarations that are graphs")
struct TorchGraphTests {
  static let groups = [
    "activations", "attention", "convolutions", "elementwise", "norms", "paddings", "pools",
    "recognizer", "recurrent", "reductions", "shapes",
  ]

  private func checkpoint(_ group: String) throws -> Checkpoint {
    try Checkpoint(
      opening: TestData.path("torch_graphs/\(group).safetensors"),
      architecture: TestData.path("torch_graphs/\(group).json"))
  }

  private func golden(_ group: String) -> String {
    TestData.path("torch_graphs/\(group).golden.npz")
  }

  @Test("every module and function computes what torch recorded", arguments: groups)
  func recorded(group: String) throws {
    let verification = try checkpoint(group).verify(golden: golden(group))
    #expect(verification.comparisons.count > 1)
    for comparison in verification.comparisons {
      #expect(
        comparison.matches,
        "\(comparison.name): \(comparison.worst?.size ?? 0) at \(comparison.worst?.place ?? "")")
    }
  }

  @Test("another option than torch's is found out")
  func moved() throws {
    try TestData.withFolder { folder in
      let text = String(
        decoding: try TestData.bytes("torch_graphs/activations.json"), as: UTF8.self)
      let declaration = folder.appending(path: "moved.json")
      let moved = text.replacing("\"negative_slope\": 0.", with: "\"negative_slope\": 1.")
      try Data(moved.utf8).write(to: declaration)
      let verification = try Checkpoint(
        opening: TestData.path("torch_graphs/activations.safetensors"),
        architecture: declaration.path(percentEncoded: false)
      ).verify(golden: golden("activations"))
      #expect(verification.comparisons.contains { !$0.matches })
      #expect(verification.comparisons.contains { $0.matches })
    }
  }

  @Test("the engine computes what the reference computes", arguments: groups)
  func engine(group: String) throws {
    let model = try checkpoint(group).model
    let inputs = try GoldenFile(at: golden(group), for: nil).inputs
    let expected = try model.run(inputs)
    for (result, wanted) in zip(try Program(model).run(inputs), expected) {
      #expect(result.shape == wanted.shape)
      let scale = wanted.doubles().reduce(1) { max($0, $1.isFinite ? abs($1) : 0) }
      for (a, b) in zip(result.doubles(), wanted.doubles()) where !(a.isNaN && b.isNaN) {
        #expect(a == b || abs(a - b) <= 2e-6 * scale)
      }
    }
  }

  @Test("the padding that attention leaves out is a mask in Keras too")
  func paddingInKeras() throws {
    let declaration = """
      {"inputs": [{"name": "x", "shape": [null, 3, 2]},
        {"name": "mask", "shape": [null, 3], "dtype": "bool"}],
       "layers": [{"type": "nn.MultiheadAttention", "key": "m4", "inputs": ["x"],
        "key_padding_mask": "mask", "embed_dim": 2, "num_heads": 1, "batch_first": true}],
       "outputs": ["m4"]}
      """
    try TestData.withFolder { folder in
      let (json, path) = (folder.appending(path: "m.json"), folder.appending(path: "m.keras"))
      try Data(declaration.utf8).write(to: json)
      var options = OpeningOptions(architecture: json.path(percentEncoded: false))
      options.inputs = ["x", "mask"]
      let own = try Checkpoint(
        opening: TestData.path("torch_graphs/attention.safetensors"), options: options)
      _ = try own.convert(to: path.path(percentEncoded: false))
      let written = try Checkpoint(opening: path.path(percentEncoded: false)).model
      let x = try Tensor.float64((0..<12).map { Double($0 % 5) / 5 - 0.4 }, shape: [2, 3, 2])
      let padding = try Tensor.float64([0, 0, 1, 0, 1, 1], shape: [2, 3])
      let none = try Tensor.float64([0, 0, 0, 0, 0, 0], shape: [2, 3])
      let expected = try own.model.run([x, padding])[0]
      #expect(try written.run([x, padding])[0].doubles() == expected.doubles())
      #expect(try written.run([x, none])[0].doubles() != expected.doubles())
    }
  }

  /// What is written of a model and read back with its weights.
  private func copy(of model: Model) throws -> Model {
    let (tensors, _) = try StateDictMapping(model, keepsPlaces: true).encode()
    let text = try PyTorchStateDicts().architecture(of: model)
    let stateDict = StateDict(tensors: tensors, metadata: [("format", "pt")])
    let options = DecodeOptions(
      architecture: FileProbe(
        path: "declared.json", bytes: TestData.region(Array(text.utf8))),
      formats: .all)
    let probe = FileProbe(path: "weights.safetensors", bytes: TestData.region([]))
    return try PyTorchStateDicts().model(stateDict, probe, options).model
  }

  private func expectEqual(
    _ copy: Model, _ model: Model, _ inputs: [Tensor], _ name: String
  ) throws {
    let (results, expected) = (try copy.run(inputs), try model.run(inputs))
    #expect(results.map(\.shape) == expected.map(\.shape), "\(name)")
    for (result, wanted) in zip(results, expected) {
      let scale = wanted.doubles().reduce(1) { max($0, $1.isFinite ? abs($1) : 0) }
      let isEqual = zip(result.doubles(), wanted.doubles()).allSatisfy { a, b in
        // A constant of an activation, such as 0.2, may be one of float32.
        a == b || a.isNaN && b.isNaN || abs(a - b) <= 1e-7 * scale
      }
      #expect(isEqual, "\(name)")
    }
  }

  @Test("a declaration that is written of any model is read as that model")
  func written() throws {
    var (count, refused) = (0, [String: Int]())
    for fixture in Fixture.withGolden {
      let checkpoint = try Checkpoint(
        opening: TestData.path(fixture.path), architecture: fixture.architecturePath)
      guard checkpoint.model.isConnected, let golden = fixture.golden else { continue }
      let model = checkpoint.model
      let copy: Model
      do {
        copy = try self.copy(of: model)
      } catch let error as CheckpointError
        where error.diagnostics.allSatisfy({ $0.code.rawValue == "model.unrepresentable" })
      {
        // Refused by name: the layer and the reason.
        for finding in error.diagnostics {
          refused[String(finding.message.split(separator: ": ").last ?? ""), default: 0] += 1
        }
        continue
      } catch {
        Issue.record("\(fixture.path): \(error)")
        continue
      }
      count += 1
      let inputs = try GoldenFile(at: TestData.path(golden), for: model).inputs
      guard inputs.count == model.inputs.count else { continue }
      try expectEqual(copy, model, inputs, fixture.path)
    }
    #expect(count > 200, "\(count) models; refused: \(refused)")
  }
}
