/// Python for recurrent layers that torch.nn has not: Keras' activations, masks, cells and states
/// (keras/src/layers/rnn/lstm.py, gru.py, simple_rnn.py, stacked_rnn_cells.py, bidirectional.py;
/// keras/src/backend/tensorflow/rnn.py for masks).
enum PyTorchRecurrentText {
  static let definitions = [
    ("_over_time", overTime), ("_torch_states", torchStates), ("_kept_or_given", keptOrGiven),
    ("KerasCell", cell), ("KerasLSTM", lstm), ("KerasGRU", gru), ("KerasRNN", simpleRNN),
    ("KerasStack", stack), ("KerasBidirectional", bidirectional),
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

  private static let lstm = """
    class KerasLSTM(KerasCell):
        \"\"\"Rows i, f, g, o; the states are h and c.\"\"\"

        gates, state_count = 4, 2

        def step(self, x, states, suffix=""):
            w, u, b, d = self.weights(suffix)
            h, c = states
            i, f, g, o = (F.linear(x, w, b) + F.linear(h, u, d)).chunk(4, -1)
            i, f = self.recurrent_activation(i), self.recurrent_activation(f)
            c = f * c + i * self.activation(g)
            h = self.recurrent_activation(o) * self.activation(c)
            p = getattr(self, "weight_hr" + suffix, None)
            h = h if p is None else F.linear(h, p)
            return h, (h, c)
    """

  private static let gru = """
    class KerasGRU(KerasCell):
        \"\"\"Rows r, z, n; the reset gate is applied to the state or, after its product, to that.\"\"\"

        gates = 3

        def __init__(self, *arguments, reset_after, **options):
            super().__init__(*arguments, **options)
            self.reset_after = reset_after

        def step(self, x, states, suffix=""):
            w, u, b, d = self.weights(suffix)
            (h,) = states
            x_r, x_z, x_n = F.linear(x, w, b).chunk(3, -1)
            rows = 2 * self.units
            h_r, h_z = F.linear(h, u[:rows], None if d is None else d[:rows]).chunk(2, -1)
            r, z = self.recurrent_activation(x_r + h_r), self.recurrent_activation(x_z + h_z)
            u_n, d_n = u[rows:], None if d is None else d[rows:]
            h_n = r * F.linear(h, u_n, d_n) if self.reset_after else F.linear(r * h, u_n, d_n)
            h = z * h + (1 - z) * self.activation(x_n + h_n)
            return h, (h,)
    """

  private static let simpleRNN = """
    class KerasRNN(KerasCell):
        \"\"\"One product and no gates.\"\"\"

        def step(self, x, states, suffix=""):
            w, u, b, d = self.weights(suffix)
            h = self.activation(F.linear(x, w, b) + F.linear(states[0], u, d))
            return h, (h,)
    """

  private static let stack = """
    class KerasStack(nn.Module):
        \"\"\"Cells one on top of the other within each timestep.\"\"\"

        def __init__(self, *cells, masked_output="previous"):
            super().__init__()
            self.cells = nn.ModuleList(cells)
            self.state_count = sum(cell.state_count for cell in cells)
            self.masked_output = masked_output

        def zero_states(self, x):
            return sum((cell.zero_states(x) for cell in self.cells), ())

        def step(self, x, states):
            after = ()
            for cell in self.cells:
                x, own = cell.step(x, states[:cell.state_count])
                states, after = states[cell.state_count:], after + own
            return x, after

        def forward(self, x, states=None, mask=None):
            states = self.zero_states(x) if states is None else states
            return _over_time(self.step, x, states, mask, self.masked_output)
    """

  private static let bidirectional = """
    class KerasBidirectional(nn.Module):
        \"\"\"Two unlike recurrent layers; the second reads from the end.

        Its outputs stand in the order of time, behind those of the first.
        \"\"\"

        def __init__(self, forward_layer, backward_layer):
            super().__init__()
            self.forward_layer = forward_layer
            self.backward_layer = backward_layer

        def forward(self, x, states=None, mask=None):
            count = self.forward_layer.state_count
            one, other = (None, None) if states is None else (states[:count], states[count:])
            y, one = self.forward_layer(x, one, mask)
            mask = None if mask is None else mask.flip(1)
            z, other = self.backward_layer(x.flip(1), other, mask)
            return torch.cat((y, z.flip(1)), -1), one + other
    """
}
