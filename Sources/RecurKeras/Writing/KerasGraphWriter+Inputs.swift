import RecurModel
import RecurTensors

extension KerasGraphWriter {
  /// Refuses inputs that a call may leave out, because a call of a Keras model takes all inputs.
  mutating func checkInputs() {
    let required = model.requiredInputs
    guard required.count < model.inputs.count else { return }
    let module = model.nodes.first { !$0.initialState.isEmpty }.map { node in
      let key = node.place?.key ?? node.layerName
      return key.isEmpty ? "the module" : "'\(key)'"
    }
    findings.append(
      Diagnostic(
        .pytorchInputsUndeclared, .error,
        "\(module ?? "the model") may be called with or without its initial state, and a Keras model "
          + "takes one fixed list of inputs",
        remedies: [.nameInputs(required), .nameInputs(model.inputs)]
      ).advising(
        "\(.inputs(required)) for states of zeros, or \(.inputs(model.inputs))"))
  }
}

extension Diagnostic.Code {
  static let pytorchInputsUndeclared = Self(rawValue: "pytorch.inputs.undeclared")
}
