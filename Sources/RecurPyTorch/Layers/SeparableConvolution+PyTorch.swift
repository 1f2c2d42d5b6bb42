import RecurModel
import RecurTensors

/// Two convolutions of torch.nn: torch has no class for both.
extension SeparableConvolution: PyTorchLayer {
  /// The names of its parts.
  private enum Part {
    static let depthwise = "depthwise"
    static let pointwise = "pointwise"
  }

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    try depthwise.visitTensors(&visitor, keys.part(Part.depthwise, suffix: ""))
    try pointwise.visitTensors(&visitor, keys.part(Part.pointwise, suffix: ""))
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }

  func leftToCode(_ name: String) -> [String] {
    depthwise.leftToCode(name) + pointwise.activation.leftToCode(by: "convolution \(name)")
  }

  var operands: PyTorchOperands { .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    guard let first = depthwise.constructor(construction),
      let second = pointwise.constructor(construction)
    else { return nil }
    return "nn.ModuleDict({\"\(Part.depthwise)\": \(first), \"\(Part.pointwise)\": \(second)})"
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    let first = depthwise.expression(call.x, module: "\(call.module)[\"\(Part.depthwise)\"]")
    return [
      "\(call.y) = \(first)",
      "\(call.y) = "
        + pointwise.expression(call.y, module: "\(call.module)[\"\(Part.pointwise)\"]"),
    ]
  }

  func activations(isWrittenOut: Bool) -> [Activation] {
    pointwise.activations(isWrittenOut: isWrittenOut)
  }
}
