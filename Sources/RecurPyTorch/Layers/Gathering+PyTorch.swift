import RecurModel
import RecurTensors

extension Gathering: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    guard let constant = positions.constant else {
      return "torch.take_along_dim(\(call.x), \(call.inputs[1]).long(), dim=\(axis))"
    }
    let text = Operand.Constant(shape: constant.shape, elements: constant.elements, isWhole: true)
      .python(call.x, call.node.precision)
    guard constant.shape.count == 1 else {
      return "\(call.x)[\(String(repeating: ":, ", count: axis))\(text)]"
    }
    guard constant.elements.contains(where: { $0 < 0 }) else {
      return "\(call.x).index_select(\(axis), \(text))"
    }
    return "\(call.x)[\(String(repeating: ":, ", count: axis))\(text)]"
  }
}
