#if CommandLine
  import Recur
  import RecurTensors
  import RecurVerification

  /// A comparison of the weights of many files.
  ///
  /// Two files of one name should hold one model: `model.h5` and the `model.pt` made of it. Only
  /// digests of weights are kept. Where two digests differ, both files are opened and compared.
  struct FleetWeights {
    private struct Entry {
      let path: String
      let name: ModelName
      let digest: WeightDigest
    }

    private var entries: [Entry] = []
    /// Whether several files have one name; if not, no digest is needed.
    let isNeeded: Bool

    /// Prepares for files at `paths`, or for those of a list; nothing is compared unless `isAsked`.
    init(_ paths: [String], hasLists: Bool, isAsked: Bool) {
      let stems = paths.map { Name(ModelName($0).stem) }
      isNeeded = isAsked && (hasLists || Set(stems).count < stems.count)
    }

    /// Remembers the weights of a file that was judged.
    mutating func add(_ path: String, _ digest: WeightDigest?) {
      guard isNeeded, let digest else { return }
      entries.append(Entry(path: path, name: ModelName(path), digest: digest))
    }

    /// The digest of a file's weights; nil where nobody needs it.
    ///
    /// - Throws: `file.changed`.
    static func digest(
      of checkpoint: Checkpoint, isNeeded: Bool
    ) throws(CheckpointError) -> WeightDigest? {
      guard isNeeded else { return nil }
      let digest = checkpoint.model.weightDigest
      try checkpoint.checkUnchanged()
      return digest
    }

    /// A warning for every file that holds other weights than the first one of its name.
    ///
    /// - Parameter open: opens a file with the same options as before.
    /// - Returns: the warnings, in the order of the files.
    /// - Throws: what `open` throws.
    func findings(
      _ open: (String) throws(CheckpointError) -> Checkpoint
    ) throws(CheckpointError) -> [Diagnostic] {
      var groups: [Name: [Entry]] = [:]
      for entry in entries { groups[Name(entry.name.stem), default: []].append(entry) }
      var findings: [Diagnostic] = []
      for entry in entries {
        guard
          let first = groups[Name(entry.name.stem)]?.first(where: {
            $0.digest.layers == entry.digest.layers
          }), first.path != entry.path, first.digest.weights != entry.digest.weights
        else { continue }
        let comparison = try compare(first.path, entry.path, open)
        guard comparison.verdict == .otherTraining else { continue }
        findings.append(
          finding(entry, first, comparison, equalTo: try equalFile(to: entry, open)))
      }
      return findings
    }

    private func finding(
      _ entry: Entry, _ first: Entry, _ comparison: WeightComparison, equalTo equal: String?
    ) -> Diagnostic {
      let rows = comparison.rows
      let differing = rows.filter { $0.relation == .different }
      let largest = differing.compactMap(\.largestDifference).max() ?? 0
      return Diagnostic(
        .fleetSameName, .warning,
        "'\(entry.path)' does not hold the weights of '\(first.path)', which has its name",
        at: .init(file: entry.path), expected: "the same weights",
        found: "\(differing.count) of \(count(rows.count, "weight")) differ, max |diff| "
          + scientific(largest),
        reason: equal.map { "it holds the weights of '\($0)'" },
        fixes: [
          .init(.recur, "recur compare --weights \(shellPath(first.path)) \(shellPath(entry.path))")
        ])
    }

    /// Another file with the same weights.
    private func equalFile(
      to entry: Entry, _ open: (String) throws(CheckpointError) -> Checkpoint
    ) throws(CheckpointError) -> String? {
      for other in entries where other.path != entry.path && other.digest == entry.digest {
        if try compare(entry.path, other.path, open).isEqual { return other.path }
      }
      return nil
    }

    private func compare(
      _ path: String, _ other: String, _ open: (String) throws(CheckpointError) -> Checkpoint
    ) throws(CheckpointError) -> WeightComparison {
      let (one, another) = (try open(path), try open(other))
      let comparison = one.compareWeights(with: another)
      try one.checkUnchanged()
      try another.checkUnchanged()
      return comparison
    }
  }

  extension Diagnostic.Code {
    static let fleetSameName = Self(rawValue: "fleet.same-name")
  }
#endif
