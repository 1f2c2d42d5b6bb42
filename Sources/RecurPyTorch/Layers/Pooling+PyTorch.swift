import RecurModel
import RecurTensors

extension Pooling: PyTorchExpression {
  static let helpers = [
    Padding.helper, PyTorchHelper("_average_pool", averagePool),
    PyTorchHelper("_masked_mean", maskedMean),
  ]

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    isMasked ? [PyTorchLimit(what: "pooling \(name) leaves out masked timesteps")] : []
  }

  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .floatingPoint }

  func expression(_ call: PyTorchCall) -> String {
    let x = call.x
    guard let (size, stride) = window else {
      let keeps = keepsAxis ? "True" : "False"
      switch operation {
      case .maximum: return "\(x).amax(1, keepdim=\(keeps))"
      case .average:
        return call.mask.map { "_masked_mean(\(x), \($0), \(keeps))" }
          ?? "\(x).mean(1, keepdim=\(keeps))"
      }
    }
    let amount = padding.amount(x, span: size, stride: stride)
    switch operation {
    case .average:
      if let amount { return "_average_pool(\(x), \(size), \(stride), \(amount))" }
      return "F.avg_pool1d(\(x).transpose(1, 2), \(size), \(stride)).transpose(1, 2)"
    case .maximum:
      let padded = amount.map { "F.pad(\(x), \($0), value=-math.inf)" } ?? x
      return "F.max_pool1d(\(padded).transpose(1, 2), \(size), \(stride)).transpose(1, 2)"
    }
  }

  private static let averagePool = """
    def _average_pool(x, size, stride, padding):
        \"\"\"Means of windows along the timesteps, without what lies beyond the ends.\"\"\"
        x, ones = F.pad(x, padding), F.pad(torch.ones_like(x), padding)
        sums, counts = (F.avg_pool1d(s.transpose(1, 2), size, stride) for s in (x, ones))
        return (sums / counts).transpose(1, 2)
    """

  private static let maskedMean = """
    def _masked_mean(x, mask, keepdim):
        \"\"\"The mean of the timesteps that count.\"\"\"
        counts = mask.unsqueeze(-1).to(x.dtype)
        return (x * counts).sum(1, keepdim) / counts.sum(1, keepdim)
    """
}
