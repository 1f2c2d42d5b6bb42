import RecurModel
import RecurTensors

// nn.GRU and nn.GRUCell (torch/nn/modules/rnn.py, 2.13).
extension GRU: PyTorchCell {
  static let helpers = [PyTorchHelper("KerasGRU", gru)]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    weights = try visitor.visit(
      weights, PyTorchLayouts.gru, keys, units: units, inputSize: inputSize, outputSize: units)
  }

  var form: PyTorchCellForm {
    let isAfter = resetPlacement == .afterProduct
    let isTorch = activation == .tanh && recurrentActivation == .sigmoid && isAfter
    let placement = PyTorchLimit(
      what: "applies its reset gate before the product",
      expected: "reset_after=True: r ⊙ (U·h + b')",
      found: "reset_after=False: U·(r ⊙ h)",
      reason: "the two forms of a GRU are different functions, and nn.GRU has only one: no "
        + "weights make up for it")
    return PyTorchCellForm(
      kind: "GRU", torchClass: isTorch ? "nn.GRU" : nil, ownClass: "KerasGRU",
      ownOptions: ["reset_after=\(isAfter ? "True" : "False")"], inputSize: inputSize,
      hiddenSize: units, hasBias: weights.hasBias,
      activations: [
        ("activation", activation), ("recurrent_activation", recurrentActivation),
      ],
      stateVariables: states.map(\.name),
      limits: [
        .activations(activation, recurrentActivation), isAfter ? nil : placement,
      ].compactMap { $0 })
  }

  static let torchKind: PyTorchRecurrentKind? = PyTorchRecurrentKind(
    name: "GRU", layout: PyTorchLayouts.gru, letters: ["r", "zu", "nh"], states: ["h"],
    hasResetPlacement: true,
    biasRemark: "the n gate of a GRU differs then, since only bias_hh passes the reset gate"
  ) { module, parameters, model throws(CheckpointError) in
    let isAfter = module.options.bool(PyTorchRecurrentKind.resetOption) ?? true
    return try module.weights(PyTorchLayouts.gru, parameters, &model).map { weights in
      .gru(
        GRU(
          inputSize: parameters.inputSize, units: parameters.units, weights: weights,
          activation: parameters.activation, recurrentActivation: .sigmoid,
          resetPlacement: isAfter ? .afterProduct : .beforeProduct))
    }
  }

  private static let gru = """
    class KerasGRU(KerasCell):
        \"\"\"Rows r, z, n; the reset gate is applied to the state or, after its product, to that.\"\"\"

        gates = 3

        def __init__(self, *arguments, reset_after, **options):
            super().__init__(*arguments, **options)
            self.reset_after = reset_after

        def step(self, x, states, suffix=""):
            w, u, b, d = self.weights(suffix)
            (h,) = states
            x_r, x_z, x_n = F.linear(x, w, b).chunk(3, -1)
            rows = 2 * self.units
            h_r, h_z = F.linear(h, u[:rows], None if d is None else d[:rows]).chunk(2, -1)
            r, z = self.recurrent_activation(x_r + h_r), self.recurrent_activation(x_z + h_z)
            u_n, d_n = u[rows:], None if d is None else d[rows:]
            h_n = r * F.linear(h, u_n, d_n) if self.reset_after else F.linear(r * h, u_n, d_n)
            h = z * h + (1 - z) * self.activation(x_n + h_n)
            return h, (h,)
    """
}
