import RecurModel
import RecurTensors

extension NotEqual: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    [PyTorchLimit(what: "\(name) computes a mask")]
  }

  func leftToCode(_ name: String) -> [String] { [] }

  var operands: PyTorchOperands { .floatingPointIfAny }

  func expression(_ call: PyTorchCall) -> String { "\(call.x) != \(pythonNumber(value))" }
}
