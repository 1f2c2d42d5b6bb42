import RecurContainers
import RecurFormats
import RecurStateDicts
import RecurTensors

/// Reads PyTorch checkpoints of every kind and never executes a pickle (torch/serialization.py).
enum PyTorchReader {
  /// torch's storage classes and the types of their elements (torch/storage.py).
  static let storageTypes: [String: ElementType] = [
    "torch.FloatStorage": .float32, "torch.DoubleStorage": .float64,
    "torch.HalfStorage": .float16, "torch.BFloat16Storage": .bfloat16,
    "torch.LongStorage": .int64, "torch.IntStorage": .int32, "torch.ShortStorage": .int16,
    "torch.CharStorage": .int8, "torch.ByteStorage": .uint8, "torch.BoolStorage": .bool,
    "torch.ComplexFloatStorage": .complex64, "torch.ComplexDoubleStorage": .complex128,
  ]

  /// The envelope of a checkpoint.
  enum Envelope {
    /// `torch.save` since 1.6, and TorchScript: an archive with `data.pkl`.
    case archive
    /// `torch.export.save`.
    case export
    /// An archive of Stable Baselines 3, in which `policy.pth` is the model.
    case policy
    /// `torch.save` before 1.6: five pickles and the storages.
    case legacy
    /// `torch.save` of torch 0.1.
    case tar
  }

  /// The envelope, by content alone; nil for a file that is no PyTorch checkpoint.
  static func envelope(_ probe: FileProbe) -> Envelope? {
    if let names = probe.zipEntryNames {
      if names.contains(where: { $0.hasSuffix("/data.pkl") }) { return .archive }
      if names.contains(PolicyEnvelope.entry) { return .policy }
      return ExportEnvelope.recognizes(names) ? .export : nil
    }
    if probe.isZip { return .archive }
    if LegacyEnvelope.recognizes(probe.bytes) { return .legacy }
    return TarEnvelope.recognizes(probe.bytes) ? .tar : nil
  }

  /// Whether the file is a PyTorch checkpoint, or a broken archive that no other format reads.
  static func recognizes(_ probe: FileProbe) -> Bool { envelope(probe) != nil }

  /// The paths of all dictionaries of tensors and all modules; empty where only one model can be meant.
  ///
  /// - Throws: what reading the container throws.
  static func keys(_ probe: FileProbe) throws(CheckpointError) -> [String] {
    let pickle: TorchPickle
    switch envelope(probe) {
    case .legacy: pickle = try LegacyEnvelope.read(probe.bytes, .init())
    case .archive:
      let archive = try ZipArchive(probe.bytes, limits: .init())
      pickle = try ArchiveEnvelope.read(archive, probe.bytes, .init()).pickle
    case .export, .policy, .tar, nil: return []
    }
    return try CheckpointWalk(pickle, .init()).candidates.map(\.path)
  }

  /// Every tensor of the checkpoint, whatever it belongs to.
  ///
  /// - Throws: see ``StateDict/read(_:key:limits:)``.
  static func tensors(
    _ probe: FileProbe, limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    switch envelope(probe) {
    case .export, .policy: return try stateDict(probe, limits: limits, isTolerant: true)
    case .legacy:
      return try PickledTensors.read(
        LegacyEnvelope.read(probe.bytes, limits), "PyTorch checkpoint (before 1.6)", limits)
    case .tar: throw TarEnvelope.refusal(probe.bytes)
    case .archive, nil:
      let archive = try ZipArchive(probe.bytes, limits: limits)
      let (pickle, name) = try ArchiveEnvelope.read(archive, probe.bytes, limits)
      var stateDict = try locating(object: name) { () throws(CheckpointError) in
        try PickledTensors.read(
          pickle, pickle.isScript ? "TorchScript archive" : "PyTorch checkpoint (ZIP)", limits)
      }
      stateDict.metadata += StateDictMetadata.read(
        archive, String(name.dropLast("data.pkl".count)), limits)
      return stateDict
    }
  }

  /// The state dict of the checkpoint.
  ///
  /// With `isTolerant`, a tensor of a kind that is not read is a warning.
  ///
  /// - Throws: see ``StateDict/read(_:key:limits:)``.
  static func stateDict(
    _ probe: FileProbe, key: String? = nil, limits: DecodeLimits = .init(),
    isTolerant: Bool = false, parts: CheckpointParts.Reading = .apart
  ) throws(CheckpointError) -> StateDict {
    switch envelope(probe) {
    case .export:
      return try ExportEnvelope.read(
        ZipArchive(probe.bytes, limits: limits), key: key, limits, isTolerant: isTolerant)
    case .policy: return try PolicyEnvelope.read(probe, key: key, limits, isTolerant: isTolerant)
    case .legacy:
      return try PickledCheckpoint.stateDict(
        LegacyEnvelope.read(probe.bytes, limits), "PyTorch checkpoint (before 1.6)", key: key,
        limits, isTolerant: isTolerant, parts: parts)
    case .tar: throw TarEnvelope.refusal(probe.bytes)
    case .archive, nil:
      return try archived(probe.bytes, key: key, limits, isTolerant: isTolerant, parts: parts)
    }
  }

  /// The state dict in an archive, which may be inside another archive.
  static func archived(
    _ bytes: ByteRegion, key: String?, _ limits: DecodeLimits, isTolerant: Bool,
    parts: CheckpointParts.Reading = .apart
  ) throws(CheckpointError) -> StateDict {
    let archive = try ZipArchive(bytes, limits: limits)
    let (pickle, name) = try ArchiveEnvelope.read(archive, bytes, limits)
    var stateDict = try locating(object: name) { () throws(CheckpointError) in
      try PickledCheckpoint.stateDict(
        pickle, pickle.isScript ? "TorchScript archive" : "PyTorch checkpoint (ZIP)", key: key,
        limits, isTolerant: isTolerant, parts: parts)
    }
    let prefix = String(name.dropLast("data.pkl".count))
    stateDict.metadata += StateDictMetadata.read(archive, prefix, limits)
    return stateDict
  }
}
