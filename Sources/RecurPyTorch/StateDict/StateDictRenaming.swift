import RecurFormats
import RecurTensors

/// Pairs missing keys of a state dict with unused keys that may be meant, and words the findings.
struct StateDictRenaming {
  private let names: SimilarNames
  /// The keys of declared modules; empty without a declaration.
  private let declared: Set<Name>
  /// For every renamed prefix, its first missing key.
  private var heads: [Name: (missing: String, unused: String)] = [:]

  init(missing: [String], unused: [String], declared: [String] = []) {
    names = SimilarNames(missing: missing, unused: unused)
    self.declared = Set(declared.map(Name.init))
    for pair in names.prefixes {
      if let head = missing.first(where: { Name(Self.prefix(of: $0)) == Name(pair.missing) }) {
        heads[Name(head)] = pair
      }
    }
  }

  /// Adds the likely key to the finding about a missing key, and how to rename it.
  ///
  /// If a whole module was renamed, only the finding about its first key has the fix.
  func complete(_ finding: inout Diagnostic, _ key: String) {
    guard let other = names.unused(for: key) else { return }
    finding.hint = "the file has '\(other)', which nothing uses"
    if let pair = heads[Name(key)] {
      if declared.contains(Name(pair.missing)) {
        finding.remedies.append(.declareKey(pair.unused, insteadOf: pair.missing))
      }
      finding.remedies.append(.code(.init(.pytorch, rename(pair))))
    } else if !names.prefixes.contains(where: { Name($0.missing) == Name(Self.prefix(of: key)) }) {
      finding.remedies.append(
        .code(
          .init(
            .pytorch, "state_dict[\(pythonString(key))] = state_dict.pop(\(pythonString(other)))")))
    }
  }

  /// A sentence about the missing key that may be meant by an unused one.
  func hint(forUnused key: String) -> String? {
    names.missing(for: key).map { "'\($0)' is missing; it may be meant by this one" }
  }

  private static func prefix(of key: String) -> String {
    key.lastIndex(of: ".").map { String(key[..<$0]) } ?? ""
  }

  /// Python that renames every key of a module.
  private func rename(_ pair: (missing: String, unused: String)) -> String {
    if pair.unused.isEmpty {
      return "state_dict = {k if \".\" in k else \(pythonString(pair.missing + ".")) + k: v "
        + "for k, v in state_dict.items()}"
    }
    let old = pythonString(pair.unused + ".")
    let new = pair.missing.isEmpty ? "\"\"" : pythonString(pair.missing + ".")
    return "state_dict = {\(new) + k.removeprefix(\(old)) if k.startswith(\(old)) else k: v "
      + "for k, v in state_dict.items()}"
  }
}
