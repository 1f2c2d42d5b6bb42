import RecurModel
import RecurTensors

extension Attention: PyTorchLayer {
  static let helpers = [PyTorchHelper("KerasAttention", attention)]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    let key = keys.key("scale")
    switch score {
    case .product(var scale):
      try visitor.visit(&scale, key)
      score = .product(scale: scale)
    case .additive(var scale):
      try visitor.visit(&scale, key)
      score = .additive(scale: scale)
    case .concatenation(var scale, var weight):
      try visitor.visit(&scale, key)
      try visitor.visit(&weight, keys.key("score_weight"))
      score = .concatenation(scale: scale, weight: weight)
    }
  }

  /// Whether the layer has weights, for which torch.nn has no module.
  private var hasWeights: Bool {
    switch score {
    case .product(let scale), .additive(let scale): scale != nil
    case .concatenation: true
    }
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    hasWeights ? [PyTorchLimit(what: "attention \(name) has weights")] : []
  }

  func leftToCode(_ name: String) -> [String] {
    hasWeights ? [] : ["\(name) computes \(title)"]
  }

  var operands: PyTorchOperands { .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    func shape(_ scale: Tensor?) -> String? {
      scale.map { "scale=(\($0.shape.map { "\($0)," }.joined(separator: " ")))" }
    }
    let options: [String?] =
      switch score {
      case .product(let scale): ["\"dot\"", shape(scale)]
      case .additive(let scale): ["\"additive\"", shape(scale)]
      case .concatenation(let scale, _): ["\"concat\"", shape(scale)]
      }
    return construction.call("KerasAttention", options + [isCausal ? "causal=True" : nil])
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    var rest = Array(zip(call.inputs, call.node.inputs).dropFirst(2))
    var arguments = Array(call.inputs.prefix(2))
    if hasKey, !rest.isEmpty { arguments.append(rest.removeFirst().0) }
    if hasQueryMask, !rest.isEmpty {
      arguments.append("query_mask=\(code.mask(rest.removeFirst().1))")
    }
    if hasValueMask, !rest.isEmpty {
      arguments.append("value_mask=\(code.mask(rest.removeFirst().1))")
    }
    return call.assigning("\(call.module)(\(arguments.joined(separator: ", ")))")
  }

  private static let attention = """
    class KerasAttention(nn.Module):
        \"\"\"Values weighted by how their keys answer queries; score is dot, additive or concat.\"\"\"

        def __init__(self, score, *, scale=None, causal=False, dtype=torch.float32):
            super().__init__()
            self.score = score
            self.causal = causal
            self.scale = None if scale is None else nn.Parameter(torch.ones(scale, dtype=dtype))
            if score == "concat":
                self.score_weight = nn.Parameter(torch.ones((), dtype=dtype))

        def scores(self, query, key):
            scale = 1.0 if self.scale is None else self.scale
            if self.score == "dot":
                return query @ key.transpose(1, 2) * scale
            pairs = query.unsqueeze(2) + key.unsqueeze(1)
            if self.score == "additive":
                return (scale * torch.tanh(pairs)).sum(-1)
            return self.score_weight * torch.tanh(scale * pairs).sum(-1)

        def forward(self, query, value, key=None, query_mask=None, value_mask=None):
            scores = self.scores(query, value if key is None else key)
            counts = torch.ones_like(scores, dtype=torch.bool)
            if self.causal:
                counts = counts.tril()
            if value_mask is not None:
                counts = counts & value_mask.unsqueeze(1)
            scores = torch.where(counts, scores, scores - 1e9)
            y = torch.softmax(scores, -1) @ value
            return y if query_mask is None else y.where(query_mask.unsqueeze(-1), y.new_zeros(()))
    """
}
