import RecurStateDicts
package import RecurTensors

/// Chooses the model among the dictionaries and modules of a checkpoint.
enum CheckpointChoice {
  /// The usual keys for the model's state dict, the clearest first.
  static let preferred = [
    "state_dict", "model_state_dict", "model_state", "model", "net", "net_state_dict", "network",
    "network_state_dict", "module", "weights", "params", "generator", "netG", "student",
    "ema_state_dict", "ema", "model_ema", "params_ema",
  ]

  /// The candidate that `key` names; without `key`, the only or most likely candidate, with a note
  /// if there were several.
  ///
  /// - Throws: `pytorch.state-dict.key-unknown`, `pytorch.state-dict.ambiguous`.
  static func choose(
    _ candidates: [CheckpointWalk.Candidate], key: String?
  ) throws(CheckpointError) -> (CheckpointWalk.Candidate, [Diagnostic])? {
    if let key { return (try named(key, candidates), []) }
    guard candidates.count > 1 else { return candidates.first.map { ($0, []) } }
    let ranked = candidates.compactMap { candidate in
      rank(candidate).map { (rank: $0, depth: depth(candidate), candidate: candidate) }
    }
    if ranked.isEmpty, let whole = whole(candidates) {
      let note = Diagnostic(
        .pytorchStateDictChosen, .note,
        "\(counted(candidates.count - 1, "dictionary", "dictionaries")) of tensors in the state dict "
          + "\(candidates.count == 2 ? "counts as a part" : "count as parts") of it: "
          + list(candidates.filter { $0.reference != whole.reference })
      ).advising("choose one of them with \(.key("PATH"))")
      return (whole, [note])
    }
    // Between two of the same name the one further up is meant, if it is alone there.
    let best = ranked.min { ($0.rank, $0.depth) < ($1.rank, $1.depth) }
    let equals = ranked.filter { $0.rank == best?.rank && $0.depth == best?.depth }
    guard let best, equals.count == 1 else {
      throw CheckpointError(
        .pytorchStateDictAmbiguous,
        "the checkpoint holds \(candidates.count) dictionaries of tensors, and none is plainly the "
          + "model", expected: "one of \(list(candidates))", remedies: [.declareModel]
      ).advising(
        "choose one with \(.key("PATH")), such as \(.key("'\(candidates[1].path)'")), or declare "
          + "them with \(.architecture) if they are parts of one model: '\(.declaration)' writes what "
          + "to edit"
      )
    }
    let note = Diagnostic(
      .pytorchStateDictChosen, .note,
      "took '\(best.candidate.path)' out of \(candidates.count) dictionaries of tensors: "
        + list(candidates)
    ).advising("choose another one with \(.key("PATH"))")
    return (best.candidate, [note])
  }

  /// The dictionary that holds all others and at least as many tensors itself as each of them; nil when
  /// none does, or one of them is a module.
  private static func whole(
    _ candidates: [CheckpointWalk.Candidate]
  ) -> CheckpointWalk.Candidate? {
    guard let outer = candidates.min(by: { depth($0) < depth($1) }) else { return nil }
    let prefix = outer.path.isEmpty ? "" : outer.path + "."
    let areParts = candidates.allSatisfy { candidate in
      candidate.kind == .dictionary && candidate.count <= outer.count
        && (candidate.reference == outer.reference || candidate.path.hasPrefix(prefix))
    }
    return areParts ? outer : nil
  }

  private static func named(
    _ key: String, _ candidates: [CheckpointWalk.Candidate]
  ) throws(CheckpointError) -> CheckpointWalk.Candidate {
    let fitting = candidates.filter { Name($0.path) == Name(key) }
    if fitting.count == 1, let candidate = fitting.first { return candidate }
    guard fitting.isEmpty else {
      throw CheckpointError(
        .pytorchStateDictAmbiguous,
        "\(fitting.count) dictionaries of tensors are reached by '\(key)', because keys hold dots",
        hint: "save the one that is meant alone: torch.save(model.state_dict(), path)")
    }
    throw CheckpointError(
      .pytorchKeyUnknown, "the checkpoint holds no dictionary of tensors at '\(key)'",
      expected: "one of \(list(candidates))", found: "'\(key)'",
      hint: suggestion(for: key, among: candidates.map(\.path)).map { "did you mean '\($0)'?" },
      remedies: candidates.first.map { [.chooseStateDict(path: $0.path)] } ?? [])
  }

  private static func rank(_ candidate: CheckpointWalk.Candidate) -> Int? {
    let last = candidate.path.split(separator: ".").last.map(String.init) ?? ""
    return preferred.firstIndex(of: last)
  }

  private static func named(_ candidate: CheckpointWalk.Candidate) -> String {
    candidate.path.isEmpty ? "the whole" : "'\(candidate.path)'"
  }

  private static func depth(_ candidate: CheckpointWalk.Candidate) -> Int {
    candidate.path.split(separator: ".").count
  }

  static func list(_ candidates: [CheckpointWalk.Candidate]) -> String {
    let some = candidates.prefix(20).map { candidate in
      switch candidate.kind {
      case .dictionary: "\(named(candidate)) (\(counted(candidate.count, "tensor")))"
      case .module: "\(named(candidate)) (a module)"
      }
    }
    let rest = candidates.count > 20 ? " and \(candidates.count - 20) more" : ""
    return some.joined(separator: ", ") + rest
  }
}

extension Diagnostic.Code {
  package static let pytorchStateDictMissing = Self(rawValue: "pytorch.state-dict.missing")
  package static let pytorchStateDictAmbiguous = Self(rawValue: "pytorch.state-dict.ambiguous")
  package static let pytorchStateDictChosen = Self(rawValue: "pytorch.state-dict.chosen")
}
