import RecurContainers
import RecurFormats
import RecurTensors

/// Numbers in lists of lists, as JSON of audio plug-ins has them, become tensors of float32.
///
/// Programs print float32 with as many digits as a double has; the engines read float32.
enum JSONNumbers {
  /// The largest rank of an array of weights.
  private static let largestRank = 5

  /// The tensor of `value`, whose rows have equal lengths.
  ///
  /// - Throws: `audio.weights-invalid` for anything but numbers in rows of equal length, and for numbers
  ///   that float32 can't hold.
  static func tensor(
    _ value: JSONValue, _ name: String
  ) throws(CheckpointError) -> Tensor {
    var numbers: [Float] = []
    let shape = try shape(value, name, depth: 0, &numbers)
    return try .float32(numbers, shape: shape, at: .init(object: name))
  }

  private static func shape(
    _ value: JSONValue, _ name: String, depth: Int, _ numbers: inout [Float]
  ) throws(CheckpointError) -> [Int] {
    if let number = value.double {
      let rounded = Float(number)
      guard rounded.isFinite else {
        throw invalid("'\(name)' holds \(number), which float32 can't hold", name)
      }
      numbers.append(rounded)
      return []
    }
    guard let elements = value.array, depth < largestRank else {
      throw invalid("'\(name)' holds \(value.kind) among its numbers", name)
    }
    var inner: [Int]?
    for element in elements {
      let own = try shape(element, name, depth: depth + 1, &numbers)
      guard inner == nil || inner == own else {
        throw invalid("the rows of '\(name)' have different sizes", name)
      }
      inner = own
    }
    return [elements.count] + (inner ?? [])
  }

  private static func invalid(_ message: String, _ name: String) -> CheckpointError {
    CheckpointError(
      .audioWeightsInvalid, message, at: .init(object: name),
      expected: "numbers in rows of equal length")
  }
}

extension Tensor {
  /// Refuses another shape; nil stands for any extent.
  ///
  /// - Throws: `tensor.shape-mismatch`.
  func demanding(
    _ shape: [Int?], _ name: String, because reason: String? = nil
  ) throws(CheckpointError) -> Tensor {
    let fits =
      shape.count == rank && zip(shape, self.shape).allSatisfy { $0 == nil || $0 == $1 }
      && !self.shape.contains(0)
    guard fits else {
      let expected = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
      throw CheckpointError(
        .tensorShapeMismatch, "'\(name)' has another shape than its layer needs", at: location,
        expected: "[\(expected)]", found: shapeText(self.shape), reason: reason)
    }
    return self
  }
}

extension Diagnostic.Code {
  static let audioWeightsInvalid = Self(rawValue: "audio.weights-invalid")
  static let audioUnsupported = Self(rawValue: "audio.unsupported")
  static let audioFileInvalid = Self(rawValue: "audio.file-invalid")
}
