import RecurContainers
import RecurTensors

/// How much a file may make before it counts as hostile.
struct CoreMLBudget {
  /// The number of operations, names and numbers that may still be made.
  private var left: Int
  /// How deeply blocks and values may lie inside each other.
  let depth = 16
  let limits: DecodeLimits

  init(_ limits: DecodeLimits) {
    self.limits = limits
    left = 8 * limits.objects
  }

  /// Counts things that are made of a file.
  ///
  /// - Throws: `bytes.limit-exceeded`.
  mutating func take(_ count: Int, at location: Diagnostic.Location) throws(CheckpointError) {
    left -= count
    guard left >= 0 else {
      throw CheckpointError(
        .limitExceeded, "the model has more than \(8 * limits.objects) operations and names",
        at: location)
    }
  }

  /// A name, which counts.
  mutating func name(_ field: ProtobufReader.Field) throws(CheckpointError) -> String {
    try take(1, at: field.location)
    return try field.text(limit: limits.nameBytes)
  }

  /// Refuses what lies too deep.
  ///
  /// - Throws: `bytes.limit-exceeded`.
  func check(depth own: Int, at location: Diagnostic.Location) throws(CheckpointError) {
    guard own <= depth else {
      throw CheckpointError(
        .limitExceeded, "blocks and values lie more than \(depth) deep inside each other",
        at: location)
    }
  }
}

extension Diagnostic.Code {
  /// A file of Core ML that contradicts itself or the format.
  static let coreMLInvalid = Self(rawValue: "coreml.invalid")
}
