/// Python that generated modules carry with them when they need it.
enum PyTorchModuleText {
  /// An LSTM written out, with the parameters of nn.LSTM and the masks of Keras
  /// (keras/src/layers/rnn/lstm.py; keras/src/backend/tensorflow/rnn.py for masks).
  static let kerasLSTM = """
    class KerasLSTM(nn.Module):
        \"\"\"An LSTM with Keras' activations and masks; its parameters are those of nn.LSTM.

        A masked timestep keeps the state and puts out the output before it (zeros before the
        first timestep that counts), or zeros with zero_output_for_mask.
        \"\"\"

        def __init__(self, input_size, units, *, activation, recurrent_activation, bias=True,
                     zero_output_for_mask=False, dtype=torch.float32):
            super().__init__()
            self.units = units
            self.activation = activation
            self.recurrent_activation = recurrent_activation
            self.zero_output_for_mask = zero_output_for_mask
            self.weight_ih_l0 = nn.Parameter(torch.zeros(4 * units, input_size, dtype=dtype))
            self.weight_hh_l0 = nn.Parameter(torch.zeros(4 * units, units, dtype=dtype))
            self.bias_ih_l0 = nn.Parameter(torch.zeros(4 * units, dtype=dtype)) if bias else None
            self.bias_hh_l0 = nn.Parameter(torch.zeros(4 * units, dtype=dtype)) if bias else None

        def forward(self, x, state=None, mask=None):
            zeros = torch.zeros(x.shape[0], self.units, dtype=x.dtype, device=x.device)
            h, c = (zeros, zeros) if state is None else state
            output, outputs = zeros, []
            for t in range(x.shape[1]):
                z = F.linear(x[:, t], self.weight_ih_l0, self.bias_ih_l0)
                z = z + F.linear(h, self.weight_hh_l0, self.bias_hh_l0)
                i, f, g, o = z.chunk(4, -1)
                i, f = self.recurrent_activation(i), self.recurrent_activation(f)
                next_c = f * c + i * self.activation(g)
                next_h = self.recurrent_activation(o) * self.activation(next_c)
                if mask is None:
                    h, c, output = next_h, next_c, next_h
                else:
                    counts = mask[:, t].unsqueeze(-1)
                    h, c = torch.where(counts, next_h, h), torch.where(counts, next_c, c)
                    skipped = zeros if self.zero_output_for_mask else output
                    output = torch.where(counts, next_h, skipped)
                outputs.append(output)
            return torch.stack(outputs, 1), (h, c)
    """
}
