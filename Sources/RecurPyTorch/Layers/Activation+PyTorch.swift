import RecurModel
import RecurTensors

// nn.ReLU and other activations; ``PyTorchActivationWords`` has the names of functions.
extension Activation: PyTorchExpression {
  static let classes = PyTorchActivationWords.classes.map { name, options in
    PyTorchClass(
      name, words: options,
      outline: { _ in
        PyTorchOutline(effect: name == "nn.GLU" ? .halvesFeatures : .keepsAxes)
      },
      read: { reader, _, rank in
        if let function = PyTorchActivationWords.function(name, &reader.options, rank: rank ?? 0) {
          return function
        }
        guard
          let activation = PyTorchActivationWords.activation(
            name, &reader.options, rank: rank ?? 0)
        else { return nil }
        let isAlongAxis = [.softmax, .logSoftmax, .glu].contains(activation)
        return .layer(.activation(activation), isAlongAxis ? .lastAxis : .anywhere)
      })
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { leftToCode(by: "activation \(name)") }

  var operands: PyTorchOperands { .floatingPoint }

  func expression(_ call: PyTorchCall) -> String { PyTorchActivations.call(self, call.x) }

  func activations(isWrittenOut: Bool) -> [Activation] { self == .linear ? [] : [self] }
}
