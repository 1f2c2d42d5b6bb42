import RecurFormats
import RecurModel
import RecurTensors

extension OpaqueLayer: PyTorchLayer {
  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    let names = PyTorchNames(tensors.map(\.name))
    for index in tensors.indices {
      let name = tensors[index].name
      try visitor.visit(&tensors[index].tensor, keys.key(keys.isGiven ? name : names[name]))
    }
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }

  func leftToCode(_ name: String) -> [String] {
    ["\(name) computes what its class '\(className)' says, which is not in the file"]
  }

  var operands: PyTorchOperands { .asGiven }

  func constructor(_ construction: PyTorchConstruction) -> String? { nil }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    [
      "raise NotImplementedError("
        + pythonString("layer of unknown class: \(className)") + ")"
    ]
  }
}
