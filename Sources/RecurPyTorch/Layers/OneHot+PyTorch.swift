import RecurModel
import RecurTensors

extension OneHot: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    let type = PyTorchType(floating: call.node.precision).rawValue
    let x =
      "(\(call.x).unsqueeze(-1) == torch.arange(\(count), device=\(call.x).device)).to(\(type))"
    return axis == call.rank ? x : "\(x).movedim(-1, \(axis))"
  }
}
