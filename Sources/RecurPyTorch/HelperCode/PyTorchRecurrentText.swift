/// Python for recurrent layers that torch.nn can't compute: Keras' activations, masks and states
/// (keras/src/layers/rnn/; keras/src/backend/tensorflow/rnn.py for masks).
extension PyTorchHelpers {
  static let ofRecurrentLayers = [
    PyTorchHelper("_over_time", overTime), PyTorchHelper("_torch_states", torchStates),
    PyTorchHelper("_kept_or_given", keptOrGiven), PyTorchHelper("KerasCell", cell),
  ]

  private static let overTime = """
    def _over_time(step, x, states, mask, masked_output):
        \"\"\"The outputs of step at every timestep, and the last states.

        A masked timestep keeps the states. It puts out the output before it (zeros before the
        first timestep that counts), zeros ("zero"), or the state that it keeps ("state").
        \"\"\"
        outputs, output = [], None
        for t in range(x.shape[1]):
            next_output, next_states = step(x[:, t], states)
            if mask is None:
                output, states = next_output, next_states
            else:
                counts = mask[:, t].unsqueeze(-1)
                skipped = torch.zeros_like(next_output) if output is None else output
                if masked_output == "zero":
                    skipped = torch.zeros_like(next_output)
                elif masked_output == "state":
                    skipped = states[0]
                output = torch.where(counts, next_output, skipped)
                states = tuple(torch.where(counts, *pair) for pair in zip(next_states, states))
            outputs.append(output)
        return torch.stack(outputs, 1), tuple(states)
    """

  private static let torchStates = """
    def _torch_states(states, count):
        \"\"\"The states [batch, units] of every direction as torch.nn takes them.\"\"\"
        if states is None:
            return None
        stacked = tuple(torch.stack(states[index::count]) for index in range(count))
        return stacked if count > 1 else stacked[0]
    """

  private static let keptOrGiven = """
    def _kept_or_given(kept, start, given):
        \"\"\"Keras 2 prefers the states a layer kept, once one of them is not all zeros.\"\"\"
        own = () if kept is None else kept[start:start + len(given)]
        return own if any(bool((state != 0).any()) for state in own) else given
    """

  private static let cell = """
    class KerasCell(nn.Module):
        \"\"\"A recurrent layer written out, with Keras' activations and masks.

        Its parameters are those of nn.LSTM, nn.GRU or nn.RNN; in a stack, those of nn.LSTMCell and
        its like. forward takes x [batch, timesteps, inputs], the states [batch, units] of every
        direction and which timesteps count; it returns the sequence and the last states. The
        second direction reads from the end; its outputs stand in the order of time, behind those
        of the first.
        \"\"\"

        gates, state_count = 1, 1

        def __init__(self, input_size, units, *, activation, recurrent_activation=None, bias=True,
                     proj_size=0, bidirectional=False, stacked=False, masked_output="previous",
                     dtype=torch.float32):
            super().__init__()
            self.units = units
            self.output_size = proj_size or units
            self.activation = activation
            self.recurrent_activation = recurrent_activation
            self.masked_output = masked_output
            self.suffixes = [""] if stacked else ["_l0", "_l0_reverse"][:2 if bidirectional else 1]
            rows = self.gates * units
            shapes = {"weight_ih": (rows, input_size), "weight_hh": (rows, self.output_size)}
            if bias:
                shapes.update(bias_ih=(rows,), bias_hh=(rows,))
            if proj_size:
                shapes.update(weight_hr=(proj_size, units))
            for suffix in self.suffixes:
                for name, shape in shapes.items():
                    weight = nn.Parameter(torch.zeros(shape, dtype=dtype))
                    self.register_parameter(name + suffix, weight)

        def weights(self, suffix):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            return [getattr(self, name + suffix, None) for name in names]

        def zero_states(self, x):
            widths = (self.output_size, self.units)[:self.state_count]
            return tuple(x.new_zeros(x.shape[0], width) for width in widths)

        def forward(self, x, states=None, mask=None):
            if states is None:
                states = self.zero_states(x) * len(self.suffixes)
            outputs, last = [], ()
            for index, suffix in enumerate(self.suffixes):
                first = index * self.state_count
                order = (lambda s: s) if index == 0 else (lambda s: s.flip(1))
                y, after = _over_time(
                    lambda x, states: self.step(x, states, suffix), order(x),
                    states[first:first + self.state_count],
                    None if mask is None else order(mask), self.masked_output)
                outputs.append(order(y))
                last += after
            return outputs[0] if len(outputs) == 1 else torch.cat(outputs, -1), last
    """
}
