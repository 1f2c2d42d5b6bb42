import RecurModel
import RecurTensors

extension Clamp: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    let bounds = [
      minimum.map { "min=\(pythonNumber($0))" }, maximum.map { "max=\(pythonNumber($0))" },
    ].compactMap { $0 }
    return bounds.isEmpty ? call.x : "torch.clamp(\(call.x), \(bounds.joined(separator: ", ")))"
  }
}
