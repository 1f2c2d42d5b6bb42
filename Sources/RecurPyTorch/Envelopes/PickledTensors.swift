import RecurContainers
import RecurStateDicts
import RecurTensors

/// Every tensor of a pickle, whatever it belongs to.
enum PickledTensors {
  /// The tensors under the names that lead to them; those of the only model keep their keys when nothing
  /// else holds any.
  ///
  /// States of optimizers are named and left out, unless there is nothing else.
  ///
  /// - Throws: `pytorch.state-dict.missing`, `pickle.callable.refused`, and what reading tensors throws.
  static func read(
    _ pickle: TorchPickle, _ container: String, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    let walk = try CheckpointWalk(pickle, limits)
    var parts: [(path: String, stateDict: StateDict)] = []
    var taken: Set<PickleGraph.Reference> = []
    for candidate in CheckpointParts.outermost(walk.candidates) {
      let part = try PickledCheckpoint.read(
        candidate, pickle, limits, isTolerant: true, leavesObjects: true)
      parts.append((candidate.path, part.stateDict))
      taken.formUnion(part.taken)
    }
    var rest = PickledCheckpoint.rest(pickle, walk, except: taken)
    let isOptimizer = parts.isEmpty && rest.tensors.isEmpty && !walk.optimizers.isEmpty
    if isOptimizer { rest = NumberScan(pickle.graph.root, named: "", pickle) }
    let root = pickle.unwrapped(pickle.graph.root)
    guard !parts.isEmpty || !rest.tensors.isEmpty || pickle.graph.items(root)?.isEmpty == true
    else { throw PickledCheckpoint.missing(pickle) }
    var joined = StateDict()
    joined.container = container
    let isAlone = parts.count == 1 && rest.tensors.isEmpty
    for (path, part) in parts { try joined.append(part, below: isAlone ? "" : path) }
    try append(rest, to: &joined, pickle, limits)
    if !isOptimizer, !walk.optimizers.isEmpty {
      joined.diagnostics.append(
        .optimizerLeftOut(
          walk.optimizers.map { ($0.path, CheckpointFacts.state(of: $0.reference, pickle)) }))
    }
    if let note = TupleKeys.note(pickle, joined) { joined.diagnostics.append(note) }
    return joined
  }

  /// Adds what is in no dictionary of tensors and in no module's state dict.
  private static func append(
    _ rest: NumberScan, to joined: inout StateDict, _ pickle: TorchPickle, _ limits: DecodeLimits
  ) throws(CheckpointError) {
    var entries = PickledEntries(pickle, limits, isTolerant: true, leavesObjects: true)
    var names = Set((joined.tensors.names + joined.tensors.unreadable.map(\.name)).map { Name($0) })
    for (found, reference) in zip(rest.tensors, rest.references) {
      // A module keeps its tensors and its modules in dictionaries of these names.
      let path = found.split(separator: ".").filter {
        !["_buffers", "_parameters", "_modules"].contains($0)
      }.joined(separator: ".")
      let plain = path.isEmpty ? "0" : path
      var name = plain
      var number = 2
      while !names.insert(Name(name)).inserted {
        name = "\(plain)_\(number)"
        number += 1
      }
      try entries.entry(name, reference)
    }
    try joined.append(try entries.finished(), below: "")
  }
}
