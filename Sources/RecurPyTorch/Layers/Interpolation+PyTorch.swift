import RecurModel
import RecurTensors

extension Interpolation: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .floatingPoint }

  func expression(_ call: PyTorchCall) -> String {
    let list = factors.map(String.init).joined(separator: ", ")
    let mode = ["linear", "bilinear", "trilinear"][min(factors.count, 3) - 1]
    return "F.interpolate(\(call.x).movedim(-1, 1), scale_factor=(\(list),), mode=\"\(mode)\", "
      + "align_corners=False).movedim(1, -1)"
  }
}
