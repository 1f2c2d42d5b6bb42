import RecurModel
import RecurTensors

extension Reduction: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands {
    switch function {
    case .sum, .product, .l1Norm: .numbers
    case .maximum, .minimum, .any, .all: .asGiven
    case .mean, .variance, .standardDeviation, .logSumExp, .l2Norm: .floatingPoint
    }
  }

  func expression(_ call: PyTorchCall) -> String {
    let keep = "keepdim=\(keepsAxes ? "True" : "False")"
    let list = "\(pythonAxes(axes)), \(keep)"
    /// A method that takes one axis, the last axis first.
    func oneByOne(_ x: String, _ method: String) -> String {
      let own = positions(of: axes, rank: call.rank) ?? axes
      return own.reversed().reduce(x) { "\($0).\(method)(\($1), \(keep))" }
    }
    switch function {
    case .mean: return "\(call.x).mean(\(list))"
    case .sum: return "\(call.x).sum(\(list))"
    case .maximum: return "\(call.x).amax(\(list))"
    case .minimum: return "\(call.x).amin(\(list))"
    case .product: return oneByOne(call.x, "prod")
    case .any: return oneByOne("(\(call.x) != 0)", "any")
    case .all: return oneByOne("(\(call.x) != 0)", "all")
    case .variance: return "\(call.x).var(\(pythonAxes(axes)), correction=0, \(keep))"
    case .standardDeviation: return "\(call.x).std(\(pythonAxes(axes)), correction=0, \(keep))"
    case .logSumExp: return "torch.logsumexp(\(call.x), \(list))"
    case .l1Norm: return "\(call.x).abs().sum(\(list))"
    case .l2Norm: return "torch.linalg.vector_norm(\(call.x), dim=\(list))"
    }
  }
}
