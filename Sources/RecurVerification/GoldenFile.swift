import RecurContainers
public import RecurTensors

/// Inputs and outputs recorded from the original model.
///
/// The file is an `.npz` archive with `in_0, in_1, …` and `out_0, …` in the order of the model's
/// calls. Other arrays are ignored.
///
///     np.savez("golden.npz", in_0=x, out_0=model.predict(x))
public struct GoldenFile: Sendable {
  /// The inputs of the recorded calls, in call order.
  public let inputs: [Tensor]
  /// The outputs of the recorded calls, in call order.
  public let outputs: [Tensor]

  /// Makes a golden from arrays in memory.
  package init(inputs: [Tensor], outputs: [Tensor]) {
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Reads the archive at `path`.
  ///
  /// - Throws: what ``init(_:path:)`` throws, and `file.unreadable`.
  package init(at path: String) throws(CheckpointError) {
    try self.init(ByteRegion(ByteStorage(mapping: path)), path: path)
  }

  /// Reads an archive.
  ///
  /// - Throws: `golden.incomplete` when inputs or outputs are missing or not numbered from 0, and
  ///   what reading the archive throws.
  public init(_ bytes: ByteRegion, path: String) throws(CheckpointError) {
    (inputs, outputs) = try locating(file: path) { () throws(CheckpointError) in
      guard bytes.holds(ZipArchive.magic) else {
        throw CheckpointError(
          .goldenIncomplete, "the golden file is no .npz archive", at: bytes.location,
          expected: "a ZIP archive of arrays", hint: "np.savez('golden.npz', in_0=x, out_0=y)")
      }
      let archive = try NPZArchive(bytes)
      return (try Self.arrays("in", in: archive), try Self.arrays("out", in: archive))
    }
  }

  private static func arrays(
    _ prefix: String, in archive: NPZArchive
  ) throws(CheckpointError) -> [Tensor] {
    let tensors = try archive.numbered("\(prefix)_")
    let present = archive.names.filter {
      $0.hasPrefix(prefix + "_") && Int($0.dropFirst(prefix.count + 1)) != nil
    }
    guard !tensors.isEmpty, tensors.count == present.count else {
      let wrong = present.isEmpty ? "no arrays" : present.sorted().joined(separator: ", ")
      throw CheckpointError(
        .goldenIncomplete, "the golden file needs arrays \(prefix)_0, \(prefix)_1, … without gaps",
        expected: "\(prefix)_0, \(prefix)_1, …", found: wrong,
        hint: "np.savez('golden.npz', in_0=x, out_0=model.predict(x))")
    }
    return tensors
  }
}

extension Diagnostic.Code {
  package static let goldenIncomplete = Self(rawValue: "golden.incomplete")
}
