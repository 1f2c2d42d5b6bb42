import RecurContainers
import RecurModel
import RecurTensors

/// nn.MultiheadAttention joins its heads to one width, so heads of other widths need a module of
/// their own.
extension MultiHeadAttention: PyTorchLayer {
  static let helpers = [PyTorchHelper("KerasMultiHead", module)]

  static let classes = [
    PyTorchClass(
      "nn.MultiheadAttention", parameters: ["in_proj_weight", "in_proj_bias"],
      words: ["num_heads": nil, "batch_first": false],
      outline: { layer in
        PyTorchOutline(
          rank: 3, batchAxis: layer.options["batch_first"]?.bool == true ? 0 : 1,
          takes: layer.size("embed_dim"), gives: layer.size("embed_dim"))
      },
      read: { reader, model, _ throws(CheckpointError) in
        try reader.attention(&model).map { .attention($0) }
      })
  ]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    func visit(
      _ projection: inout Projection, _ name: String, _ visitor: inout Visitor
    ) throws(CheckpointError) {
      try visitor.visit(&projection.kernel, keys.key("\(name)_kernel"))
      try visitor.visit(&projection.bias, keys.key("\(name)_bias"))
    }
    try visit(&query, "query", &visitor)
    try visit(&key, "key", &visitor)
    try visit(&value, "value", &visitor)
    try visit(&output, "output", &visitor)
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    [PyTorchLimit(what: "\(name) has heads with projections of their own")]
  }

  func leftToCode(_ name: String) -> [String] { [] }

  var operands: PyTorchOperands { .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    func shape(_ tensor: Tensor) -> String {
      "(\(tensor.shape.map { "\($0)," }.joined(separator: " ")))"
    }
    return construction.call(
      "KerasMultiHead",
      [query, key, value, output].map { shape($0.kernel) }
        + [query.bias == nil ? "bias=False" : nil, isCausal ? "causal=True" : nil])
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    var rest = Array(zip(call.inputs, call.node.inputs).dropFirst(hasKey ? 3 : 2))
    var arguments = Array(call.inputs.prefix(hasKey ? 3 : 2))
    for (name, isThere) in [
      ("query_mask", masks.query), ("value_mask", masks.value), ("key_mask", masks.key),
    ] where isThere && !rest.isEmpty {
      arguments.append("\(name)=\(code.mask(rest.removeFirst().1))")
    }
    return call.assigning("\(call.module)(\(arguments.joined(separator: ", ")))")
  }

  private static let module = """
    class KerasMultiHead(nn.Module):
        \"\"\"Attention of several heads; kernels are (width, heads, size), the last one (heads, size, width).\"\"\"

        def __init__(self, query, key, value, output, *, bias=True, causal=False, dtype=torch.float32):
            super().__init__()
            self.causal = causal
            shapes = {"query": query, "key": key, "value": value, "output": output}
            for name, shape in shapes.items():
                own = shape[2:] if name == "output" else shape[1:]
                setattr(self, name + "_kernel", nn.Parameter(torch.zeros(shape, dtype=dtype)))
                shift = nn.Parameter(torch.zeros(own, dtype=dtype)) if bias else None
                self.register_parameter(name + "_bias", shift)

        def project(self, name, x):
            y = torch.einsum("btw,whs->bhts", x, getattr(self, name + "_kernel"))
            shift = getattr(self, name + "_bias")
            return y if shift is None else y + shift.unsqueeze(1)

        def forward(self, query, value, key=None, query_mask=None, value_mask=None, key_mask=None):
            key = value if key is None else key
            q, k, v = self.project("query", query), self.project("key", key), self.project("value", value)
            k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
            scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])
            counts = torch.ones(scores.shape[2:], dtype=torch.bool, device=scores.device)
            if self.causal:
                counts = counts.tril()
            counts = counts.expand(scores.shape[0], 1, -1, -1)
            if query_mask is not None:
                counts = counts & query_mask[:, None, :, None]
            for mask in (value_mask, key_mask):
                if mask is not None:
                    counts = counts & mask[:, None, None, :]
            scores = scores.masked_fill(~counts, torch.finfo(scores.dtype).min)
            y = torch.einsum("bhts,hsw->btw", torch.softmax(scores, -1) @ v, self.output_kernel)
            return y if self.output_bias is None else y + self.output_bias
    """
}
