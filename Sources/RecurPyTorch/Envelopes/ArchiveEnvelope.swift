import RecurContainers
import RecurTensors

/// The archive that `torch.save` writes since 1.6 and `torch.jit.save` since 1.4
/// (torch/serialization.py, `_load`; caffe2/serialize/inline_container.cc).
///
/// TorchScript adds `code/`, which is source text.
enum ArchiveEnvelope {
  /// The pickle, and its name in the archive.
  ///
  /// - Throws: `pytorch.archive.invalid`, and what reading the archive and the pickle throws.
  static func read(
    _ archive: ZipArchive, _ bytes: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> (pickle: TorchPickle, name: String) {
    let pickles = archive.entries.filter { $0.name.hasSuffix("/data.pkl") }
    guard pickles.count == 1, let entry = pickles.first else {
      throw CheckpointError(
        .pytorchArchiveInvalid, "the archive has \(pickles.count) entries 'data.pkl' and needs one",
        at: bytes.location)
    }
    let prefix = String(entry.name.dropLast("data.pkl".count))
    let isScript =
      archive[prefix + "constants.pkl"] != nil
      || archive.entries.contains { $0.name.hasPrefix(prefix + "code/") }
    return (try pickle(entry, in: archive, prefix, limits, isScript: isScript), entry.name)
  }

  /// The pickle in an entry `NAME.pkl`, whose storages are the entries of the folder `NAME`.
  ///
  /// - Throws: what reading the pickle throws.
  static func pickle(
    _ entry: ZipArchive.Entry, in archive: ZipArchive, _ prefix: String, _ limits: DecodeLimits,
    isScript: Bool
  ) throws(CheckpointError) -> TorchPickle {
    let storages = TorchStorages(
      archive, folder: String(entry.name.dropLast(".pkl".count)),
      isBigEndian: try isBigEndian(archive, prefix))
    let content = try archive.content(of: entry)
    return try locating(object: entry.name) { () throws(CheckpointError) in
      let (graph, count) = try PickleMachine.read(content, limits: limits)
      guard count == content.count else {
        throw CheckpointError(
          .pickleValueInvalid, "\(content.count - count) bytes follow the pickle's end",
          at: content.location(at: count, length: content.count - count))
      }
      return try TorchPickle(graph, content, storages, isScript: isScript)
    }
  }

  private static func isBigEndian(
    _ archive: ZipArchive, _ prefix: String
  ) throws(CheckpointError) -> Bool {
    guard let order = archive[prefix + "byteorder"] else { return false }
    let text = try archive.content(of: order).text()
    switch text {
    case "little": return false
    case "big": return true
    default:
      throw CheckpointError(
        .pytorchArchiveInvalid, "the byte order is '\(text ?? "")'", at: order.stored.location,
        expected: "'little' or 'big'")
    }
  }
}
