import RecurModel
import RecurTensors

extension OpaqueLayer: KerasLayer {
  /// The kind of every class that no other kind reads.
  static let classes: [KerasClass] = []

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    writer.fail(
      "'\(writer.node.layerName)' is of class '\(className)', which is unknown: no config can be "
        + "written for it", hint: "write .pt or .safetensors, which hold tensors alone")
    return nil
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
