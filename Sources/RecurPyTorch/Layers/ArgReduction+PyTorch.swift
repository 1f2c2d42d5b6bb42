import RecurModel
import RecurTensors

extension ArgReduction: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    "\(call.x).\(isMaximum ? "argmax" : "argmin")(\(axis), keepdim=\(keepsAxis ? "True" : "False"))"
  }
}
