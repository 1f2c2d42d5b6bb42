import RecurModel
import RecurTensors

extension Input: PyTorchLayer {
  var operands: PyTorchOperands { .asGiven }

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {}

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { [] }
  func constructor(_ construction: PyTorchConstruction) -> String? { nil }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    let zeros = code.optionalInput(call.node, self)
    let type = PyTorchType(elementType)
    return switch type {
    case .float32, .float64: zeros + call.assigning("\(call.y).to(\(type.rawValue))")
    case .boolean: zeros + call.assigning("\(call.y) != 0")
    case .integer: zeros
    }
  }
}
