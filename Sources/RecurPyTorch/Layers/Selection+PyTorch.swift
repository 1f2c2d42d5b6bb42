import RecurModel
import RecurTensors

extension Selection: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    if let mask = call.mask {
      // The first or the last timestep that counts.
      let steps = "torch.arange(\(call.x).shape[1], device=\(call.x).device)"
      let position =
        index < 0 ? "(\(mask) * \(steps)).argmax(1)" : "\(mask).long().argmax(1)"
      return "\(call.x)[torch.arange(\(call.x).shape[0]), \(position)]"
    }
    let before = String(repeating: ":, ", count: axis)
    return "\(call.x)[\(before)\(index)]"
  }
}
