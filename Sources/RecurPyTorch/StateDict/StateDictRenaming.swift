import RecurFormats
import RecurTensors

/// What to say of keys that are missing in a state dict and of those that nothing uses, when one may
/// be the other.
struct StateDictRenaming {
  private let names: SimilarNames
  /// The keys of declared modules; empty when there is no declaration to change.
  private let declared: Set<Name>
  /// The first missing key of every prefix that was found under another name.
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

  /// Adds to the finding about a missing key what may be meant, and how to rename it.
  ///
  /// Modules that were renamed as a whole are mended once, at their first key.
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

  /// What may be meant by a key that nothing uses.
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
