import RecurModel
import RecurTensors

extension Masking: PyTorchLayer {
  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {}

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    [.masked("\(name) masks timesteps equal to \(value)", "Masking(\(value))")]
  }

  func leftToCode(_ name: String) -> [String] { [] }

  var operands: PyTorchOperands { .floatingPoint }
  var furtherOutputs: [String] { ["mask"] }

  func constructor(_ construction: PyTorchConstruction) -> String? { nil }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    ["\(call.y)__mask = (\(call.x) != \(pythonNumber(value))).any(-1)"]
      + call.assigning("\(call.x) * \(call.y)__mask.unsqueeze(-1)")
  }
}
