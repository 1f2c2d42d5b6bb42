import RecurModel
import RecurTensors

extension Merge: PyTorchExpression {
  static let helpers = [PyTorchHelper("_normalized", normalized)]

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .floatingPointIfAny }

  func expression(_ call: PyTorchCall) -> String {
    let rank = call.ranks.max() ?? 0
    let inputs = zip(call.inputs, call.ranks).map { x, own in
      x + String(repeating: ".unsqueeze(1)", count: own > 0 ? rank - own : 0)
    }
    func folded(_ function: String) -> String {
      inputs.dropFirst().reduce(inputs[0]) { "\(function)(\($0), \($1))" }
    }
    switch self {
    case .add: return inputs.joined(separator: " + ")
    case .subtract: return inputs.joined(separator: " - ")
    case .multiply: return inputs.joined(separator: " * ")
    case .average: return "(\(inputs.joined(separator: " + "))) / \(inputs.count)"
    case .maximum: return folded("torch.maximum")
    case .minimum: return folded("torch.minimum")
    case .concatenate(let axis):
      return "torch.cat((\(call.inputs.map { "\($0)," }.joined(separator: " "))), \(axis))"
    case .stack(let axis):
      return "torch.stack((\(call.inputs.map { "\($0)," }.joined(separator: " "))), \(axis))"
    case .dot(let axes, let isNormalized):
      let (one, other) = dotTerms(call.ranks, axes)
      let parts = zip(call.inputs, axes).map { x, axis in
        isNormalized ? "_normalized(\(x), \(axis))" : x
      }
      let left = one.filter { $0 != "b" && $0 != "s" }
      let right = other.filter { $0 != "b" && $0 != "s" }
      let result = "b\(left)\(right)"
      let sum =
        "torch.einsum(\"\(one),\(other)->\(result)\", \(parts.joined(separator: ", ")))"
      return result == "b" ? "\(sum).unsqueeze(1)" : sum
    }
  }

  /// The letters of both factors' axes for einsum: b for the batch, s for the axis that is summed
  /// over.
  private func dotTerms(_ ranks: [Int], _ axes: [Int]) -> (String, String) {
    var letters = Array("acdefghijklmnopqrtuvwxyz")
    func term(_ rank: Int, _ axis: Int) -> String {
      (0..<rank).map { index in
        index == 0 ? "b" : index == axis ? "s" : String(letters.removeFirst())
      }.joined()
    }
    return (term(ranks[0], axes[0]), term(ranks[1], axes[1]))
  }

  private static let normalized = """
    def _normalized(x, axis):
        \"\"\"x divided by its length along an axis.\"\"\"
        return x * torch.rsqrt(torch.clamp((x * x).sum(axis, keepdim=True), min=1e-12))
    """
}
