import RecurSource
import RecurTensors

/// Classes of `torch.nn` that are put together of others, as sources of their own
/// (torch/nn/modules/transformer.py).
enum SourceProvided {
  /// The name of the module that has them.
  static let module = "torch.nn.modules.transformer"

  /// The names of the classes.
  private static let classes = ["TransformerEncoderLayer", "TransformerEncoder"]

  /// The source; nil where no text names one of the classes.
  static func tree(for texts: [SourceText]) throws(CheckpointError) -> SourceTree? {
    guard texts.contains(where: { text in classes.contains { text.contains($0) } }) else {
      return nil
    }
    return try SourceTree(parsing: SourceText(name: module, bytes: Array(source.utf8)))
  }

  /// The name in the source of a class of this full name; nil for another name.
  static func className(_ name: String) -> String? {
    guard name.hasPrefix("torch.nn."), let last = name.split(separator: ".").last else {
      return nil
    }
    return classes.first { $0 == last }
  }

  private static let source = """
    import copy
    import torch.nn.functional as F
    from torch import nn

    class TransformerEncoderLayer(nn.Module):
        def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation="relu",
                     layer_norm_eps=1e-5, batch_first=False, norm_first=False, bias=True,
                     device=None, dtype=None):
            super().__init__()
            self.self_attn = nn.MultiheadAttention(
                d_model, nhead, dropout=dropout, bias=bias, batch_first=batch_first)
            self.linear1 = nn.Linear(d_model, dim_feedforward, bias=bias)
            self.linear2 = nn.Linear(dim_feedforward, d_model, bias=bias)
            self.norm1 = nn.LayerNorm(d_model, eps=layer_norm_eps, bias=bias)
            self.norm2 = nn.LayerNorm(d_model, eps=layer_norm_eps, bias=bias)
            self.norm_first = norm_first
            self.activation = activation

        def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
            # Torch makes zeros of padded rows, where it takes another way.
            if src_key_padding_mask is not None:
                raise ValueError("src_key_padding_mask")
            if self.norm_first:
                x = src + self.attend(self.norm1(src), src_mask)
                return x + self.feed(self.norm2(x))
            x = self.norm1(src + self.attend(src, src_mask))
            return self.norm2(x + self.feed(x))

        def attend(self, x, mask):
            return self.self_attn(x, x, x, attn_mask=mask, need_weights=False)[0]

        def feed(self, x):
            x = self.linear1(x)
            if not isinstance(self.activation, str):
                x = self.activation(x)
            elif self.activation == "gelu":
                x = F.gelu(x)
            else:
                x = F.relu(x)
            return self.linear2(x)

    class TransformerEncoder(nn.Module):
        def __init__(self, encoder_layer, num_layers, norm=None, enable_nested_tensor=True,
                     mask_check=True):
            super().__init__()
            self.layers = nn.ModuleList([copy.deepcopy(encoder_layer) for _ in range(num_layers)])
            self.norm = norm

        def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
            x = src
            for layer in self.layers:
                x = layer(x, mask, src_key_padding_mask)
            return x if self.norm is None else self.norm(x)
    """
}
