import RecurContainers
import RecurHDF5Writing
import RecurTensors
import RecurTestSupport
import Testing

@Suite("HDF5 as Keras writes it")
struct HDF5KerasBytesTests {
  /// The text of an attribute that holds one string.
  private func text(
    _ name: String, of object: HDF5Object, in file: inout HDF5File
  ) throws -> String {
    let strings = try file.strings(name, of: object)
    return try #require(strings?.first?.text())
  }

  /// The names in an attribute, which is empty for layers without weights.
  private func names(
    _ name: String, of object: HDF5Object, in file: inout HDF5File
  ) throws -> [String] {
    let strings = try file.strings(name, of: object)
    return try #require(strings).map { try #require($0.text()) }
  }

  /// The tree of Keras' own file, with every part in the order in which Keras wrote it.
  private func tree(_ file: inout HDF5File) throws -> HDF5Node {
    let top = try #require(file["/"])
    var root = HDF5Node.group()
    root.setAttribute(
      "keras_version", .string(try text("keras_version", of: top, in: &file), .utf8))
    root.setAttribute("backend", .string(try text("backend", of: top, in: &file), .utf8))
    root.setAttribute("model_config", .string(try text("model_config", of: top, in: &file), .ascii))
    let weights = try #require(file["/model_weights"])
    var group = HDF5Node.group()
    group.setAttribute(
      "layer_names", .strings(try names("layer_names", of: weights, in: &file), .ascii))
    group.setAttribute("backend", .string(try text("backend", of: weights, in: &file), .ascii))
    group.setAttribute(
      "keras_version", .string(try text("keras_version", of: weights, in: &file), .ascii))
    for layer in file.children(of: "/model_weights") {
      let names = try names("weight_names", of: layer, in: &file)
      var node = HDF5Node.group(attributes: [.init("weight_names", .strings(names, .ascii))])
      for name in names {
        let object = try #require(file["\(layer.path)/\(name)"])
        var tensor = try file.tensor(object)
        // Of the element types of Keras, only bfloat16 is stored as opaque bytes.
        if try file.dataset(object).datatype.kind == .opaque {
          tensor = tensor.reinterpreted(as: .bfloat16)
        }
        try node.insert(.dataset(tensor), at: name.split(separator: "/").map(String.init))
      }
      try group.insert(node, at: [layer.name])
    }
    try root.insert(group, at: ["model_weights"])
    return root
  }

  @Test(
    "a file of Keras 3 is written again",
    arguments: [
      "masking_lstm_dense", "lstm_last", "encoder_decoder", "bfloat16_lstm", "float64_lstm",
      "mixed_float16",
    ])
  func rewritten(_ name: String) throws {
    let bytes = try TestData.bytes("keras3/\(name).h5")
    var file = try HDF5File(TestData.region(bytes))
    let written = try HDF5Writer.image(of: tree(&file)).region().bytes()
    #expect(written.count == bytes.count)
    let different = zip(written, bytes).enumerated().filter { $1.0 != $1.1 }
    #expect(
      different.isEmpty,
      "\(different.count) differ: \(different.prefix(20).map { "\($0.offset): \($0.element)" })")
  }
}
