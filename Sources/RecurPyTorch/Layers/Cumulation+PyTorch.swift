import RecurModel
import RecurTensors

extension Cumulation: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .numbers }

  func expression(_ call: PyTorchCall) -> String {
    let x = isReversed ? "\(call.x).flip(\(axis))" : call.x
    var sums = "\(x).\(function == .sum ? "cumsum" : "cumprod")(\(axis))"
    if isExclusive {
      let first = "torch.\(function == .sum ? "zeros" : "ones")_like(\(x).narrow(\(axis), 0, 1))"
      sums = "torch.cat([\(first), \(sums).narrow(\(axis), 0, \(x).shape[\(axis)] - 1)], \(axis))"
    }
    return isReversed ? "\(sums).flip(\(axis))" : sums
  }
}
