import RecurModel
import RecurTensors

extension Scaling: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .floatingPoint }

  func expression(_ call: PyTorchCall) -> String {
    "\(call.x) * \(constant(scale, call.x)) + \(constant(offset, call.x))"
  }

  /// One number, or one number per element of the last axis, in the type of `x`.
  private func constant(_ values: [Double], _ x: String) -> String {
    guard values.count != 1 else { return pythonNumber(values[0]) }
    let list = values.map(pythonNumber).joined(separator: ", ")
    return "\(x).new_tensor([\(list)])"
  }
}
