import RecurModel
import RecurTensors

// nn.Dropout and its like (torch/nn/modules/dropout.py, 2.13).
extension Identity: PyTorchExpression {
  static let classes = [
    "nn.Dropout", "nn.Dropout1d", "nn.Dropout2d", "nn.Dropout3d", "nn.AlphaDropout",
    "nn.FeatureAlphaDropout", "nn.Identity",
  ].map { name in
    PyTorchClass(
      name,
      read: { reader, _, _ in
        reader.options.ignore("p", "inplace")
        let className = String(name.dropFirst("nn.".count))
        return .layer(.identity(Identity(className: className)), .anywhere)
      })
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { [] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String { call.x }
}
