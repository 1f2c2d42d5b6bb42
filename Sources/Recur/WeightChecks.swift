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
}

extension Diagnostic.Code {
  package static let tensorNotFinite = Self(rawValue: "tensor.not-finite")
}
