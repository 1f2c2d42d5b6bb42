import RecurStateDicts
import RecurTensors

extension StateDict {
  /// The same tensors with the weights that weight drop keeps apart under the names of the module.
  ///
  /// Weight drop (AWD-LSTM, fastai) keeps a recurrent kernel as `weight_hh_l0_raw`, in the module
  /// itself or in a wrapper around `module`. What stands in the module under the plain name is a copy
  /// of which some numbers were dropped, or nothing.
  ///
  /// - Throws: `tensor.duplicate`.
  func restoringDroppedWeights() throws(CheckpointError) -> StateDict {
    var places: [Name: String] = [:]
    var copies: Set<Name> = []
    for name in tensors.names {
      guard let target = droppedWeight(name), let raw = tensors[name] else { continue }
      let copy = tensors[target]
      guard copy == nil || copy?.shape == raw.shape else { continue }
      places[Name(name)] = target
      if copy != nil { copies.insert(Name(target)) }
    }
    guard !places.isEmpty else { return self }
    var result = self
    result.tensors = TensorTable()
    for (name, tensor) in tensors.entries where !copies.contains(Name(name)) {
      try result.tensors.append(places[Name(name)] ?? name, tensor)
      guard let target = places[Name(name)] else { continue }
      let hasCopy = copies.contains(Name(target))
      result.diagnostics.append(
        Diagnostic(
          .pytorchWeightDrop, .note, "'\(name)' is read as '\(target)'", at: tensor.location,
          reason: "weight drop keeps the weights there"
            + (hasCopy
              ? "; what the file has under '\(target)' is a copy of which some numbers were dropped, "
                + "and is not used" : "")))
    }
    for other in tensors.unreadable { try result.tensors.append(other) }
    return result
  }

  /// `rnn.module.weight_hh_l0` of `rnn.weight_hh_l0_raw`; nil for the name of no dropped weight.
  private func droppedWeight(_ name: String) -> String? {
    guard name.hasSuffix("_raw") else { return nil }
    let plain = String(name.dropLast("_raw".count))
    let dot = plain.lastIndex(of: ".").map { plain.index(after: $0) } ?? plain.startIndex
    let (prefix, parameter) = (plain[..<dot], String(plain[dot...]))
    guard RecurrentParameter.names(parameter) else { return nil }
    // A module that dropped one of its weights has the others.
    return ["", "module."].map { prefix + $0 }.first { owner in
      tensors.names.contains { other in
        other.hasPrefix(owner) && other != name
          && RecurrentParameter.names(String(other.dropFirst(owner.count)))
      }
    }.map { $0 + parameter }
  }
}

extension Diagnostic.Code {
  static let pytorchWeightDrop = Self(rawValue: "pytorch.weight-drop")
}
