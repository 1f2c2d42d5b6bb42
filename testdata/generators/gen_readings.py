"""readings/: state dicts whose tensors leave open what is computed, with what PyTorch computed.  usage: gen_readings.py OUT

quantized_head.pt is a dynamically quantized model with what the quantized model computed. encoder_decoder.pt has the
order of registration, which safetensors files do not keep. strings.h5 is an HDF5 file of numbers and strings. A new case goes to the END, so that the seeds of the others stay.
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


class Loop(nn.Module):
    """A cell that is called for every token."""

    def __init__(self):
        super().__init__()
        self.table_emb, self.cell, self.out = nn.Embedding(7, 3), nn.LSTMCell(3, 4), nn.Linear(4, 2)

    def forward(self, tokens):
        state, outputs = None, []
        for token in tokens.unbind(1):
            state = self.cell(self.table_emb(token), state)
            outputs.append(self.out(state[0]))
        return torch.stack(outputs, 1)


class Convolved(nn.Module):
    """Channels are the second axis of a convolution and the last one of an LSTM."""

    def __init__(self):
        super().__init__()
        self.conv, self.lstm, self.out = nn.Conv1d(3, 4, 3, padding=1), nn.LSTM(4, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, x):
        return self.out(self.lstm(self.conv(x).transpose(1, 2))[0][:, -1])


class EncoderDecoder(nn.Module):
    """The decoder begins where the encoder ended."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.LSTM(3, 4, batch_first=True), nn.LSTM(3, 4, batch_first=True)
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(self.decoder(x, self.encoder(x)[1])[0])


def head(rnn, *layers, **options):
    return Head(rnn, lambda y, s: y[:, -1], *layers, **options)


def numbered():
    return head(lstm(), nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Dropout(0.1), nn.Linear(5, 2)), names=("head",))


def mixed():
    layers = nn.Sequential(nn.Dropout(0.1), nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2))
    return head(lstm(), layers, names=("head",))


class Named(Head):
    """A ReLU that has no name between two Linear."""

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(self.rnn(x)[0][:, -1])))


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
    ("numbered_head", numbered, (3, 5, 3)),
    ("dropout_first", mixed, (3, 5, 3)),
    ("two_linears", lambda: Named(lstm(), None, nn.Linear(4, 5), nn.Linear(5, 2), names=("fc1", "fc2")), (3, 5, 3)),
    ("projected", lambda: head(lstm(proj_size=2), nn.Linear(2, 2)), (2, 5, 3)),
    ("normalized", lambda: head(lstm(), nn.BatchNorm1d(4), nn.Linear(4, 2), names=("norm", "out")), (2, 5, 3)),
    ("convolved", Convolved, (2, 3, 5)),
    ("cell_in_loop", Loop, (2, 5)),
    ("encoder_decoder", EncoderDecoder, (2, 5, 3)),
    ("weight_norm_head", lambda: head(lstm(), nn.utils.parametrizations.weight_norm(nn.Linear(4, 2))), (2, 5, 3)),
]


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(exist_ok=True)
    for seed, (name, make, shape) in enumerate(CASES):
        torch.manual_seed(seed)
        model = make().eval()
        x = torch.randn(*shape) if name != "cell_in_loop" else torch.randint(0, 7, shape)
        with torch.no_grad():
            for p in model.parameters():
                p.copy_(torch.randn_like(p) * 0.5)
            y = model(x)
        flat = [y[0]] + list(y[1] if isinstance(y[1], tuple) else [y[1]]) if isinstance(y, tuple) else [y]
        np.savez(out / f"{name}.golden.npz", in_0=x.numpy(), **{f"out_{i}": v.numpy() for i, v in enumerate(flat)})
        save_file({k: v.contiguous() for k, v in model.state_dict().items()}, out / f"{name}.safetensors")
        if name == "encoder_decoder":
            torch.save(model.state_dict(), out / f"{name}.pt")
    torch.manual_seed(100)
    model = torch.ao.quantization.quantize_dynamic(head(lstm(), nn.Linear(4, 2)), {nn.LSTM, nn.Linear}, dtype=torch.qint8)
    x = torch.randn(2, 5, 3)
    torch.save(model.state_dict(), out / "quantized_head.pt")
    np.savez(out / "quantized_head.golden.npz", in_0=x.numpy(), out_0=model(x).numpy())
    with h5py.File(out / "strings.h5", "w") as file:
        file["weights/kernel"] = np.arange(6, dtype="f4").reshape(2, 3)
        file["vocabulary"] = np.array([b"one", b"two"])


if __name__ == "__main__":
    main()
