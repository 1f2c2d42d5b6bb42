import RecurContainers
import RecurStateDicts
package import RecurTensors

/// Finds the model in what a pickle holds, and reads its state dict.
enum PickledCheckpoint {
  /// The state dict that `key` names, or the one that is plainly the model.
  ///
  /// - Throws: `pytorch.state-dict.missing`, `pytorch.state-dict.ambiguous`,
  ///   `pytorch.state-dict.key-unknown`, `pickle.callable.refused`, and what reading tensors throws.
  static func stateDict(
    _ pickle: TorchPickle, _ container: String, key: String?, _ limits: DecodeLimits,
    isTolerant: Bool
  ) throws(CheckpointError) -> StateDict {
    let walk = try CheckpointWalk(pickle, limits)
    var stateDict = StateDict()
    let choice: (CheckpointWalk.Candidate, [Diagnostic])?
    do throws(CheckpointError) {
      choice = try CheckpointChoice.choose(walk.candidates, key: key)
    } catch  where isTolerant && key == nil && error.diagnostic.code == .pytorchStateDictAmbiguous {
      return try all(walk.candidates, pickle, container, limits, because: error)
    }
    if let (chosen, notes) = choice {
      switch chosen.kind {
      case .module:
        stateDict = try PickledModule.read(
          chosen.reference, pickle, limits, isTolerant: isTolerant)
      case .dictionary:
        stateDict = try dictionary(chosen.reference, pickle, limits, isTolerant: isTolerant)
      }
      let own = stateDict.facts
      stateDict.facts =
        CheckpointFacts.facts(pickle, walk, chosen: chosen, modules: stateDict.modules) + own
      stateDict.diagnostics = notes + stateDict.diagnostics
    } else if pickle.graph.items(pickle.unwrapped(pickle.graph.root))?.isEmpty != true {
      throw missing(pickle)
    }
    stateDict.container = container
    return stateDict
  }

  /// The tensors of all dictionaries and modules, each under its path.
  private static func all(
    _ candidates: [CheckpointWalk.Candidate], _ pickle: TorchPickle, _ container: String,
    _ limits: DecodeLimits, because error: CheckpointError
  ) throws(CheckpointError) -> StateDict {
    var joined = StateDict()
    joined.container = container
    joined.diagnostics = error.diagnostics.map { finding in
      var warning = finding
      warning.severity = .warning
      return warning
    }
    for candidate in candidates {
      let own =
        switch candidate.kind {
        case .module:
          try PickledModule.read(candidate.reference, pickle, limits, isTolerant: true)
        case .dictionary: try dictionary(candidate.reference, pickle, limits, isTolerant: true)
        }
      for (name, tensor) in own.tensors.entries {
        try joined.tensors.append(StateDictKeys.joined(candidate.path, name), tensor)
      }
      joined.diagnostics += own.diagnostics
    }
    return joined
  }

  private static func dictionary(
    _ reference: PickleGraph.Reference, _ pickle: TorchPickle, _ limits: DecodeLimits,
    isTolerant: Bool
  ) throws(CheckpointError) -> StateDict {
    var pickle = pickle
    var stateDict = StateDict()
    for item in pickle.graph.items(reference) ?? [] {
      guard let key = pickle.graph.string(item.key) else {
        throw pickle.invalid("a key of the state dict is no string", item.key)
      }
      guard pickle.isTensor(item.value) else {
        if let skipped = skipped(key, item.value, pickle) { stateDict.diagnostics.append(skipped) }
        stateDict.facts.append((key, PlainValue.text(item.value, pickle)))
        continue
      }
      guard stateDict.tensors.names.count < limits.objects else {
        throw CheckpointError(
          .limitExceeded, "more than \(limits.objects) tensors", at: pickle.place(reference))
      }
      do throws(CheckpointError) {
        try stateDict.tensors.append(key, pickle.tensor(item.value, key))
      } catch {
        let located = error.located(object: key)
        guard isTolerant, let warning = located.asUnreadTensor else { throw located }
        stateDict.diagnostics.append(warning)
      }
    }
    return stateDict
  }

  /// An object of an unknown class among the tensors may have been a tensor of a kind of its own.
  private static func skipped(
    _ key: String, _ reference: PickleGraph.Reference, _ pickle: TorchPickle
  ) -> Diagnostic? {
    guard let name = pickle.typeName(reference), !TorchCallables.isPlain(name) else { return nil }
    return Diagnostic(
      .pytorchEntrySkipped, .warning,
      "'\(key)' is an object of '\(name)', which is kept as a name and is no tensor",
      at: pickle.place(reference))
  }

  private static func missing(_ pickle: TorchPickle) -> CheckpointError {
    let root = pickle.unwrapped(pickle.graph.root)
    let hint = "save the state dict: torch.save(model.state_dict(), path)"
    if pickle.graph.items(root) == nil, let name = pickle.typeName(root), !pickle.isTensor(root) {
      return CheckpointError(
        .pickleCallableRefused,
        "the pickle builds '\(name)' (pickle byte \(pickle.graph.offsets[root])), which is neither a "
          + "module nor a dictionary of tensors; it was not called", at: pickle.place(root),
        hint: hint)
    }
    for item in pickle.graph.items(root) ?? [] {
      guard let name = pickle.typeName(item.value), !TorchCallables.isPlain(name) else { continue }
      return CheckpointError(
        .pickleCallableRefused,
        "the pickle builds '\(name)' at '\(pickle.graph.string(item.key) ?? "?")' "
          + "(pickle byte \(pickle.graph.offsets[item.value])), and no tensor anywhere; it was not "
          + "called", at: pickle.place(item.value), hint: hint)
    }
    return CheckpointError(
      .pytorchStateDictMissing, "the checkpoint holds no dictionary of tensors and no module",
      at: pickle.place(root), found: PlainValue.text(root, pickle), hint: hint)
  }
}

extension Diagnostic.Code {
  package static let pytorchEntrySkipped = Self(rawValue: "pytorch.entry.skipped")
}
