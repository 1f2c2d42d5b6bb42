import RecurModel
import RecurTensors

extension Where: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    let all = call.texts([.input, onTrue, onFalse])
    return "torch.where(\(all[0]) != 0, \(all[1]), \(all[2]))"
  }
}
