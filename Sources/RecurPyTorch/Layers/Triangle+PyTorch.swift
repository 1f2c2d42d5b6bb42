import RecurModel
import RecurTensors

extension Triangle: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    "torch.\(isLower ? "tril" : "triu")(\(call.x), diagonal=\(diagonal))"
  }
}
