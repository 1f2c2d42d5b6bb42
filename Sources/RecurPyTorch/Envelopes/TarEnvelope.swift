import RecurContainers
import RecurTensors

/// The tar archive of `torch.save` 0.1, which is recognised and refused.
///
/// A file since 0.2 that is named `.tar` is no tar archive, and is read.
enum TarEnvelope {
  /// Whether the first header of a tar archive names a part of a checkpoint (POSIX ustar; the
  /// parts: torch/serialization.py, `legacy_load`).
  static func recognizes(_ bytes: ByteRegion) -> Bool {
    guard bytes.holds(Array("ustar".utf8), at: 257) else { return false }
    return ["sys_info", "pickle", "storages", "tensors"].contains { part in
      bytes.holds(Array(part.utf8) + [0])
    }
  }

  static func refusal(_ bytes: ByteRegion) -> CheckpointError {
    CheckpointError(
      .pytorchEnvelopeUnsupported, "the file is a tar archive as torch 0.1 wrote it",
      at: bytes.location(at: 0, length: 512),
      hint: "save it again with a later torch: "
        + "torch.save(torch.load('old', weights_only=False), 'new.pt')")
  }
}
