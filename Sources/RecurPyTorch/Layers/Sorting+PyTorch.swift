import RecurModel
import RecurTensors

extension Sorting: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    let sorted =
      "torch.sort(\(call.x), dim=\(axis), descending=\(isDescending ? "True" : "False"), stable=True)"
    let part = "\(sorted).\(givesPositions ? "indices" : "values")"
    return count.map { "\(part).narrow(\(axis), 0, \($0))" } ?? part
  }
}
