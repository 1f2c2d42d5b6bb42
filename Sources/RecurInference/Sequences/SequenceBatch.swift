public import RecurTensors

/// Sequences of different lengths, padded to one array, with their lengths.
public struct SequenceBatch: Sendable {
  /// The padded sequences, `[sequences, timesteps, …]`.
  public let tensor: Tensor
  /// The number of timesteps in each row without padding.
  public let lengths: [Int]
  /// The end of each row that holds the padding.
  public let side: SequencePadding.Side

  /// Pads sequences.
  ///
  /// - Parameters:
  ///   - sequences: `[timesteps, …]` each, with equal extents on all axes but the first.
  ///   - padding: the end, value and length of the padding.
  /// - Throws: what ``SequencePadding/padded(_:)`` throws.
  public init(
    padding sequences: [Tensor], _ padding: SequencePadding
  ) throws(CheckpointError) {
    (tensor, lengths) = try padding.padded(sequences)
    side = padding.side
  }

  /// Wraps a batch that is padded already.
  ///
  /// - Parameters:
  ///   - tensor: `[sequences, timesteps, …]`.
  ///   - lengths: the number of timesteps in each row without padding.
  ///   - side: the end of each row that holds the padding.
  /// - Throws: `input.shape` for fewer than two axes, `input.length` when the number of lengths is
  ///   not the number of rows, and for every length outside 1 … timesteps.
  public init(
    _ tensor: Tensor, lengths: [Int], paddedAt side: SequencePadding.Side
  ) throws(CheckpointError) {
    guard tensor.rank >= 2 else {
      throw CheckpointError(
        .inputShape, "lengths are given with an array that is no batch of sequences",
        at: tensor.location, expected: "[sequences, timesteps, …]",
        found: shapeText(tensor.shape))
    }
    let (rows, timesteps) = (tensor.shape[0], tensor.shape[1])
    guard lengths.count == rows else {
      throw CheckpointError(
        .inputLength, "there are \(lengths.count) lengths for \(rows) sequences",
        at: tensor.location, expected: "\(rows) lengths, one per row of \(shapeText(tensor.shape))",
        found: "\(lengths.count)",
        remedies: [.giveLengths(Self.example(rows, timesteps))])
    }
    var findings: [Diagnostic] = []
    for (row, length) in lengths.enumerated() where length < 1 || length > timesteps {
      findings.append(
        Diagnostic(
          .inputLength, .error, "sequence \(row) can't have \(length) timesteps",
          at: tensor.location, expected: "a whole number from 1 to \(timesteps)",
          found: "\(length)",
          reason: length > timesteps
            ? "the batch \(shapeText(tensor.shape)) has \(timesteps) timesteps"
            : "a sequence without timesteps has no output"))
    }
    if let error = CheckpointError(findings: Array(findings.prefix(20))) { throw error }
    self.tensor = tensor
    self.lengths = lengths
    self.side = side
  }

  /// The number of timesteps of a row, padding included.
  public var timesteps: Int { tensor.shape[1] }

  /// Whether any row has padding.
  public var hasPadding: Bool { lengths.contains { $0 < timesteps } }

  /// The timesteps of one row without padding.
  public func range(of row: Int) -> Range<Int> { range(of: row, paddedAt: side) }

  func range(of row: Int, paddedAt side: SequencePadding.Side) -> Range<Int> {
    side == .end ? 0..<lengths[row] : timesteps - lengths[row]..<timesteps
  }

  /// The mask: 1 for timesteps of a sequence, 0 for padding; `[sequences, timesteps]` in float64.
  package func mask() throws(CheckpointError) -> Tensor {
    var numbers = [Double](repeating: 0, count: lengths.count * timesteps)
    for row in lengths.indices {
      for t in range(of: row) { numbers[row * timesteps + t] = 1 }
    }
    return try .float64(numbers, shape: [lengths.count, timesteps])
  }

  /// Whether the padding holds NaN or an infinity.
  var hasNonFinitePadding: Bool { !paddedNumbers.allSatisfy(\.isFinite) }

  /// The value of all elements of the padding; nil when they differ.
  package var paddedValue: Double? {
    let numbers = paddedNumbers
    return numbers.allSatisfy { $0 == numbers[0] } ? numbers.first : nil
  }

  /// All elements of the padding.
  private var paddedNumbers: [Double] {
    let numbers = tensor.doubles()
    let width = tensor.shape.dropFirst(2).reduce(1, *)
    return lengths.indices.flatMap { row in
      let (row, counting) = (row * timesteps * width, range(of: row))
      return numbers[row..<row + counting.lowerBound * width]
        + numbers[row + counting.upperBound * width..<row + timesteps * width]
    }
  }

  private static func example(_ rows: Int, _ timesteps: Int) -> [Int] {
    (0..<rows).map { max(1, timesteps - $0) }
  }
}
