import RecurModel
import RecurTensors

extension Bordering: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    guard case .constant(let number) = content else { return call.x }
    // Pairs from the last axis on.
    var pairs: [String] = []
    for axis in (0..<call.rank).reversed() {
      let part = parts.first { $0.axis == axis }
      pairs += ["\(part?.before ?? 0)", "\(part?.after ?? 0)"]
    }
    return "F.pad(\(call.x), (\(pairs.joined(separator: ", "))), value=\(pythonNumber(number)))"
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    if case .constant = content { return call.assigning(expression(call)) }
    return call.assigning(call.x)
      + parts.flatMap { part in call.assigning(joined(call.y, part)) }
  }

  /// One axis with copies of its own positions at both ends.
  private func joined(_ x: String, _ part: Part) -> String {
    let axis = part.axis
    let skipped = content == .reflected ? 1 : 0
    func copy(_ start: String, _ count: Int) -> String {
      content == .edge
        ? "\(x).narrow(\(axis), \(start), 1).repeat_interleave(\(count), dim=\(axis))"
        : "\(x).narrow(\(axis), \(start), \(count)).flip(\(axis))"
    }
    var pieces = [x]
    if part.before > 0 {
      pieces.insert(copy(content == .edge ? "0" : "\(skipped)", part.before), at: 0)
    }
    if part.after > 0 {
      let count = content == .edge ? 1 : part.after + skipped
      pieces.append(copy("\(x).shape[\(axis)] - \(count)", part.after))
    }
    return "torch.cat([\(pieces.joined(separator: ", "))], \(axis))"
  }
}
