import RecurModel
import RecurTensors

extension Model {
  /// A warning for every recurrent layer whose weights are those of another one, and for every layer
  /// whose two directions have equal weights: no training gives equal numbers twice.
  func repeatedWeightFindings() -> [Diagnostic] {
    var findings: [Diagnostic] = []
    var seen: [(name: String, tensors: [Tensor])] = []
    for node in weightedNodes {
      let parts = node.layer.recurrents.map { Layer.recurrent($0).tensors.map(\.tensor) }
      func finding(_ message: String, _ expected: String) -> Diagnostic {
        Diagnostic(
          .weightsRepeated, .warning, message, at: node.layer.tensors[0].tensor.location,
          expected: expected, found: "the same numbers",
          reason: "a loop over layers or directions took the same keys twice")
      }
      if parts.count == 2, Self.areEqual(parts[0], parts[1]) {
        findings.append(
          finding(
            "both directions of '\(node.layerName)' have equal weights",
            "weights of their own for the forward and the backward direction"))
      }
      let tensors = parts.flatMap { $0 }
      guard !tensors.isEmpty else { continue }
      if let other = seen.first(where: { Self.areEqual($0.tensors, tensors) }) {
        findings.append(
          finding(
            "'\(node.layerName)' has the weights of '\(other.name)'", "weights of its own"))
      }
      seen.append((node.layerName, tensors))
    }
    return findings
  }

  /// Whether the numbers are equal, and not all the same as in a model that was never trained.
  private static func areEqual(_ one: [Tensor], _ other: [Tensor]) -> Bool {
    guard one.count == other.count, !one.isEmpty,
      zip(one, other).allSatisfy({ $0.shape == $1.shape && $0.isBitEqual(to: $1) })
    else { return false }
    return one.contains { tensor in
      let numbers = tensor.doubles()
      return numbers.contains { $0 != numbers[0] }
    }
  }
}

extension Diagnostic.Code {
  static let weightsRepeated = Self(rawValue: "model.weights-repeated")
}
