import RecurModel
import RecurTensors

// nn.RNN and nn.RNNCell (torch/nn/modules/rnn.py, 2.13).
extension SimpleRNN: PyTorchCell {
  static let helpers = [PyTorchHelper("KerasRNN", simpleRNN)]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    weights = try visitor.visit(
      weights, PyTorchLayouts.simpleRNN, keys, units: units, inputSize: inputSize,
      outputSize: units)
  }

  var form: PyTorchCellForm {
    let isTorch = activation == .tanh || activation == .relu
    return PyTorchCellForm(
      kind: "RNN", torchClass: isTorch ? "nn.RNN" : nil,
      torchOptions: activation == .relu ? ["nonlinearity=\"relu\""] : [], ownClass: "KerasRNN",
      inputSize: inputSize, hiddenSize: units, hasBias: weights.hasBias,
      activations: [("activation", activation)], stateVariables: states.map(\.name),
      limits: isTorch ? [] : [PyTorchLimit(what: "has activation \(activation.name)")])
  }

  static let torchKind: PyTorchRecurrentKind? = PyTorchRecurrentKind(
    name: "RNN", layout: PyTorchLayouts.simpleRNN, states: ["h"],
    nonlinearities: [("tanh", .tanh), ("relu", .relu)]
  ) { module, parameters, model throws(CheckpointError) in
    try module.weights(PyTorchLayouts.simpleRNN, parameters, &model).map { weights in
      .simpleRNN(
        SimpleRNN(
          inputSize: parameters.inputSize, units: parameters.units, weights: weights,
          activation: parameters.activation))
    }
  }

  private static let simpleRNN = """
    class KerasRNN(KerasCell):
        \"\"\"One product and no gates.\"\"\"

        def step(self, x, states, suffix=""):
            w, u, b, d = self.weights(suffix)
            h = self.activation(F.linear(x, w, b) + F.linear(states[0], u, d))
            return h, (h,)
    """
}
