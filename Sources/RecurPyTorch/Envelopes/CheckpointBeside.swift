import RecurContainers
package import RecurTensors

/// What holds numbers in a checkpoint and is neither the chosen weights nor in them.
struct CheckpointBeside {
  /// One line for each value beside the weights.
  private var lines: [String] = []
  private var count = 0

  /// More lines than this are counted.
  private static let longest = 100
  /// How many names one line has.
  private static let named = 8

  /// With `namesOthers`, the other dictionaries of tensors were named already.
  init(
    _ pickle: TorchPickle, _ walk: CheckpointWalk, chosen: CheckpointWalk.Candidate,
    namesOthers: Bool
  ) {
    let root = pickle.unwrapped(pickle.graph.root)
    guard chosen.reference != root else { return }
    var seen: Set<PickleGraph.Reference> = [chosen.reference]
    if namesOthers { seen.formUnion(walk.candidates.map(\.reference).filter { $0 != root }) }
    let named = seen
    for part in pickle.parts(pickle.kind(root), root) {
      let reference = pickle.unwrapped(part.reference)
      guard !named.contains(reference) else { continue }
      guard let text = Self.text(part.name, reference, pickle, walk, &seen) else { continue }
      count += 1
      if lines.count < Self.longest { lines.append(text) }
    }
  }

  private static func text(
    _ name: String, _ reference: PickleGraph.Reference, _ pickle: TorchPickle,
    _ walk: CheckpointWalk,
    _ seen: inout Set<PickleGraph.Reference>
  ) -> String? {
    if walk.optimizers.contains(where: { pickle.unwrapped($0.reference) == reference }) {
      return "'\(name)': \(CheckpointFacts.state(of: reference, pickle))"
    }
    switch pickle.kind(reference) {
    case .number, .integer: return "'\(name)' = \(PlainValue.text(reference, pickle))"
    case .bytes: return "'\(name)': \(pickle.graph.bytes(reference)?.count ?? 0) bytes"
    case .tensor: return "'\(name)': a tensor"
    case .plain: return nil
    case .array, .packed, .storage, .dictionary, .list, .object: break
    }
    let found = NumberScan(reference, named: name, pickle, except: seen)
    seen = found.seen
    guard !found.tensors.isEmpty else {
      return found.numberCount == 0 ? nil : "'\(name)': \(counted(found.numberCount, "number"))"
    }
    guard found.tensors != [name] else { return "'\(name)': an array" }
    let names = found.tensors.prefix(Self.named).map { "'\($0)'" }.joined(separator: ", ")
    return "'\(name)': \(counted(found.tensors.count, "tensor")): \(names)"
      + (found.tensors.count > Self.named ? ", …" : "")
  }

  /// A note on all of it; nil when there is nothing.
  var note: Diagnostic? {
    guard count > 0 else { return nil }
    let rest = count > lines.count ? ["and \(count - lines.count) more"] : []
    return Diagnostic(
      .pytorchBeside, .note,
      "\(counted(count, "entry", "entries")) of the checkpoint \(count == 1 ? "stands" : "stand") beside "
        + "the weights and \(count == 1 ? "is" : "are") left out", notes: lines + rest)
  }
}

extension Diagnostic.Code {
  package static let pytorchBeside = Self(rawValue: "pytorch.beside")
}
