import RecurModel
import RecurTensors

extension ParametricReLU: PyTorchLayer {
  static let helpers = [PyTorchHelper("KerasPReLU", parametricReLU)]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    try visitor.visit(&alpha, keys.key("weight"))
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    [PyTorchLimit(what: "PReLU \(name) has an alpha per position")]
  }

  func leftToCode(_ name: String) -> [String] { [] }

  var operands: PyTorchOperands { .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    construction.call("KerasPReLU", alpha.shape.map { "\($0)" })
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    call.assigning("\(call.module)(\(call.x))")
  }

  private static let parametricReLU = """
    class KerasPReLU(nn.Module):
        \"\"\"x where it is positive, else weight * x; weight has the shape of x without the batch.\"\"\"

        def __init__(self, *shape, dtype=torch.float32):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(shape, dtype=dtype))

        def forward(self, x):
            return torch.where(x > 0, x, self.weight * x)
    """
}
