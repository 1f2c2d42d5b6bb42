import RecurModel
import RecurTensors

extension Slicing: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  /// torch has no negative steps: the axis is reversed first, so that bounds count from its other
  /// end.
  func expression(_ call: PyTorchCall) -> String {
    let turned = parts.filter { $0.step < 0 }.map(\.axis)
    let x = turned.isEmpty ? call.x : "\(call.x).flip(\(pythonAxes(turned)))"
    let isFlip = parts.allSatisfy { $0.start == nil && $0.stop == nil && $0.step == -1 }
    guard !isFlip else { return x }
    var keys = [String](repeating: ":", count: (parts.map(\.axis).max() ?? 0) + 1)
    for part in parts {
      func bound(_ value: Int?) -> String {
        value.map { part.step < 0 ? "\(-($0 + 1))" : "\($0)" } ?? ""
      }
      let step = part.step.magnitude == 1 ? "" : ":\(part.step.magnitude)"
      keys[part.axis] = "\(bound(part.start)):\(bound(part.stop))\(step)"
    }
    return "\(x)[\(keys.joined(separator: ", "))]"
  }
}
