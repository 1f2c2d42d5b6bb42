import RecurModel
import RecurTensors

extension UnitNormalization: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .floatingPoint }

  /// One axis uses torch.nn.functional.normalize; several axes have one common norm.
  func expression(_ call: PyTorchCall) -> String {
    let least = pythonNumber(epsilon)
    guard axes.count > 1 else {
      return "F.normalize(\(call.x), dim=\(axes.first ?? -1), eps=\(least))"
    }
    let list = axes.map(String.init).joined(separator: ", ")
    return "\(call.x) / torch.linalg.vector_norm(\(call.x), dim=(\(list)), keepdim=True)"
      + ".clamp_min(\(least))"
  }
}
