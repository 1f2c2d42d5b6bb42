import RecurContainers
import RecurModel
import RecurTensors

// A layer of a class nobody knows passes from file to file with its config as it stands.
extension OpaqueLayer: KerasCallReading {
  /// Every class that no other kind has.
  static let classes: [KerasClass] = []

  func read(_ call: inout KerasNodeReader) {
    var copy = self
    copy.declaration?.call = call.call.source?.pythonText
    call.node.layer = .opaque(copy)
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard let declaration, let source = Self.parsed(declaration.config)?.object else {
      writer.fail(
        "'\(writer.node.layerName)' is of class '\(className)', which is unknown: no config can be "
          + "written for it", hint: "write .pt or .safetensors, which hold tensors alone")
      return nil
    }
    let carried = KerasCarriedLayer(
      source: source, className: className, generation: declaration.generation,
      call: declaration.call.flatMap(Self.parsed))
    if let reason = carried.reason(against: writer.target) {
      writer.fail(
        "'\(writer.node.layerName)' is of class '\(className)', which is unknown, and \(reason)",
        hint: declaration.generation < 3
          ? "write it with \(.format("keras2-h5")), or tensors alone: .pt, .safetensors"
          : "write .keras, or tensors alone: .pt, .safetensors")
      return nil
    }
    let wrong = tensors.first { !writer.target.holds($0.tensor.elementType) }
    if let wrong {
      writer.fail(
        "Keras reads no \(wrong.tensor.elementType) tensors from such a file, as "
          + "'\(writer.node.layerName)' has them",
        hint: "write .keras, or .pt, which keeps every type")
      return nil
    }
    var form = KerasLayerForm(className: className, name: name)
    form.carried = carried
    guard let places = KerasCarriedPlaces(tensors.map(\.name), layer: writer.node.layerName) else {
      writer.fail("two arrays of '\(writer.node.layerName)' have one place")
      return nil
    }
    guard places.isFlat || places.isNative == writer.target.isNative else {
      writer.fail(
        "'\(writer.node.layerName)' is of class '\(className)', which is unknown, and has layers inside: "
          + "where their arrays belong in such a file is said by code alone",
        found: places.names.prefix(4).joined(separator: ", "),
        hint: "write \(places.isNative ? ".keras" : ".h5"), or tensors alone: .pt, .safetensors")
      return nil
    }
    form.arrays = zip(places.names, tensors).map { name, entry in
      KerasArrayForm(name: name, tensor: entry.tensor, parts: [entry.tensor])
    }
    form.carried?.isNested = !places.isFlat
    return form
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }

  /// Text of this package's own making.
  private static func parsed(_ text: String) -> JSONValue? {
    let region = ByteRegion(ByteStorage(copying: Array(text.utf8)))
    return try? JSONParser.parse(region, allowsPythonNumbers: true, limits: .init())
  }
}

/// The names of the arrays of a layer nobody knows, below the layer.
struct KerasCarriedPlaces {
  /// `vars/0` and `inner/vars/0` in native weights, `kernel` and `inner/kernel` in others.
  private(set) var names: [String]
  /// Whether they are places in native weights.
  let isNative: Bool
  /// Whether all arrays are the layer's own.
  let isFlat: Bool

  /// Takes the names as a file has them; nil when two become one.
  init?(_ stored: [String], layer: String) {
    isNative = stored.allSatisfy { name in
      let parts = name.split(separator: "/")
      return parts.count > 1 && parts[parts.count - 2] == "vars"
        && Int(parts[parts.count - 1]) != nil
    }
    let last = layer.split(separator: "/").last.map(String.init) ?? layer
    let isOfNative = isNative
    names = stored.map { name in
      var parts = name.split(separator: "/").map(String.init)
      if isOfNative { return parts.joined(separator: "/") }
      // The names of models and scopes, up to that of the layer itself.
      if let position = parts.lastIndex(of: last), position < parts.count - 1 {
        parts.removeFirst(position + 1)
      }
      let text = parts.joined(separator: "/")
      return text.hasSuffix(":0") ? String(text.dropLast(2)) : text
    }
    isFlat = names.allSatisfy { $0.split(separator: "/").count == (isOfNative ? 2 : 1) }
    guard Set(names).count == names.count else { return nil }
  }
}
