import RecurFormats
public import RecurModel
public import RecurTensors

extension Model {
  /// A finding for every weight tensor that holds NaN or infinities.
  public func notFiniteFindings() -> [Diagnostic] {
    var findings: [Diagnostic] = []
    for node in weightedNodes {
      for (role, tensor) in node.layer.weights {
        let values = tensor.doubles()
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
      guard case .lstm(let lstm) = node.layer else { continue }
      var wrong: [String] = []
      if let units, units != lstm.units { wrong.append("\(units) units") }
      if let inputSize, inputSize != lstm.inputSize { wrong.append("input size \(inputSize)") }
      let found = "\(lstm.units) units, input size \(lstm.inputSize)"
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
          at: lstm.weights.kernel[.input].location,
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

extension Layer {
  /// Every weight with its role in words.
  fileprivate var weights: [(String, Tensor)] {
    switch self {
    case .lstm(let lstm):
      LSTMGate.allCases.flatMap { gate -> [(String, Tensor)] in
        let biases: [(String, Tensor)] =
          switch lstm.weights.bias {
          case .none: []
          case .single(let bias): [("the bias of the \(gate) gate", bias[gate])]
          case .split(let input, let recurrent):
            [
              ("the input bias of the \(gate) gate", input[gate]),
              ("the recurrent bias of the \(gate) gate", recurrent[gate]),
            ]
          }
        return [
          ("the kernel of the \(gate) gate", lstm.weights.kernel[gate]),
          ("the recurrent kernel of the \(gate) gate", lstm.weights.recurrentKernel[gate]),
        ] + biases
      }
    case .dense(let dense):
      [("the kernel", dense.kernel)] + (dense.bias.map { [("the bias", $0)] } ?? [])
    case .embedding(let embedding): [("the table", embedding.table)]
    case .input, .masking, .activation, .identity, .notEqual, .anyTrue: []
    }
  }
}

extension Diagnostic.Code {
  package static let tensorNotFinite = Self(rawValue: "tensor.not-finite")
  package static let sizesChecked = Self(rawValue: "model.sizes.checked")
}
