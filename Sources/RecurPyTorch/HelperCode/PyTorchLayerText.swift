/// Python for the other layers that torch.nn has not, or not with Keras' meaning.
enum PyTorchLayerText {
  static let definitions = [
    ("_each_timestep", eachTimestep), ("_same_padding", samePadding),
    ("_average_pool", averagePool), ("_masked_mean", maskedMean), ("_normalized", normalized),
    ("KerasPReLU", parametricReLU), ("KerasNormalization", normalization),
    ("KerasAttention", attention),
  ]

  private static let eachTimestep = """
    def _each_timestep(layer, x):
        \"\"\"layer applied to every timestep (axis 1) by itself.\"\"\"
        return layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])
    """

  private static let samePadding = """
    def _same_padding(x, span, stride):
        \"\"\"What TensorFlow's "same" adds to the timesteps of x, more of it at the end, for F.pad.\"\"\"
        windows = (x.shape[1] + stride - 1) // stride
        missing = max((windows - 1) * stride + span - x.shape[1], 0)
        return 0, 0, missing // 2, missing - missing // 2
    """

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

  private static let normalized = """
    def _normalized(x, axis):
        \"\"\"x divided by its length along an axis.\"\"\"
        return x * torch.rsqrt(torch.clamp((x * x).sum(axis, keepdim=True), min=1e-12))
    """

  private static let parametricReLU = """
    class KerasPReLU(nn.Module):
        \"\"\"x where it is positive, else weight * x; weight has the shape of x without the batch.\"\"\"

        def __init__(self, *shape, dtype=torch.float32):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(shape, dtype=dtype))

        def forward(self, x):
            return torch.where(x > 0, x, self.weight * x)
    """

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
