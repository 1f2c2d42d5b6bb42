import RecurModel
import RecurTensors

extension CategoryEncoding: PyTorchExpression {
  static let helpers = [PyTorchHelper("_categories", rows)]

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    let type = PyTorchType(floating: call.node.precision).rawValue
    let rows = "_categories(\(call.x), \(categories)).to(\(type))"
    switch mode {
    // A last axis of one element disappears.
    case .oneHot:
      return call.rank > 1
        ? "\(rows).squeeze(-2)" : rows
    case .multiHot: return call.rank > 1 ? "\(rows).amax(-2)" : rows
    case .count: return call.rank > 1 ? "\(rows).sum(-2)" : rows
    }
  }

  private static let rows = """
    def _categories(x, count):
        \"\"\"One row per number, with 1 at its place.\"\"\"
        return x.to(torch.int64).unsqueeze(-1) == torch.arange(count, device=x.device)
    """
}
