package import RecurTensors

/// How much a file of messages may make before it counts as hostile.
package struct ProtobufBudget: Sendable {
  /// What is counted, in words: `nodes, tensors and numbers`.
  private let things: String
  /// How many of them may still be made.
  private var left: Int
  /// How deeply parts may lie inside each other.
  package let depth = 16
  package let limits: DecodeLimits

  package init(_ limits: DecodeLimits, of things: String) {
    self.limits = limits
    self.things = things
    left = 8 * limits.objects
  }

  /// Counts things that are made of a file.
  ///
  /// - Throws: `bytes.limit-exceeded`.
  package mutating func take(
    _ count: Int, at location: Diagnostic.Location
  ) throws(CheckpointError) {
    left -= count
    guard left >= 0 else {
      throw CheckpointError(
        .limitExceeded, "the model has more than \(8 * limits.objects) \(things)", at: location)
    }
  }

  /// A name, which counts.
  package mutating func name(
    _ field: ProtobufReader.Field
  ) throws(CheckpointError) -> String {
    try take(1, at: field.location)
    return try field.text(limit: limits.nameBytes)
  }

  /// Refuses parts, `blocks and values`, that lie too deep.
  ///
  /// - Throws: `bytes.limit-exceeded`.
  package func check(
    depth own: Int, of parts: String, at location: Diagnostic.Location
  ) throws(CheckpointError) {
    guard own <= depth else {
      throw CheckpointError(
        .limitExceeded, "\(parts) lie more than \(depth) deep inside each other", at: location)
    }
  }
}
