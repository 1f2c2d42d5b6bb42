import RecurFormats
public import RecurModel
public import RecurTensors

extension Model {
  /// A finding for every weight tensor that holds NaN or infinities.
  public func notFiniteFindings() -> [Diagnostic] {
    var findings: [Diagnostic] = []
    for node in weightedNodes {
      for (role, tensor) in node.layer.tensors {
        let values = tensor.components()
        let positions = values.indices.filter { !values[$0].isFinite }
        guard let first = positions.first else { continue }
        findings.append(
          Diagnostic(
            .tensorNotFinite, .error,
            "\(role) of '\(node.layerName)' holds \(positions.count) numbers that are not finite",
            at: tensor.location, found: "\(values[first]) at element \(first) of this view",
            hint: "training diverged, or the file was damaged"))
      }
    }
    return findings
  }

  /// What speaks against the sizes somebody declares for the model's first recurrent layer.
  ///
  /// - Parameters:
  ///   - units: the units it should have, if declared.
  ///   - inputSize: the width of its input, if declared.
  /// - Returns: errors, or one note that says which layer was held against the declaration.
  public func sizeFindings(units: Int?, inputSize: Int?) -> [Diagnostic] {
    guard units != nil || inputSize != nil else { return [] }
    for node in nodes {
      guard let cell = node.layer.firstCell else { continue }
      var wrong: [String] = []
      if let units, units != cell.units { wrong.append("\(units) units") }
      if let inputSize, inputSize != cell.inputSize { wrong.append("input size \(inputSize)") }
      let found = "\(cell.units) units, input size \(cell.inputSize)"
      guard !wrong.isEmpty else {
        return [
          Diagnostic(
            .sizesChecked, .note, "'\(node.layerName)' has the declared sizes: \(found)",
            at: node.location)
        ]
      }
      return [
        Diagnostic(
          .tensorShapeMismatch, .error,
          "'\(node.layerName)' has \(found); the command line declares "
            + wrong.joined(separator: " and "),
          at: node.layer.tensors.first?.tensor.location ?? node.location,
          expected: wrong.joined(separator: ", "), found: found)
      ]
    }
    return [
      Diagnostic(
        .tensorMissing, .error,
        "the model has no recurrent layer to hold the declared sizes against")
    ]
  }
}

extension Diagnostic.Code {
  package static let tensorNotFinite = Self(rawValue: "tensor.not-finite")
  package static let sizesChecked = Self(rawValue: "model.sizes.checked")
}
