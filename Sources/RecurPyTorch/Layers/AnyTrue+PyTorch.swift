import RecurModel
import RecurTensors

extension AnyTrue: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    [PyTorchLimit(what: "\(name) computes a mask")]
  }

  func leftToCode(_ name: String) -> [String] { [] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    "(\(call.x) != 0).any(\(axis), keepdim=\(keepsAxis ? "True" : "False"))"
  }
}
