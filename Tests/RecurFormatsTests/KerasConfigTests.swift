#if HDF5Writing
  import Foundation
  import Recur
  import RecurContainers
  import RecurFormats
  import RecurModel
  import RecurTensors
  import RecurTestSupport
  import Testing

  /// Members without which tf_keras 2.21 can't load a layer (`load_model` of the same files).
  @Suite("Configs for Keras 2")
  struct KerasConfigTests {
    /// The config of a fixture that is written for Keras 2.
    private func config(_ fixture: String) throws -> String {
      try TestData.withFolder { folder in
        let path = folder.appending(path: "m.h5").path(percentEncoded: false)
        _ = try Checkpoint(opening: TestData.path(fixture)).convert(to: path, format: "keras2-h5")
        var file = try HDF5File(ByteRegion(try ByteStorage(mapping: path)))
        let root = try #require(file["/"])
        return try #require(try file.strings("model_config", of: root)?.first?.text())
      }
    }

    @Test(
      "Keras 2 finds what it needs to make the layer",
      arguments: [
        ("scores_unused", [#""query_shape":[null,"#, #""key_shape":[null,"#]),
        ("scores_unused", [#""value_shape":[null,"#]),
        ("text_count", [#""dtype":"string","max_tokens""#]),
        ("text_characters", [#""dtype":"string","max_tokens""#]),
        ("text_pairs", [#""dtype":"string","max_tokens""#, #""ngrams":2"#]),
        ("text_lookup_mask", [#""dtype":"int64","max_tokens""#]),
        ("text_lookup_count", [#""dtype":"float32","max_tokens""#]),
      ])
    func needed(fixture: String, members: [String]) throws {
      let text = try config("keras3/\(fixture).keras")
      for member in members { #expect(text.contains(member), "\(member) in \(text)") }
    }

    @Test("groups of words that JSON can't give to Keras 2 are refused by name")
    func groups() throws {
      let text = try Checkpoint(opening: TestData.path("keras3/text_pairs.keras"))
      var model = text.model
      for index in model.nodes.indices {
        guard case .input(var input) = model.nodes[index].layer, input.text != nil else { continue }
        input.text?.groups = [2, 3]
        model.nodes[index].layer = .input(input)
      }
      let encoding = try FormatRegistry.all.encoding(forPath: "", id: "keras2-h5")
      let refusal = expectDiagnostic("model.unrepresentable") {
        try encoding.encode(model, options: EncodeOptions(source: "test"))
      }
      #expect(refusal?.message.contains("groups of 2 and 3 words") == true)
    }
  }
#endif
