import RecurContainers
package import RecurFormats
import RecurTensors

extension LeftOutFormats {
  /// The formats of the trait `TensorFlow`.
  package static let tensorFlow = LeftOutFormats(
    trait: "TensorFlow",
    ids: [
      "saved-model", "tensorflow-checkpoint", "tensorflow-js", "tflite", "tensorflow-graph",
    ], extensions: []
  ) { probe in
    if let names = probe.archiveNames {
      return names.contains { $0.split(separator: "/").last == "saved_model.pb" }
    }
    if let json = probe.json(.init()) {
      return json["weightsManifest"]?.array != nil || json["modelTopology"] != nil
    }
    let (folder, name) = splitPath(probe.path)
    let isIndex =
      name.hasSuffix(".index")
      && fileNames(in: folder).contains { isData($0) && $0.hasPrefix(name.dropLast(6) + ".data-") }
    return isSavedModel(probe.bytes) || isGraph(probe.bytes)
      || probe.bytes.holds(Array("TFL3".utf8), at: 4) || SortedTable.recognizes(probe.bytes)
      || isData(name)
      || isIndex || probe.bytes.holds(Array("model_checkpoint_path:".utf8))
  }

  private static func isData(_ name: String) -> Bool {
    let last = name.split(separator: ".").last ?? ""
    return last.hasPrefix("data-") && last.contains("-of-")
  }

  private static func isSavedModel(_ bytes: ByteRegion) -> Bool {
    guard bytes.holds([0x08, 0x01, 0x12]), let outline = ProtobufOutline(bytes) else {
      return false
    }
    return outline.isWhole && outline.fields.allSatisfy { $0.number <= 2 } && outline.hasBytes(2)
  }

  private static func isGraph(_ bytes: ByteRegion) -> Bool {
    guard bytes.holds([0x0A]), let outline = ProtobufOutline(bytes, bound: 8),
      case .bytes(let first) = outline.fields.first?.value, let node = ProtobufOutline(first),
      node.text(1)?.isEmpty == false, let operation = node.text(2)
    else { return false }
    return operation.first?.isUppercase == true
      && operation.allSatisfy { $0.isLetter || $0.isNumber }
      && outline.fields.allSatisfy { $0.number <= 4 }
  }
}
