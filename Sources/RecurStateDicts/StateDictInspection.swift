import RecurContainers
package import RecurFormats
import RecurTensors

/// The inspection of a state dict, which has names and shapes and no architecture.
package enum StateDictInspection {
  /// What is in `stateDict`, which was read from a file of `format`.
  package static func inspection(
    of stateDict: StateDict, _ format: any StateDictDecoding
  ) -> Inspection {
    let tensors = stateDict.tensors.entries.map { entry in
      Inspection.StoredTensor(
        name: entry.name, shape: entry.tensor.shape, type: "\(entry.tensor.elementType)",
        byteCount: entry.tensor.byteCount,
        remark: format.names.remark(entry.name, in: stateDict.tensors))
    }
    let unreadable = stateDict.tensors.unreadable.map { tensor in
      Inspection.StoredTensor(
        name: tensor.name, shape: tensor.shape, type: tensor.type, byteCount: tensor.byteCount,
        remark: "not read as numbers")
    }
    let facts = stateDict.metadata.map { ($0.name, $0.value) } + stateDict.facts
    return Inspection(
      format: format.id, title: stateDict.container ?? format.title, facts: facts,
      layers: stateDict.modules.map(layer), tensors: tensors + unreadable,
      diagnostics: stateDict.diagnostics)
  }

  /// A module as its pickle describes it.
  ///
  /// Whether the module can be run depends on the architecture.
  private static func layer(_ module: PyTorchModuleRecord) -> Inspection.DeclaredLayer {
    let options = module.options.filter { $0.name != "training" }.map { option in
      "\(option.name) \(PlainText.text(option.value))"
    }
    return Inspection.DeclaredLayer(
      name: module.key, className: module.className, detail: options.joined(separator: ", "),
      isSupported: true)
  }
}
