import RecurFormats
import RecurModel
package import RecurStateDicts
package import RecurTensors

/// The names and shapes of Haiku's modules (haiku/_src/recurrent.py and basic.py, 0.0.17).
///
/// A core without a matrix of its own kind is told by the name of its module: `lstm`, `vanilla_rnn`.
package struct HaikuDialect: TensorDialect {
  package let framework = "Haiku"
  /// Whether the file can't be of another framework.
  private let isCertain: Bool

  package init(isCertain: Bool = false) { self.isCertain = isCertain }

  package func modules(of stateDict: StateDict) throws(CheckpointError) -> DialectModules? {
    guard stateDict.tensors.names.allSatisfy({ $0.contains("/") }) || isCertain else { return nil }
    let tree = NameTree(Self.entries(stateDict.tensors))
    guard
      isCertain
        || tree.keys.contains(where: { tree[$0].flatMap { HaikuCore($0, tree) } != nil })
    else { return nil }
    var result = DialectModules()
    var findings: [Diagnostic] = []
    var taken: Set<Name> = []
    for key in tree.keys where !taken.contains(Name(key)) {
      guard let group = tree[key] else { continue }
      if let core = HaikuCore(group, tree) {
        for part in group.parts { taken.insert(Name(NameTree.joined(key, part))) }
        if let module = try core.module(group, tree, &findings) { result.modules.append(module) }
      } else if let module = Self.module(group) {
        result.modules.append(module)
      } else {
        for (name, tensor) in group.tensors {
          try result.others.append(NameTree.joined(key, name), tensor)
        }
      }
    }
    if let error = CheckpointError(findings: findings) { throw error }
    return result
  }

  /// The paths of all tensors, without the part `~` that stands for a method of a module, if no two paths
  /// become one without it.
  private static func entries(_ tensors: TensorTable) -> [(path: [String], tensor: Tensor)] {
    let paths = tensors.names.map { name in
      name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }
    let short = paths.map { $0.filter { $0 != "~" } }
    let isUnique = Set(short.map { Name($0.joined(separator: "/")) }).count == short.count
    return zip(isUnique ? short : paths, tensors.entries).map { ($0, $1.tensor) }
  }

  /// A module that is no core.
  private static func module(_ group: NameTree.Group) -> DialectModule? {
    guard group.tensors.allSatisfy({ $0.tensor.elementType.isFloatingPoint }) else { return nil }
    let names = group.names
    if let weight = group["w"], names.isSubset(of: ["w", "b"]), (2...5).contains(weight.rank) {
      let last = weight.rank - 1
      guard group["b"].map({ $0.shape == [weight.shape[last]] }) ?? true,
        !group.lastPart.contains("transpose")
      else { return nil }
      return DialectModule(
        group.key,
        .product(
          weight: weight.permuted([last, last - 1] + Array(0..<last - 1)), bias: group["b"]))
    }
    if let table = group["embeddings"], names.count == 1, table.rank == 2 {
      return DialectModule(group.key, .table(table))
    }
    if let scale = group["scale"], names.isSubset(of: ["scale", "offset"]), scale.rank == 1,
      group["offset"].map({ $0.shape == scale.shape }) ?? true
    {
      var module = DialectModule(
        group.key, .normalization(scale: scale, shift: group["offset"], moments: nil))
      module.epsilon = 1e-5
      return module
    }
    return nil
  }
}
