import RecurContainers
import RecurStateDicts
import RecurTensors

/// Dictionaries of tensors that stand side by side and may be parts of one model:
/// `{'lstm': lstm.state_dict(), 'fc': fc.state_dict()}`.
enum CheckpointParts {
  /// When dictionaries are read as parts of one model, each under the path that leads to it.
  enum Reading {
    /// Never: one of them is chosen.
    case apart
    /// Where none of them is plainly the model.
    case together
    /// Where these keys of modules, or of tensors, name them.
    case named([String])
  }

  /// The dictionaries and modules that are read as one model; nil when one of them is chosen.
  static func parts(
    _ candidates: [CheckpointWalk.Candidate], _ reading: Reading
  ) -> [CheckpointWalk.Candidate]? {
    let parts = outermost(candidates)
    guard parts.count > 1 else { return nil }
    let isChosen = (try? CheckpointChoice.choose(candidates, key: nil)) != nil
    switch reading {
    case .apart: return nil
    case .together: return isChosen ? nil : parts
    case .named(let keys):
      let named = parts.count { part in
        keys.contains { Name($0) == Name(part.path) || $0.hasPrefix(part.path + ".") }
      }
      return named >= (isChosen ? 2 : 1) ? parts : nil
    }
  }

  /// The candidates that are not read with another one, in which they are.
  static func outermost(
    _ candidates: [CheckpointWalk.Candidate]
  ) -> [CheckpointWalk.Candidate] {
    candidates.filter { candidate in
      candidate.kind == .module
        || !candidates.contains { outer in
          outer.kind == .dictionary && outer.reference != candidate.reference
            && (outer.path.isEmpty || candidate.path.hasPrefix(outer.path + "."))
        }
    }
  }

  /// The tensors of all parts, each under its path, and the values in the pickle that are these tensors.
  ///
  /// - Throws: what reading tensors throws.
  static func read(
    _ parts: [CheckpointWalk.Candidate], _ pickle: TorchPickle, _ limits: DecodeLimits,
    isTolerant: Bool
  ) throws(CheckpointError) -> (stateDict: StateDict, taken: Set<PickleGraph.Reference>) {
    var joined = StateDict()
    var taken: Set<PickleGraph.Reference> = []
    for part in parts {
      let own = try PickledCheckpoint.read(part, pickle, limits, isTolerant: isTolerant)
      try joined.append(own.stateDict, below: part.path)
      taken.formUnion(own.taken)
    }
    return (joined, taken)
  }

  /// What is said of dictionaries that are read as one model.
  static func note(_ parts: [CheckpointWalk.Candidate]) -> Diagnostic {
    Diagnostic(
      .pytorchStateDictChosen, .note,
      "\(parts.count) dictionaries of tensors are read as parts of one model: "
        + CheckpointChoice.list(parts)
    ).advising("choose one of them with \(.key("PATH"))")
  }
}

extension StateDict {
  /// Adds the tensors of another state dict, with `path` before their names, and its findings.
  mutating func append(_ other: StateDict, below path: String) throws(CheckpointError) {
    for (name, tensor) in other.tensors.entries {
      try tensors.append(StateDictKeys.joined(path, name), tensor)
    }
    for tensor in other.tensors.unreadable {
      try tensors.append(
        UnreadableTensor(
          name: StateDictKeys.joined(path, tensor.name), type: tensor.type, shape: tensor.shape,
          byteCount: tensor.byteCount, location: tensor.location))
    }
    modules += other.modules.map { module in
      var module = module
      module.key = StateDictKeys.joined(path, module.key)
      return module
    }
    diagnostics += other.diagnostics
  }
}
