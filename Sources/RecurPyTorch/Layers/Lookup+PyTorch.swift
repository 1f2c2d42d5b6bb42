import RecurModel
import RecurTensors

extension Lookup: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    let list = keys.map(String.init).joined(separator: ", ")
    let x = call.x
    let equal = "(\(x).long().unsqueeze(-1) == torch.tensor([\(list)], device=\(x).device))"
    let unknown = "\(x).long().remainder(\(unknownCount)) + \(unknownPosition)"
    return "torch.where(\(equal).any(-1), \(equal).int().argmax(-1) + \(firstPosition), \(unknown))"
  }
}
