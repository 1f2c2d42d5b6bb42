import RecurContainers
import RecurModel
import RecurTensors

// nn.Linear (torch/nn/modules/linear.py, 2.13).
extension Dense: PyTorchLayer {
  /// The names of its parameters.
  private enum Key {
    static let kernel = "weight"
    static let bias = "bias"
  }

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    try visitor.visit(&kernel, keys.key(Key.kernel))
    try visitor.visit(&bias, keys.key(Key.bias))
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { activation.leftToCode(by: "Dense \(name)") }

  // MARK: generated code

  var operands: PyTorchOperands { .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    construction.call(
      "nn.Linear", ["\(inputSize)", "\(outputSize)", construction.bias(bias != nil)])
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    call.assigning(PyTorchActivations.call(activation, "\(call.module)(\(call.x))"))
  }

  func activations(isWrittenOut: Bool) -> [Activation] {
    activation == .linear ? [] : [activation]
  }

  // MARK: declared modules

  static let classes = [
    PyTorchClass(
      "nn.Linear", parameters: [Key.kernel, Key.bias], mayBeActivated: true,
      outline: { layer in
        PyTorchOutline(takes: layer.size("in_features"), gives: layer.size("out_features"))
      },
      recognize: { names in
        guard !names.isTable, let kernel = names.weight(Key.kernel, bias: Key.bias, rank: 2) else {
          return nil
        }
        return [
          ("in_features", .integer(kernel.shape[1])), ("out_features", .integer(kernel.shape[0])),
        ] + names.switchedOff("bias", unless: Key.bias)
      },
      read: { reader, model, _ in
        let activation = reader.activationWord()
        guard let kernel = reader.tensor(Key.kernel, rank: 2, &model) else { return nil }
        reader.check("in_features", kernel.shape[1], kernel)
        reader.check("out_features", kernel.shape[0], kernel)
        reader.check("bias", model.has(reader.key(Key.bias)), kernel, default: true)
        reader.setInput([nil, kernel.shape[1]])
        return .layer(
          .dense(
            Dense(
              kernel: kernel, bias: model.optional(reader.key(Key.bias)), activation: activation)),
          .lastAxis)
      })
  ]
}
