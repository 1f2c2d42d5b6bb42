import RecurContainers
import RecurModel
import RecurTensors

/// Layers and operations of an architecture that nobody knows: their tensors are carried, and what is said
/// of them.
struct KerasUnknownLayers {
  private let architecture: KerasArchitecture

  init(_ architecture: KerasArchitecture) { self.architecture = architecture }

  /// A layer of an unknown class: its tensors are kept, and it is never run.
  func layer(
    _ config: KerasArchitecture.LayerConfig, _ arrays: [KerasArray], readsText: Bool
  ) -> (layer: Layer, finding: Diagnostic) {
    if config.isOperation { return operation(config) }
    let similar = suggestion(for: config.className, among: Layer.kerasClasses.keys.sorted())
    let inner = config.kerasClass == nil ? nil : config.inside.first { $0.isOpaque || $0.isModel }
    let readers = architecture.readers(of: config.name)
    var finding = Diagnostic(
      .kerasLayerOpaque, .warning,
      "layer '\(config.name)' "
        + (inner.map { "holds a layer of class '\($0.className)', which is not read there" }
          ?? "is of class '\(config.className)', "
          + (config.holdsBytecode ? "Python bytecode that is never run" : "which is unknown"))
        + ": its tensors are carried, and the model can't be run", at: config.location,
      hint: similar.map { inner == nil ? "did you mean '\($0)'?" : "" }.flatMap {
        $0.isEmpty ? nil : $0
      })
    if readsText, let next = architecture.firstKnown(behind: config.name) {
      finding = finding.advising(
        "a model can begin behind it, with numbers in place of text: \(.start(next.name))")
    }
    let layer = Layer.opaque(
      OpaqueLayer(
        className: config.className, cause: config.holdsBytecode ? .bytecode : .unknownClass,
        tensors: arrays.map { ($0.name, $0.tensor) },
        outputCount: architecture.outputCount(of: config.name),
        declaredShape: readers.lazy.compactMap(\.buildShape).first,
        declaration: config.source.map { source in
          OpaqueLayer.Declaration(
            config: source.withoutCalls.pythonText, generation: architecture.version.major)
        }))
    return (layer, finding)
  }

  /// A layer or an operation without arrays that asks for the shape of its input, which is not known: it is
  /// not read, and the model can't be run anyway.
  func behindUnknown(_ config: KerasArchitecture.LayerConfig) -> Layer {
    .opaque(
      OpaqueLayer(
        className: config.className, cause: .unknownShape, tensors: [],
        outputCount: architecture.outputCount(of: config.name)))
  }

  /// An operation that is not read; a model with it can't be run.
  private func operation(
    _ config: KerasArchitecture.LayerConfig
  ) -> (layer: Layer, finding: Diagnostic) {
    let known = Layer.kerasOperations.keys.filter { $0.allSatisfy(\.isLetter) }.sorted()
    let finding = Diagnostic(
      .kerasLayerOpaque, .warning,
      "'\(config.name)' is the operation '\(config.className)', which is not read: the model can't "
        + "be run", at: config.location,
      hint: suggestion(for: config.className, among: known).map { "did you mean '\($0)'?" },
      notes: ["operations that are read: \(known.joined(separator: ", "))"])
    let layer = Layer.opaque(
      OpaqueLayer(
        className: config.className, tensors: [],
        outputCount: architecture.outputCount(of: config.name)))
    return (layer, finding)
  }
}

extension JSONObject {
  /// A layer's config as a value, without the calls of the layer.
  fileprivate var withoutCalls: JSONValue {
    var copy = JSONObject()
    for member in members where member.name != "inbound_nodes" {
      copy.add(member.name, member.value)
    }
    return .object(copy)
  }
}

extension KerasArchitecture {
  /// The layers that are called with the first output of a layer and nothing else.
  fileprivate func readers(of name: String) -> [LayerConfig] {
    layers.filter { layer in
      layer.calls.contains { $0.inputs == [TensorReference(layer: Name(name), call: 0, output: 0)] }
    }
  }

  /// The first layer of a known class behind a layer, in a chain of layers.
  fileprivate func firstKnown(behind name: String) -> LayerConfig? {
    var name = name
    for _ in layers.indices {
      guard let next = readers(of: name).first else { return nil }
      if next.nested == nil, !next.isOpaque { return next }
      name = next.name
    }
    return nil
  }

  /// One more than the highest output of a layer that anything uses.
  func outputCount(of name: String) -> Int {
    var count = 1
    for layer in layers {
      for call in layer.calls {
        for reference in call.operands where reference.layer == Name(name) {
          count = max(count, reference.output + 1)
        }
      }
      count = max(count, layer.nested?.outputCount(of: name) ?? 1)
    }
    for reference in outputs where reference.layer == Name(name) {
      count = max(count, reference.output + 1)
    }
    return count
  }
}

extension KerasArchitecture.LayerConfig {
  fileprivate var isModel: Bool { KerasArchitecture.modelClasses.contains(className) }

  /// Whether the config of a Lambda holds the bytecode of its function, and not a name alone: a list in
  /// Keras 2, an object of a class of its own in Keras 3.
  fileprivate var holdsBytecode: Bool {
    guard className == "Lambda", let function = options["function"] else { return false }
    return function.array != nil || function["class_name"]?.string == "__lambda__"
  }
}

extension Diagnostic.Code {
  static let kerasLayerOpaque = Self(rawValue: "keras.layer.opaque")
}
