import RecurModel
import RecurTensors

extension Standardization: PyTorchLayer {
  static let helpers = [PyTorchHelper("KerasNormalization", normalization)]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    try visitor.visit(&mean, keys.key("mean"))
    try visitor.visit(&variance, keys.key("variance"))
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    [PyTorchLimit(what: "\(name) standardizes by moments it holds")]
  }

  func leftToCode(_ name: String) -> [String] { [] }

  var operands: PyTorchOperands { .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    construction.call(
      "KerasNormalization", mean.shape.map { "\($0)" } + [isInverse ? "invert=True" : nil])
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    call.assigning("\(call.module)(\(call.x))")
  }

  private static let normalization = """
    class KerasNormalization(nn.Module):
        \"\"\"(x - mean) / deviation with given moments, or its inverse.\"\"\"

        def __init__(self, *shape, invert=False, dtype=torch.float32):
            super().__init__()
            self.invert = invert
            self.register_buffer("mean", torch.zeros(shape, dtype=dtype))
            self.register_buffer("variance", torch.ones(shape, dtype=dtype))

        def forward(self, x):
            deviation = torch.clamp(torch.sqrt(self.variance), min=1e-7)
            return self.mean + x * deviation if self.invert else (x - self.mean) / deviation
    """
}
