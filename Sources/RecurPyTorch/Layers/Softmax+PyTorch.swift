import RecurModel
import RecurTensors

extension Softmax: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .floatingPoint }

  func expression(_ call: PyTorchCall) -> String {
    guard axes.count > 1 else {
      return "torch.\(isLogarithm ? "log_" : "")softmax(\(call.x), \(pythonAxes(axes)))"
    }
    let logarithm =
      "\(call.x) - torch.logsumexp(\(call.x), \(pythonAxes(axes)), keepdim=True)"
    return isLogarithm ? logarithm : "torch.exp(\(logarithm))"
  }
}
