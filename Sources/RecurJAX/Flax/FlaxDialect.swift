import RecurFormats
import RecurModel
package import RecurStateDicts
package import RecurTensors

/// The names and shapes of Flax' modules, of linen and of nnx (flax/linen/recurrent.py and
/// flax/nnx/nn/recurrent.py, 0.12).
package struct FlaxDialect: TensorDialect {
  package let framework = "Flax"
  /// Whether the file can't be of another framework.
  private let isCertain: Bool

  package init(isCertain: Bool = false) { self.isCertain = isCertain }

  package func modules(of stateDict: StateDict) throws(CheckpointError) -> DialectModules? {
    let paths = FlaxPaths(stateDict)
    let tree = paths.parameters
    guard isCertain || tree.keys.contains(where: { FlaxCell(at: $0, in: tree) != nil }) else {
      return nil
    }
    var result = DialectModules()
    result.diagnostics = paths.notes
    var findings: [Diagnostic] = []
    var taken: Set<Name> = []
    for key in tree.keys where !taken.contains(Name(key)) {
      guard let group = tree[key] else { continue }
      if let module = try directions(of: group, tree, &findings) {
        result.modules.append(module)
        for part in Self.directionParts {
          take(NameTree.joined(NameTree.joined(key, part), "cell"), tree, &taken)
        }
        continue
      }
      if let cell = FlaxCell(at: key, in: tree) {
        take(key, tree, &taken)
        if let module = try cell.module(group, tree, &findings) { result.modules.append(module) }
        continue
      }
      guard !group.tensors.isEmpty else { continue }
      if let module = FlaxModule.module(group, moments: paths.moments[key]) {
        result.modules.append(module)
        continue
      }
      for (name, tensor) in group.tensors {
        try result.others.append(NameTree.joined(key, name), tensor)
      }
    }
    try appendLoneMoments(paths, to: &result)
    if let error = CheckpointError(findings: findings) { throw error }
    return result
  }

  /// Moments of normalizations that have no parameters.
  private func appendLoneMoments(
    _ paths: FlaxPaths, to result: inout DialectModules
  ) throws(CheckpointError) {
    for key in paths.moments.keys {
      guard let group = paths.moments[key], paths.parameters[key]?.tensors.isEmpty ?? true else {
        continue
      }
      for (name, tensor) in group.tensors {
        try result.others.append(NameTree.joined(key, name), tensor)
      }
    }
  }

  private func take(_ key: String, _ tree: NameTree, _ taken: inout Set<Name>) {
    taken.insert(Name(key))
    for part in tree[key]?.parts ?? [] { taken.insert(Name(NameTree.joined(key, part))) }
  }

  /// The parts of a module Bidirectional, the forward direction first.
  private static let directionParts = ["forward_rnn", "backward_rnn"]

  /// A module Bidirectional by itself; nil for any other group.
  private func directions(
    of group: NameTree.Group, _ tree: NameTree, _ findings: inout [Diagnostic]
  ) throws(CheckpointError) -> DialectModule? {
    guard Set(group.parts) == Set(Self.directionParts), group.tensors.isEmpty else { return nil }
    var cells: [RecurrentCell] = []
    var module: DialectModule?
    for part in Self.directionParts {
      let key = NameTree.joined(NameTree.joined(group.key, part), "cell")
      guard let own = tree[key], let cell = FlaxCell(at: key, in: tree) else { return nil }
      guard let read = try cell.module(own, tree, &findings),
        case .recurrent(let cell) = read.content
      else { return nil }
      cells.append(cell)
      module = module ?? read
    }
    guard var module, cells.count == 2 else { return nil }
    module.key = group.key
    module.content = .bidirectional(cells[0], cells[1])
    module.remarks.append("the outputs of both directions stand side by side")
    return module
  }
}
