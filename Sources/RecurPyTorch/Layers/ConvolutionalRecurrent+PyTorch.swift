import RecurModel
import RecurTensors

/// torch.nn has no convolutional LSTM; the generated code brings one.
extension ConvolutionalRecurrent: PyTorchLayer {
  static let helpers = [Window].helpers + [PyTorchHelper("KerasConvLSTM", definition)]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    for gate in LSTMGate.allCases {
      try visitor.visit(&kernel[gate], keys.key("kernel_\(gate)"))
      try visitor.visit(&recurrentKernel[gate], keys.key("recurrent_kernel_\(gate)"))
      guard var biases = bias else { continue }
      try visitor.visit(&biases[gate], keys.key("bias_\(gate)"))
      bias = biases
    }
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    [PyTorchLimit(what: "\(name) is a convolutional LSTM")]
  }

  func leftToCode(_ name: String) -> [String] { [] }

  var operands: PyTorchOperands { .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    let windows = inputConvolution(.input).windows
    let size = windows.map(\.size)
    return construction.call(
      "KerasConvLSTM",
      [
        "\(inputSize)", "\(units)", tuple(size), "stride=\(tuple(strides))",
        "dilation=\(tuple(dilations))",
        windows.paddingAmount("x").map { "pad=lambda x: \($0)" },
        "activation=\(PyTorchActivations.name(activation))",
        "recurrent_activation=\(PyTorchActivations.name(recurrentActivation))",
        construction.bias(bias != nil), direction == .backward ? "backward=True" : nil,
      ])
  }

  /// Numbers per axis as a tuple, also of one.
  private func tuple(_ values: [Int]) -> String {
    "(\(values.map { "\($0)," }.joined(separator: " ")))"
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    let names = [call.y] + ["h_n", "c_n"].map { returnsState ? "\(call.y)__\($0)" : "_" }
    return ["\(names.joined(separator: ", ")) = \(call.module)(\(call.x))"]
      + (returnsSequence ? [] : ["\(call.y) = \(call.y)[:, -1]"])
  }

  func activations(isWrittenOut: Bool) -> [Activation] { [activation, recurrentActivation] }

  var furtherOutputs: [String] { returnsState ? ["h_n", "c_n"] : [] }

  private static let definition = """
    class KerasConvLSTM(nn.Module):
        \"\"\"An LSTM whose products are convolutions, over [batch, timesteps, axes…, channels].

        It returns h at every timestep, and the last h and c. All states are zeros at first.
        \"\"\"

        gates = ("input", "forget", "cell", "output")

        def __init__(self, inputs, units, size, *, stride, dilation, activation, recurrent_activation,
                     pad=None, bias=True, backward=False, dtype=torch.float32):
            super().__init__()
            self.size, self.stride, self.dilation, self.pad = size, stride, dilation, pad
            self.activation, self.recurrent_activation = activation, recurrent_activation
            self.backward_in_time = backward
            shapes = {"kernel": (units, inputs, *size), "recurrent_kernel": (units, units, *size)}
            if bias:
                shapes["bias"] = (units,)
            for name, shape in shapes.items():
                for gate in self.gates:
                    weight = nn.Parameter(torch.zeros(shape, dtype=dtype))
                    self.register_parameter(f"{name}_{gate}", weight)

        def weights(self, name):
            parts = [getattr(self, f"{name}_{gate}", None) for gate in self.gates]
            return None if parts[0] is None else torch.cat(parts)

        def forward(self, x):
            conv = (F.conv1d, F.conv2d, F.conv3d)[len(self.size) - 1]
            kernel, recurrent, bias = map(self.weights, ("kernel", "recurrent_kernel", "bias"))
            around = [n for size in reversed(self.size) for n in ((size - 1) // 2, size // 2)]
            h, c, outputs = None, 0.0, []
            for frame in x.unbind(1)[::-1] if self.backward_in_time else x.unbind(1):
                if self.pad is not None:
                    frame = F.pad(frame, self.pad(frame))
                y = conv(frame.movedim(-1, 1), kernel, bias, self.stride, 0, self.dilation)
                if h is not None:
                    y = y + conv(F.pad(h.movedim(-1, 1), around), recurrent)
                i, f, g, o = y.movedim(1, -1).chunk(4, -1)
                i, f, o = (self.recurrent_activation(gate) for gate in (i, f, o))
                c = f * c + i * self.activation(g)
                h = o * self.activation(c)
                outputs.append(h)
            return torch.stack(outputs, 1), h, c
    """
}
