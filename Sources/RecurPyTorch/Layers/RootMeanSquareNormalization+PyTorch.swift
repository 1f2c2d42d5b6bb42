import RecurModel
import RecurTensors

// nn.RMSNorm over the last axis (torch/nn/modules/normalization.py, 2.13).
extension RootMeanSquareNormalization: PyTorchLayer {
  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    guard var scale = gamma else { return }
    try visitor.visit(&scale, keys.key("weight"))
    gamma = scale
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) normalizes with epsilon \(epsilon)"] }

  var operands: PyTorchOperands { .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    gamma.map { _ in
      construction.call("nn.RMSNorm", ["\(width)", "eps=\(pythonNumber(epsilon))"])
    }
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    call.assigning(
      gamma != nil
        ? "\(call.module)(\(call.x))"
        : "F.rms_norm(\(call.x), (\(width),), eps=\(pythonNumber(epsilon)))")
  }
}
