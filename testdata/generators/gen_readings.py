"""readings/: state dicts whose tensors leave open what is computed, with what PyTorch computed.  usage: gen_readings.py OUT

strings.h5 is an HDF5 file of numbers and strings. A new case goes to the END, so that the seeds of the others stay.
"""
import sys
import pathlib

import h5py
import numpy as np
import torch
from torch import nn
from safetensors.torch import save_file


class Head(nn.Module):
    """A recurrent module and what reads some of it."""

    def __init__(self, rnn, read, *layers, names=("fc",)):
        super().__init__()
        self.rnn = rnn
        self.read = read
        for name, layer in zip(names, layers):
            setattr(self, name, layer)
        self.names = names

    def forward(self, x):
        y = self.read(*self.rnn(x))
        for name in self.names:
            y = getattr(self, name)(y)
        return y


def lstm(**options):
    return nn.LSTM(3, 4, batch_first=True, **options)


CASES = [
    # name, model, shape of the input
    ("last_timestep", lambda: Head(lstm(), lambda y, s: y[:, -1], nn.Linear(4, 2)), (2, 5, 3)),
    ("every_timestep", lambda: Head(lstm(), lambda y, s: y, nn.Linear(4, 2)), (2, 5, 3)),
    ("final_state", lambda: Head(lstm(), lambda y, s: s[0][-1], nn.Linear(4, 2)), (2, 5, 3)),
    ("mean_of_timesteps", lambda: Head(lstm(), lambda y, s: y.mean(1), nn.Linear(4, 2)), (2, 5, 3)),
    ("final_cell_state", lambda: Head(lstm(), lambda y, s: s[1][-1], nn.Linear(4, 2)), (2, 5, 3)),
    ("last_of_both", lambda: Head(lstm(bidirectional=True), lambda y, s: y[:, -1], nn.Linear(8, 2)), (2, 5, 3)),
    ("states_of_both", lambda: Head(lstm(bidirectional=True), lambda y, s: torch.cat((s[0][-2], s[0][-1]), 1), nn.Linear(8, 2)), (2, 5, 3)),
    ("rnn_of_relu", lambda: Head(nn.RNN(3, 4, batch_first=True, nonlinearity="relu"), lambda y, s: y[:, -1], nn.Linear(4, 2)), (2, 5, 3)),
    ("rnn_bare", lambda: nn.RNN(3, 4, batch_first=True, nonlinearity="relu"), (2, 5, 3)),
    ("lstm_bare", lambda: nn.LSTM(3, 4, num_layers=2), (5, 2, 3)),
    ("same_widths", lambda: Head(nn.LSTM(4, 4, batch_first=True), lambda y, s: y[:, -1], nn.LayerNorm(4), nn.Linear(4, 2), names=("norm", "fc")), (2, 5, 4)),
    ("time_first", lambda: Head(nn.GRU(3, 4), lambda y, s: y[-1], nn.Linear(4, 2)), (5, 2, 3)),
    ("one_timestep", lambda: Head(lstm(), lambda y, s: y[:, -1], nn.Linear(4, 2)), (2, 1, 3)),
]


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(exist_ok=True)
    for seed, (name, make, shape) in enumerate(CASES):
        torch.manual_seed(seed)
        model = make().eval()
        x = torch.randn(*shape)
        with torch.no_grad():
            for p in model.parameters():
                p.copy_(torch.randn_like(p) * 0.5)
            y = model(x)
        flat = [y[0]] + list(y[1] if isinstance(y[1], tuple) else [y[1]]) if isinstance(y, tuple) else [y]
        np.savez(out / f"{name}.golden.npz", in_0=x.numpy(), **{f"out_{i}": v.numpy() for i, v in enumerate(flat)})
        save_file({k: v.contiguous() for k, v in model.state_dict().items()}, out / f"{name}.safetensors")
    with h5py.File(out / "strings.h5", "w") as file:
        file["weights/kernel"] = np.arange(6, dtype="f4").reshape(2, 3)
        file["vocabulary"] = np.array([b"one", b"two"])


if __name__ == "__main__":
    main()
