import RecurModel
import RecurTensors

extension Einsum: PyTorchLayer {
  static let helpers = [PyTorchHelper("KerasEinsum", module)]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    try visitor.visit(&kernel, keys.key("kernel"))
    try visitor.visit(&bias, keys.key("bias"))
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    kernel == nil ? [] : [PyTorchLimit(what: "\(name) multiplies by the equation \(equation)")]
  }

  func leftToCode(_ name: String) -> [String] {
    kernel == nil ? ["\(name) computes \(title)"] : []
  }

  var operands: PyTorchOperands { kernel == nil ? .floatingPointIfAny : .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    func shape(_ tensor: Tensor) -> String {
      "(\(tensor.shape.map { "\($0)," }.joined(separator: " ")))"
    }
    return kernel.map {
      construction.call(
        "KerasEinsum", ["\"\(equation)\"", shape($0), bias.map { "bias=\(shape($0))" }])
    }
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    guard kernel == nil else {
      return call.assigning(PyTorchActivations.call(activation, "\(call.module)(\(call.x))"))
    }
    return call.assigning(
      "torch.einsum(\"\(equation)\", \(call.inputs.joined(separator: ", ")))")
  }

  func activations(isWrittenOut: Bool) -> [Activation] {
    activation == .linear ? [] : [activation]
  }

  private static let module = """
    class KerasEinsum(nn.Module):
        \"\"\"Sums of products of the input and a kernel, by an equation.\"\"\"

        def __init__(self, equation, kernel, *, bias=None, dtype=torch.float32):
            super().__init__()
            self.equation = equation
            self.kernel = nn.Parameter(torch.zeros(kernel, dtype=dtype))
            self.bias = None if bias is None else nn.Parameter(torch.zeros(bias, dtype=dtype))

        def forward(self, x):
            y = torch.einsum(self.equation, x, self.kernel)
            return y if self.bias is None else y + self.bias
    """
}
