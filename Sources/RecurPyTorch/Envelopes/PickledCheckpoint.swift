import RecurContainers
import RecurStateDicts
import RecurTensors

/// Finds the model in a pickle and reads its state dict.
enum PickledCheckpoint {
  /// The state dict that `key` names; without `key`, the only or most likely one, or what several make
  /// together.
  ///
  /// - Throws: `pytorch.state-dict.missing`, `pytorch.state-dict.ambiguous`,
  ///   `pytorch.state-dict.key-unknown`, `pickle.callable.refused`, and what reading tensors throws.
  static func stateDict(
    _ pickle: TorchPickle, _ container: String, key: String?, _ limits: DecodeLimits,
    isTolerant: Bool, parts reading: CheckpointParts.Reading = .apart
  ) throws(CheckpointError) -> StateDict {
    let walk = try CheckpointWalk(pickle, limits)
    var stateDict = StateDict()
    let root = pickle.unwrapped(pickle.graph.root)
    func whole(
      _ joined: StateDict, _ findings: [Diagnostic], _ container: String,
      besides taken: Set<PickleGraph.Reference>
    ) -> StateDict {
      var joined = joined
      joined.container = container
      joined.besideCount = rest(pickle, walk, except: taken).tensors.count
      joined.diagnostics = findings + joined.diagnostics
      return joined
    }
    if key == nil, let parts = CheckpointParts.parts(walk.candidates, reading) {
      let (stateDict, taken) = try CheckpointParts.read(
        parts, pickle, limits, isTolerant: isTolerant)
      return whole(stateDict, [CheckpointParts.note(parts)], container, besides: taken)
    }
    let choice: (CheckpointWalk.Candidate, [Diagnostic])?
    do throws(CheckpointError) {
      choice = try CheckpointChoice.choose(walk.candidates, key: key)
    } catch  where isTolerant && key == nil && error.diagnostic.code == .pytorchStateDictAmbiguous {
      let (stateDict, taken) = try CheckpointParts.read(
        CheckpointParts.outermost(walk.candidates), pickle, limits, isTolerant: true)
      let warnings = error.diagnostics.map { finding in
        var warning = finding
        warning.severity = .warning
        return warning
      }
      return whole(stateDict, warnings, container, besides: taken)
    }
    if let (chosen, notes) = choice {
      let taken: Set<PickleGraph.Reference>
      (stateDict, taken) = try read(chosen, pickle, limits, isTolerant: isTolerant)
      stateDict.besideCount = rest(pickle, walk, except: taken).tensors.count
      let own = stateDict.facts
      stateDict.facts =
        CheckpointFacts.facts(pickle, walk, chosen: chosen, modules: stateDict.modules) + own
      let beside = CheckpointBeside(
        pickle, walk, chosen: chosen, namesOthers: !notes.isEmpty
      ).note
      stateDict.diagnostics = notes + (beside.map { [$0] } ?? []) + stateDict.diagnostics
    } else if walk.hasLooseNumbers {
      // No dictionary of tensors: what there is keeps the names that lead to it.
      stateDict = try collection(root, pickle, limits, isTolerant: isTolerant).stateDict
      guard !stateDict.tensors.names.isEmpty || !stateDict.tensors.unreadable.isEmpty || isTolerant
      else { throw missing(pickle) }
    } else if !walk.optimizers.isEmpty {
      let states = walk.optimizers.map {
        ($0.path, CheckpointFacts.state(of: $0.reference, pickle))
      }
      guard isTolerant else { throw CheckpointFacts.onlyOptimizers(states, at: pickle.place(root)) }
      stateDict.facts = states.map { (CheckpointFacts.name(ofOptimizer: $0.0), $0.1) }
      stateDict.diagnostics = [.optimizerLeftOut(states)]
    } else if pickle.graph.items(root)?.isEmpty != true {
      throw missing(pickle)
    }
    stateDict.container = container
    if let note = TupleKeys.note(pickle, stateDict) { stateDict.diagnostics.append(note) }
    return stateDict
  }

  /// One dictionary or module, and the values in the pickle that are its tensors.
  static func read(
    _ candidate: CheckpointWalk.Candidate, _ pickle: TorchPickle, _ limits: DecodeLimits,
    isTolerant: Bool, leavesObjects: Bool = false
  ) throws(CheckpointError) -> (stateDict: StateDict, taken: Set<PickleGraph.Reference>) {
    switch candidate.kind {
    case .module:
      try PickledModule.read(
        candidate.reference, pickle, limits, isTolerant: isTolerant, leavesObjects: leavesObjects)
    case .dictionary:
      try collection(
        candidate.reference, pickle, limits, isTolerant: isTolerant, leavesObjects: leavesObjects)
    }
  }

  /// The tensors that are neither in `taken` nor an optimizer's.
  static func rest(
    _ pickle: TorchPickle, _ walk: CheckpointWalk, except taken: Set<PickleGraph.Reference>
  ) -> NumberScan {
    NumberScan(
      pickle.graph.root, named: "", pickle,
      except: taken.union(walk.optimizers.map { pickle.unwrapped($0.reference) }))
  }

  private static func collection(
    _ reference: PickleGraph.Reference, _ pickle: TorchPickle, _ limits: DecodeLimits,
    isTolerant: Bool, leavesObjects: Bool = false
  ) throws(CheckpointError) -> (stateDict: StateDict, taken: Set<PickleGraph.Reference>) {
    var entries = PickledEntries(
      pickle, limits, isTolerant: isTolerant, leavesObjects: leavesObjects)
    let kind = pickle.kind(reference)
    switch kind {
    case .tensor, .array, .storage, .packed: try entries.entries([("0", reference)], of: reference)
    case .dictionary, .list, .number, .integer, .bytes, .object, .plain:
      try entries.entries(pickle.parts(kind, reference), of: reference)
    }
    let stateDict = try entries.finished()
    return (stateDict, entries.taken)
  }

  /// Whether tensors that the value holds can have the names that lead to them: not those of an object of
  /// an unknown class.
  static func isCollection(_ reference: PickleGraph.Reference, _ pickle: TorchPickle) -> Bool {
    switch pickle.kind(reference) {
    case .tensor, .array, .packed, .storage, .dictionary, .list: true
    case .number, .integer, .bytes, .object, .plain: false
    }
  }

  static func missing(_ pickle: TorchPickle) -> CheckpointError {
    let root = pickle.unwrapped(pickle.graph.root)
    let hint = "save the state dict: torch.save(model.state_dict(), path)"
    if pickle.graph.items(root) == nil, let name = pickle.typeName(root), !pickle.isTensor(root) {
      let row = WrapperClasses.row(of: name)
      return CheckpointError(
        .pickleCallableRefused,
        "the pickle builds '\(name)' (pickle byte \(pickle.graph.offsets[root])), "
          + (row.map { "\($0.name), " } ?? "")
          + "which is neither a module nor a dictionary of tensors; it was not called",
        at: pickle.place(root), hint: row?.hint ?? hint)
    }
    for item in pickle.graph.items(root) ?? [] {
      guard let name = pickle.typeName(item.value), !TorchCallables.isPlain(name) else { continue }
      return CheckpointError(
        .pickleCallableRefused,
        "the pickle builds '\(name)' at '\(pickle.graph.string(item.key) ?? "?")' "
          + "(pickle byte \(pickle.graph.offsets[item.value])), and no tensor anywhere; it was not "
          + "called", at: pickle.place(item.value),
        hint: WrapperClasses.row(of: name)?.hint ?? hint)
    }
    let lists = lists(in: root, pickle)
    return CheckpointError(
      .pytorchStateDictMissing, "the checkpoint holds no dictionary of tensors and no module",
      at: pickle.place(root), found: PlainValue.text(root, pickle),
      hint: lists.isEmpty
        ? hint
        : "lists are no tensors: torch.save({k: torch.tensor(v) for k, v in d.items()}, path)",
      notes: lists)
  }

  /// The lists of numbers in a value, each with its name.
  private static func lists(
    in root: PickleGraph.Reference, _ pickle: TorchPickle
  ) -> [String] {
    var lines: [String] = []
    for part in pickle.parts(pickle.kind(root), root) {
      guard case .list = pickle.kind(part.reference) else { continue }
      let count = NumberScan(part.reference, named: part.name, pickle).numberCount
      if count > 0 { lines.append("'\(part.name)' is a list of \(counted(count, "number"))") }
    }
    return lines.count > 20 ? lines.prefix(20) + ["and \(lines.count - 20) more"] : lines
  }
}
