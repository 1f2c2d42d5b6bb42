import RecurModel
import RecurTensors

extension Repetition: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    guard isWhole else { return "\(call.x).repeat_interleave(\(count), dim=\(axis))" }
    let counts = (0..<call.rank).map { $0 == axis ? "\(count)" : "1" }.joined(separator: ", ")
    return "\(call.x).repeat(\(counts))"
  }
}
