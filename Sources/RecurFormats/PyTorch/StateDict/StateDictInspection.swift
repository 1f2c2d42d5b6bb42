import RecurContainers
import RecurModel
package import RecurTensors

/// What a state dict says of itself: names and shapes, no architecture.
package enum StateDictInspection {
  /// The model whose weights are in `stateDict`; see ``StateDictArchitecture``.
  static func model(
    _ stateDict: StateDict, _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    var decoded = try StateDictArchitecture.model(stateDict, probe, options)
    decoded.metadata = stateDict.metadata
    return decoded
  }

  /// What is in the state dict at `key` of a file of `format`.
  ///
  /// - Throws: `file.option-unused` for formats without state dicts, and what reading throws.
  package static func inspection(
    _ probe: FileProbe, _ format: any ModelFormat, key: String
  ) throws(CheckpointError) -> Inspection {
    guard format is PyTorchFormat else {
      throw .unusedOption(.key(), format, file: probe.path)
    }
    return try locating(file: probe.path) { () throws(CheckpointError) in
      try inspection(of: StateDict.read(probe, key: key, limits: .listing), format.id, format.title)
    }
  }

  static func inspection(
    of stateDict: StateDict, _ id: String, _ title: String
  ) -> Inspection {
    let tensors = stateDict.tensors.entries.map { entry in
      Inspection.StoredTensor(
        name: entry.name, shape: entry.tensor.shape, type: "\(entry.tensor.elementType)",
        byteCount: entry.tensor.byteCount, remark: remark(entry.name, in: stateDict.tensors))
    }
    let unreadable = stateDict.tensors.unreadable.map { tensor in
      Inspection.StoredTensor(
        name: tensor.name, shape: tensor.shape, type: tensor.type, byteCount: tensor.byteCount,
        remark: "not read as numbers")
    }
    let facts = stateDict.metadata.map { ($0.name, $0.value) } + stateDict.facts
    return Inspection(
      format: id, title: stateDict.container ?? title, facts: facts,
      layers: stateDict.modules.map(layer), tensors: tensors + unreadable,
      diagnostics: stateDict.diagnostics)
  }

  /// A module as its pickle describes it; whether it can be run is the architecture's to say.
  private static func layer(_ module: PyTorchModuleRecord) -> Inspection.Layer {
    let options = module.options.filter { $0.name != "training" }.map { option in
      "\(option.name) \(PlainValue.text(option.value))"
    }
    return Inspection.Layer(
      name: module.key, className: module.className, detail: options.joined(separator: ", "),
      isSupported: true)
  }

  /// What a recurrent kernel implies: the rows of weight_hh are gates × units, its columns units.
  private static func remark(_ key: String, in tensors: TensorTable) -> String? {
    guard let range = key.range(ofSuffixStarting: "weight_ih"), let kernel = tensors[key],
      let recurrent = tensors[key[..<range].description + "weight_hh" + suffix(key, after: range)],
      kernel.rank == 2, recurrent.rank == 2, recurrent.shape[1] > 0,
      kernel.shape[0] == recurrent.shape[0]
    else { return nil }
    let units = recurrent.shape[1]
    let gates = recurrent.shape[0] / units
    guard recurrent.shape[0] % units == 0, let cell = [1: "RNN", 3: "GRU", 4: "LSTM"][gates] else {
      return nil
    }
    return "\(cell), \(units) units, input size \(kernel.shape[1])"
  }

  private static func suffix(_ key: String, after start: String.Index) -> String {
    String(key[start...].dropFirst("weight_ih".count))
  }
}

extension String {
  /// Where the last path component begins, when it starts with `prefix`.
  fileprivate func range(ofSuffixStarting prefix: String) -> String.Index? {
    let start = lastIndex(of: ".").map { index(after: $0) } ?? startIndex
    return self[start...].hasPrefix(prefix) ? start : nil
  }
}

extension CheckpointError {
  /// An option that says nothing about a file of `format`.
  package static func unusedOption(
    _ option: Diagnostic.Term, _ format: any ModelFormat, file: String
  ) -> CheckpointError {
    CheckpointError(
      Diagnostic(.fileOptionUnused, .error, "", at: .init(file: file), hint: "leave it out")
        .saying("\(option) says nothing about \(format.title)"))
  }
}

extension Diagnostic.Code {
  package static let fileOptionUnused = Self(rawValue: "file.option-unused")
}
