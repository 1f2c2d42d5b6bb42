import RecurModel
import RecurTensors

extension TimeDistributed: PyTorchLayer {
  static let helpers = [PyTorchHelper("_each_timestep", eachTimestep)]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    inner = try visitor.visit(inner, keys)
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    inner.pytorch.limits(name, isMasked: isMasked)
  }

  func leftToCode(_ name: String) -> [String] {
    ["\(name) is applied to every timestep by itself"] + inner.pytorch.leftToCode(name)
  }

  var operands: PyTorchOperands {
    inner.pytorch.operands == .asGiven ? .asGiven : .floatingPoint
  }
  var isTorch: Bool { inner.pytorch.isTorch }
  var preparation: String? { inner.pytorch.preparation }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    inner.pytorch.constructor(construction)
  }

  func activations(isWrittenOut: Bool) -> [Activation] {
    inner.pytorch.activations(isWrittenOut: isWrittenOut)
  }

  /// A function of one timestep, and the application of the function to all timesteps.
  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    var step = call
    step.y = "y"
    step.inputs = ["x"]
    step.ranks = call.ranks.map { $0 - 1 }
    step.mask = nil
    let name = "\(call.y)__step"
    return ["def \(name)(x):"] + inner.pytorch.statements(step, in: code).map { "    \($0)" } + [
      "    return y", "\(call.y) = _each_timestep(\(name), \(call.x))",
    ]
  }

  private static let eachTimestep = """
    def _each_timestep(layer, x):
        \"\"\"layer applied to every timestep (axis 1) by itself.\"\"\"
        return layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])
    """
}
