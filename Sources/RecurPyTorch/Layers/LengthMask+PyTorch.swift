import RecurModel
import RecurTensors

extension LengthMask: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    let x = call.x
    return "torch.arange(\(x).shape[1], device=\(x).device) < \(call.inputs[1]).unsqueeze(1)"
  }
}
