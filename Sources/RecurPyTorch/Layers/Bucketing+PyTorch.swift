import RecurModel
import RecurTensors

extension Bucketing: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .floatingPoint }

  func expression(_ call: PyTorchCall) -> String {
    let list = boundaries.map(pythonNumber).joined(separator: ", ")
    return "torch.bucketize(\(call.x), \(call.x).new_tensor([\(list)]), right=True)"
  }
}
