public import RecurTensors

/// The rules for padding sequences of different lengths to one array
/// (keras/src/utils/sequence_utils.py, `pad_sequences`).
public struct SequencePadding: Sendable, Hashable {
  /// An end of a sequence.
  public enum Side: String, Sendable, CaseIterable {
    /// Before the first timestep.
    case start = "pre"
    /// After the last timestep.
    case end = "post"
  }

  /// The end at which timesteps are added to sequences that are too short.
  public var side: Side
  /// The end at which timesteps are removed from sequences that are too long; nil refuses such
  /// sequences.
  public var truncation: Side?
  /// The value of every feature in an added timestep.
  public var value: Double
  /// The timestep count of the result; nil for the length of the longest sequence.
  public var timesteps: Int?

  /// Makes padding rules.
  ///
  /// The defaults of `keras.utils.pad_sequences` are `side: .start`, `truncation: .start`, `value:
  /// 0` and `timesteps: nil`.
  public init(side: Side, truncation: Side? = nil, value: Double = 0, timesteps: Int? = nil) {
    self.side = side
    self.truncation = truncation
    self.value = value
    self.timesteps = timesteps
  }

  /// Pads the sequences to one array.
  ///
  /// - Parameter sequences: `[timesteps, …]` each, with equal extents on all axes but the first.
  /// - Returns: `[sequences, timesteps, …]` in float64, and the number of timesteps kept of each
  ///   sequence.
  /// - Throws: `input.count` without sequences, `input.shape` for sequences that differ in other
  ///   axes than the timesteps, `input.empty`, `input.length` for sequences that are too long
  ///   without `truncation`, `bytes.limit-exceeded` for more than 2^28 elements.
  public func padded(
    _ sequences: [Tensor]
  ) throws(CheckpointError) -> (batch: Tensor, lengths: [Int]) {
    guard let first = sequences.first else {
      throw CheckpointError(.inputCount, "there are no sequences to pad", found: "0 sequences")
    }
    if let error = CheckpointError(findings: Array(findings(sequences).prefix(20))) { throw error }
    let rest = Array(first.shape.dropFirst())
    let length = timesteps ?? sequences.reduce(0) { max($0, $1.shape[0]) }
    let shape = [sequences.count, length] + rest
    guard let count = Tensor.byteCount(of: shape, .uint8), count <= 1 << 28 else {
      throw CheckpointError(
        .limitExceeded, "padding would make \(shapeText(shape)) of \(sequences.count) sequences",
        expected: "at most 2^28 numbers",
        hint: "pad to fewer timesteps, or run the sequences in several batches")
    }
    let width = rest.reduce(1, *)
    var numbers = [Double](repeating: value, count: count)
    var lengths: [Int] = []
    for (row, sequence) in sequences.enumerated() {
      let kept = min(sequence.shape[0], length)
      let cut = truncation == .start ? sequence.shape[0] - kept : 0
      let start = (row * length + (side == .start ? length - kept : 0)) * width
      let elements = sequence.doubles()
      numbers.replaceSubrange(
        start..<start + kept * width, with: elements[cut * width..<(cut + kept) * width])
      lengths.append(kept)
    }
    return (try Tensor.float64(numbers, shape: shape), lengths)
  }

  /// The errors that prevent padding the sequences to one array.
  private func findings(_ sequences: [Tensor]) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    if let timesteps, timesteps < 1 {
      findings.append(
        Diagnostic(
          .inputLength, .error, "sequences can't be padded to \(timesteps) timesteps",
          expected: "at least 1", found: "\(timesteps)"))
    }
    for (row, sequence) in sequences.enumerated() {
      guard let length = sequence.shape.first,
        sequence.shape.dropFirst() == sequences[0].shape.dropFirst()
      else {
        findings.append(
          Diagnostic(
            .inputShape, .error,
            "sequence \(row) differs from sequence 0 in more than its timesteps",
            at: sequence.location,
            expected: sequences[0].shape.isEmpty
              ? "[timesteps, …]"
              : "[timesteps\(sequences[0].shape.dropFirst().map { ", \($0)" }.joined())]",
            found: shapeText(sequence.shape)))
        continue
      }
      if length == 0 {
        findings.append(
          Diagnostic(
            .inputEmpty, .error, "sequence \(row) is empty", at: sequence.location,
            expected: "at least 1 timestep", found: shapeText(sequence.shape),
            reason: "nothing was recorded, or everything was filtered out",
            fixes: [.init(.numpy, "sequences = [s for s in sequences if len(s)]")]))
      }
      if let timesteps, length > timesteps, truncation == nil {
        findings.append(
          Diagnostic(
            .inputLength, .error,
            "sequence \(row) has \(length) timesteps and is padded to \(timesteps)",
            at: sequence.location, expected: "at most \(timesteps) timesteps", found: "\(length)",
            remedies: [.truncate(orPadTo: length)],
            facts: [.truncation(dropped: length - timesteps)]))
      }
    }
    return findings
  }
}
