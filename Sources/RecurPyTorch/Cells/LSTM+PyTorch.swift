import RecurModel
import RecurTensors

// nn.LSTM and nn.LSTMCell (torch/nn/modules/rnn.py, 2.13).
extension LSTM: PyTorchCell {
  static let helpers = [PyTorchHelper("KerasLSTM", lstm)]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    weights = try visitor.visit(
      weights, PyTorchLayouts.lstm, keys, units: units, inputSize: inputSize,
      outputSize: outputSize)
    try visitor.visit(&projection, keys.key(.projection))
  }

  var form: PyTorchCellForm {
    let isTorch = activation == .tanh && recurrentActivation == .sigmoid
    let options = projection == nil ? [] : ["proj_size=\(outputSize)"]
    return PyTorchCellForm(
      kind: "LSTM", torchClass: isTorch ? "nn.LSTM" : nil, torchOptions: options,
      ownClass: "KerasLSTM", ownOptions: options, inputSize: inputSize, hiddenSize: units,
      hasBias: weights.hasBias,
      activations: [
        ("activation", activation), ("recurrent_activation", recurrentActivation),
      ],
      stateVariables: states.map(\.name),
      limits: [.activations(activation, recurrentActivation)].compactMap { $0 })
  }

  static let torchKind: PyTorchRecurrentKind? = PyTorchRecurrentKind(
    name: "LSTM", layout: PyTorchLayouts.lstm, letters: ["i", "f", "gcj", "o"],
    forgetGate: PyTorchLayouts.lstm.gateOrder.firstIndex(of: .forget), states: ["h", "c"],
    isProjectable: true
  ) { module, parameters, model throws(CheckpointError) in
    guard
      let weights = try module.weights(PyTorchLayouts.lstm, parameters, &model)
    else { return nil }
    var projection: Tensor?
    if parameters.isProjected {
      guard let tensor = model.required(module.key(.projection, parameters.suffix)) else {
        return nil
      }
      projection = tensor
    }
    return .lstm(
      LSTM(
        inputSize: parameters.inputSize, units: parameters.units, weights: weights,
        activation: parameters.activation, recurrentActivation: .sigmoid, projection: projection))
  }

  private static let lstm = """
    class KerasLSTM(KerasCell):
        \"\"\"Rows i, f, g, o; the states are h and c.\"\"\"

        gates, state_count = 4, 2

        def step(self, x, states, suffix=""):
            w, u, b, d = self.weights(suffix)
            h, c = states
            i, f, g, o = (F.linear(x, w, b) + F.linear(h, u, d)).chunk(4, -1)
            i, f = self.recurrent_activation(i), self.recurrent_activation(f)
            c = f * c + i * self.activation(g)
            h = self.recurrent_activation(o) * self.activation(c)
            p = getattr(self, "weight_hr" + suffix, None)
            h = h if p is None else F.linear(h, p)
            return h, (h, c)
    """
}
