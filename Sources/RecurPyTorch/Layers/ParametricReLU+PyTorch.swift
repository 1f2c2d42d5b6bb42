import RecurContainers
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

  // MARK: declared modules

  static let classes = [
    PyTorchClass(
      "nn.PReLU", parameters: ["weight"],
      recognize: { names in
        // A single number that is a weight by itself is a slope.
        guard let slope = names.weight("weight", bias: nil, rank: 1), slope.shape == [1] else {
          return nil
        }
        names.doubts.append("'\(names.key)' is taken for nn.PReLU")
        return [("num_parameters", 1)]
      },
      read: { reader, model, rank throws(CheckpointError) in
        reader.options.ignore("init")
        guard let slopes = reader.tensor("weight", rank: 1, &model) else { return nil }
        reader.check("num_parameters", slopes.count, slopes, default: 1)
        guard let rank, rank > 1 else {
          model.report(
            .pytorchDeclarationInvalid,
            "nn.PReLU needs a module in front of it, or a declared input")
          return nil
        }
        let shape = [Int](repeating: 1, count: rank - 2) + [slopes.count]
        let alpha = try slopes.reshaped(shape).located(at: slopes.location)
        return .layer(
          .parametricReLU(ParametricReLU(alpha: alpha)),
          slopes.count == 1 ? .anywhere : .channelsSecondOfThree)
      })
  ]

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
