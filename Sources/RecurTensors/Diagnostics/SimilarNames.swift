/// Pairs missing names with unused names that they may be misspellings of.
///
/// Names are paths whose parts are joined by a separator: `lstm.weight_ih_l0`. Missing names with
/// one prefix are searched under another prefix first, because renaming a module renames all of its
/// tensors. The remaining names are paired by edit distance.
package struct SimilarNames: Sendable {
  private var ofMissing: [Name: String] = [:]
  private var ofUnused: [Name: String] = [:]
  /// Prefixes whose missing names were all found under an unused prefix, in order; without final
  /// separators.
  package private(set) var prefixes: [(missing: String, unused: String)] = []

  private struct Group {
    let prefix: String
    var leaves: [Name] = []
  }

  package init(missing: [String], unused: [String], separator: Character = ".") {
    var offers = Self.groups(unused, separator)
    for group in Self.groups(missing, separator) {
      let leaves = Set(group.leaves)
      let fitting = offers.indices.filter { leaves.isSubset(of: offers[$0].leaves) }
      guard let chosen = Self.nearest(to: group.prefix, fitting.map { offers[$0].prefix }) else {
        continue
      }
      let offer = offers.remove(at: fitting[chosen])
      prefixes.append((group.prefix, offer.prefix))
      for leaf in group.leaves {
        func name(_ prefix: String) -> String {
          prefix.isEmpty ? leaf.text : "\(prefix)\(separator)\(leaf.text)"
        }
        pair(name(group.prefix), name(offer.prefix))
      }
    }
    for name in missing where ofMissing[Name(name)] == nil {
      let free = unused.filter { ofUnused[Name($0)] == nil }
      if let other = suggestion(for: name, among: free) { pair(name, other) }
    }
  }

  private mutating func pair(_ missing: String, _ unused: String) {
    ofMissing[Name(missing)] = unused
    ofUnused[Name(unused)] = missing
  }

  /// The unused name that `missing` may stand for.
  package func unused(for missing: String) -> String? { ofMissing[Name(missing)] }

  /// The missing name that `unused` may stand for.
  package func missing(for unused: String) -> String? { ofUnused[Name(unused)] }

  /// Groups names by the prefix before their last part, in order of appearance.
  private static func groups(_ names: [String], _ separator: Character) -> [Group] {
    var groups: [Group] = []
    var positions: [Name: Int] = [:]
    for name in names {
      let cut = name.lastIndex(of: separator)
      let prefix = cut.map { String(name[..<$0]) } ?? ""
      let leaf = cut.map { String(name[name.index(after: $0)...]) } ?? name
      let position = positions[Name(prefix)] ?? groups.count
      if position == groups.count {
        positions[Name(prefix)] = position
        groups.append(Group(prefix: prefix))
      }
      groups[position].leaves.append(Name(leaf))
    }
    return groups
  }

  /// The nearest prefix by edit distance; nil when two are equally near.
  private static func nearest(to prefix: String, _ candidates: [String]) -> Int? {
    guard candidates.count <= 256 else { return nil }
    let distances = candidates.map { editDistance(of: prefix, $0) }
    guard let least = distances.min(), distances.count(where: { $0 == least }) == 1 else {
      return nil
    }
    return distances.firstIndex(of: least)
  }
}
