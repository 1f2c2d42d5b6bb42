import RecurContainers

extension PyTorchDeclaration {
  /// The same without what follows from the order of the modules: a module is given the result of the
  /// module before it, and the result of the last one is the model's.
  func shortened() -> PyTorchDeclaration {
    var copy = self
    let names = layers.map { $0.name ?? $0.key ?? "" }
    for (index, layer) in layers.enumerated() {
      let before = index == 0 ? inputs?.first : names[index - 1]
      let isArgument = before.map { ["lengths", "h_0", "c_0"].contains($0) } ?? true
      if layer.inputs == before.map({ [.string($0)] }), !isArgument {
        copy.layers[index].inputs = nil
      }
    }
    if let last = names.last, outputs == [last], layers.last?.recurrentKind == nil {
      copy.outputs = nil
    }
    var used = Set(copy.layers.flatMap { $0.inputs ?? [] }.compactMap(\.string))
    used.formUnion(copy.outputs ?? [])
    used.formUnion(copy.layers.flatMap { $0.options.members.compactMap(\.value.string) })
    for index in layers.indices where copy.layers[index].name != nil {
      let name = names[index]
      let isNeeded = used.contains { $0 == name || $0.hasPrefix(name + ".") }
      let word = copy.layers[index].type.split(separator: ".").last.map { $0.lowercased() } ?? ""
      // The name that it gets without one must not be another's.
      let isTaken = names.contains { $0 == word || $0.hasPrefix(word + "_") }
      if !isNeeded, !isTaken { copy.layers[index].name = nil }
    }
    return copy
  }
}
