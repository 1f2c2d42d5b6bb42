import RecurContainers
import RecurFormats
import RecurStateDicts
import RecurTensors

/// The archive that an agent of Stable Baselines 3 is saved as: checkpoints of torch, and settings
/// (stable_baselines3/common/save_util.py, `save_to_zip_file`).
enum PolicyEnvelope {
  /// The entry that holds the networks.
  static let entry = "policy.pth"

  /// The state dict of the policy; what the other checkpoints hold is named.
  ///
  /// - Throws: what reading the archive and the checkpoint in it throws.
  static func read(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits, isTolerant: Bool
  ) throws(CheckpointError) -> StateDict {
    let archive = try ZipArchive(probe.bytes, limits: limits)
    var stateDict = try part(Self.entry, of: archive, probe, key: key, limits, isTolerant)
    stateDict.container = "Stable Baselines 3 agent"
    let others = archive.entries.map(\.name).filter { $0.hasSuffix(".pth") && $0 != Self.entry }
    var lines: [String] = []
    for name in others {
      let found = try? part(name, of: archive, probe, key: nil, limits, true)
      let names = found?.tensors.names ?? []
      let some = names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
      let states = found?.facts.filter { $0.name.hasPrefix("optimizer") }.map(\.value) ?? []
      guard !names.isEmpty || !states.isEmpty else { continue }
      lines.append(
        "'\(name)': " + (states + [counted(names.count, "tensor")]).joined(separator: ", ")
          + (names.isEmpty ? "" : ": \(some)\(names.count > 8 ? ", …" : "")"))
    }
    guard !lines.isEmpty else { return stateDict }
    stateDict.diagnostics.append(
      Diagnostic(
        .pytorchBeside, .note,
        "\(counted(lines.count, "checkpoint")) beside '\(Self.entry)' in the archive "
          + "\(lines.count == 1 ? "is" : "are") left out", notes: lines))
    return stateDict
  }

  private static func part(
    _ name: String, of archive: ZipArchive, _ probe: FileProbe, key: String?,
    _ limits: DecodeLimits,
    _ isTolerant: Bool
  ) throws(CheckpointError) -> StateDict {
    try locating(object: name) { () throws(CheckpointError) in
      guard let entry = archive[name] else {
        throw CheckpointError(.pytorchArchiveInvalid, "the archive has no entry '\(name)'")
      }
      let inner = FileProbe(
        path: probe.path, bytes: try archive.content(of: entry, holdsArrays: true))
      // An archive inside an archive inside an archive is nobody's agent.
      guard let envelope = PyTorchReader.envelope(inner), envelope != .policy else {
        throw CheckpointError(
          .pytorchArchiveInvalid, "the entry '\(name)' is no checkpoint of torch")
      }
      return try PyTorchReader.stateDict(inner, key: key, limits: limits, isTolerant: isTolerant)
    }
  }
}
