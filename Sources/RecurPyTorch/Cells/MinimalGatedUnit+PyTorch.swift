import RecurFormats
import RecurModel
import RecurTensors

// torch.nn has no such class, so the cell is written as the GRU that computes the same.
extension MinimalGatedUnit: PyTorchCell {
  static let torchKind: PyTorchRecurrentKind? = nil
  static let helpers: [PyTorchHelper] = []

  var form: PyTorchCellForm { asGRU.form }

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    var gru = asGRU
    try gru.visitTensors(&visitor, keys)
    guard let same = withWeights(of: gru) else {
      throw CheckpointError(
        .tensorShapeMismatch,
        "the gates r and z of '\(keys.prefix)' differ, and those of a minimal gated unit are one",
        at: gru.weights.kernel[.update].location, expected: "the same numbers in both gates",
        found: "other numbers")
    }
    self = same
  }
}
