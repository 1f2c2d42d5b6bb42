import RecurModel
import RecurTensors

extension MatrixProduct: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .floatingPointIfAny }

  func expression(_ call: PyTorchCall) -> String {
    "torch.matmul(\(call.texts([left, right]).joined(separator: ", ")))"
  }
}
