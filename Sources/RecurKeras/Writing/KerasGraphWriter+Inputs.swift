import RecurModel
import RecurTensors

extension KerasGraphWriter {
  /// Puts the layer that looks text up behind an input of text.
  mutating func writeText(_ node: Model.Node) throws(CheckpointError) {
    guard case .input(let input) = node.layer, let text = input.text,
      let numbers = tensors[Model.Value(node.name)]
    else { return }
    guard target.isKeras3 || text.hasPlainGroups else {
      findings.append(
        node.unrepresentable(
          "'\(node.layerName)' reads text in groups of "
            + text.groups.map(String.init).joined(separator: " and ")
            + " words, which Keras 2 can't "
            + "load again", hint: "write .keras for Keras 3"))
      return
    }
    var given = numbers
    given.dtype = Input.textType
    given.shape = text.splitting == .none && text.form == .positions ? numbers.shape : [nil, 1]
    texts[node.name] = given
    var layer = text.form(named: names.unique("\(names[node.layerName])_text"))
    layer.policy = KerasPolicy(compute: .float32, variable: .float32)
    form.layers.append(KerasPlacedLayer(form: layer, calls: [KerasCallForm(inputs: [given])]))
    var made = numbers
    made.layer = layer.name
    made.call = 0
    tensors[Model.Value(node.name)] = made
  }

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
