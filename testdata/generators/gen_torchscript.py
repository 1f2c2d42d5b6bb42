"""Writes archives of torch.jit.save and what torch computes with them.

usage: gen_torchscript.py FOLDER    (torch 2.13, numpy)

NAME.pt with NAME.golden.npz are read; those in FOLDER/refused are not, each for one reason. NAME_traced.pt is the
model of NAME.pt traced in place of scripted.
"""
import os
import sys
import warnings
from typing import Dict, List, Tuple

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

warnings.filterwarnings("ignore")
folder = sys.argv[1]
os.makedirs(os.path.join(folder, "refused"), exist_ok=True)
torch.manual_seed(7)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(9, 3)
        self.lstm = nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True, dropout=0.2)
        self.drop = nn.Dropout(0.5)
        self.norm = nn.LayerNorm(8)
        self.fc = nn.Linear(8, 2)

    def forward(self, tokens):
        y, _ = self.lstm(self.embed(tokens))
        return torch.log_softmax(self.fc(self.drop(self.norm(y[:, -1]))), dim=-1)


class Policy(nn.Module):
    """An LSTM whose states are buffers."""

    def __init__(self):
        super().__init__()
        self.memory = nn.LSTM(3, 4)
        self.actor = nn.Sequential(nn.Linear(4, 5), nn.ELU(), nn.Linear(5, 2))
        self.register_buffer("hidden_state", torch.zeros(1, 1, 4))
        self.register_buffer("cell_state", torch.zeros(1, 1, 4))

    def forward(self, x):
        y, (h, c) = self.memory(x.unsqueeze(0), (self.hidden_state, self.cell_state))
        self.hidden_state[:] = h
        self.cell_state[:] = c
        return self.actor(y.squeeze(0))

    @torch.jit.export
    def reset_memory(self):
        self.hidden_state[:] = 0.0
        self.cell_state[:] = 0.0


class Packed(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(8, 2)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, h = self.rnn(packed)
        y, _ = pad_packed_sequence(y, batch_first=True)
        return self.fc(y), h


class Cells(nn.Module):
    """A cell in a loop over the timesteps, whose number is known only when the model runs."""

    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(3, 4)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        h = torch.zeros(x.size(0), 4)
        c = torch.zeros(x.size(0), 4)
        outputs: List[torch.Tensor] = []
        for t in range(x.size(1)):
            h, c = self.cell(x[:, t], (h, c))
            outputs.append(self.fc(h))
        return torch.stack(outputs, 1), h


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        y, _ = self.rnn(x)
        a, w = self.attention(y, y, y)
        return self.fc(torch.amax(y + a, dim=1)), w


class Sides(nn.Module):
    """A dictionary of arrays, a state in a tuple, an argument with a default, a branch that is not taken."""

    scale: float

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(6, 2)
        self.lstm = nn.LSTM(5, 4, batch_first=True)
        self.heads = nn.ModuleDict({"one": nn.Linear(4, 2), "two": nn.Linear(4, 3)})
        self.scale = 0.5

    def forward(self, batch: Dict[str, torch.Tensor], state: Tuple[torch.Tensor, torch.Tensor], wide: bool = False):
        e = self.embed(batch["item"]).unsqueeze(1).expand(-1, batch["x"].shape[1], -1)
        y, (h, c) = self.lstm(torch.cat([batch["x"], e], -1), state)
        if wide:
            head = self.heads["two"](y)
        else:
            head = self.heads["one"](y) * self.scale
        return {"y": head.masked_fill(head < 0, -1.0), "h": h, "c": c}


class Front(nn.Module):
    """Positions from a table, convolutions, batch normalization, a mean that leaves padding out."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(9, 4, padding_idx=0)
        self.register_buffer("positions", torch.randn(12, 4))
        self.conv = nn.Conv1d(4, 6, 3, padding=1)
        self.norm = nn.BatchNorm1d(6)
        self.rnn = nn.RNN(6, 4, nonlinearity="relu", batch_first=True)

    def forward(self, tokens):
        x = self.embed(tokens) + self.positions[: tokens.size(1)]
        x = torch.relu(self.norm(self.conv(x.transpose(1, 2)))).transpose(1, 2)
        y, _ = self.rnn(x)
        mask = (tokens != 0).unsqueeze(-1).float()
        return (y * mask).sum(1) / mask.sum(1).clamp(min=1.0)


class While(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True)

    def forward(self, x):
        y, _ = self.rnn(x)
        while y.sum() > 1.0:
            y = y * 0.5
        return y


class Choice(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True)

    def forward(self, x):
        y, _ = self.rnn(x)
        if bool(y.sum() > 0):
            y = -y
        return y


class Equations(nn.Module):
    """A cell that is written out by its equations."""

    def __init__(self):
        super().__init__()
        self.i = nn.Linear(3, 4)
        self.h = nn.Linear(4, 4)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        h = torch.zeros(x.size(0), 4)
        for t in range(x.size(1)):
            h = torch.tanh(self.i(x[:, t]) + self.h(h))
        return self.fc(h)


class Recurrence(nn.Module):
    """A recurrence that is written out and is no cell that is known."""

    def __init__(self):
        super().__init__()
        self.i = nn.Linear(3, 4)
        self.h = nn.Linear(4, 4)
        self.rnn = nn.GRU(4, 4, batch_first=True)

    def forward(self, x):
        h = torch.zeros(x.size(0), 4)
        for t in range(x.size(1)):
            h = h * torch.tanh(self.i(x[:, t]) + self.h(h))
        return h


class Spectrum(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True)

    def forward(self, x):
        return torch.fft.rfft(self.rnn(x)[0], dim=-1).abs()


class Rate(nn.Module):
    """A number that is no array and has no default."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True)

    def forward(self, x, rate: int):
        y, _ = self.rnn(x)
        return y if rate == 16000 else -y


def randomized(module):
    for parameter in module.parameters():
        nn.init.uniform_(parameter, -0.6, 0.6)
    for buffer in module.modules():
        if isinstance(buffer, nn.BatchNorm1d):
            nn.init.uniform_(buffer.running_mean, -0.5, 0.5)
            nn.init.uniform_(buffer.running_var, 0.5, 1.5)
    return module.eval()


def arrays(value):
    if isinstance(value, torch.Tensor):
        return [value]
    values = value.values() if isinstance(value, dict) else value
    return [a for v in values for a in arrays(v)]


def write(name, module, inputs, traced=False, values=()):
    module = randomized(module)
    with torch.no_grad():
        outputs = arrays(module(*inputs, *values))
        if hasattr(module, "reset_memory"):
            module.reset_memory()
        script = torch.jit.script(module)
        torch.jit.save(script, os.path.join(folder, name + ".pt"))
        if traced:
            trace = torch.jit.trace(module, inputs)
            torch.jit.save(trace, os.path.join(folder, name + "_traced.pt"))
    golden = {f"in_{i}": a.numpy() for i, a in enumerate(arrays(inputs))}
    golden.update({f"out_{i}": a.numpy() for i, a in enumerate(outputs)})
    np.savez(os.path.join(folder, name + ".golden.npz"), **golden)


write("tagger", Tagger(), (torch.randint(0, 9, (3, 5)),), traced=True)
write("policy", Policy(), (torch.randn(1, 3),))
write("packed", Packed(), (torch.randn(3, 5, 3), torch.tensor([3, 5, 2])))
write("cells", Cells(), (torch.randn(2, 6, 3),))
write("attention", Attention(), (torch.randn(2, 5, 3),))
write("sides", Sides(), ({"x": torch.randn(2, 5, 3), "item": torch.tensor([1, 4])}, (torch.randn(1, 2, 4), torch.randn(1, 2, 4))))
write("front", Front(), (torch.tensor([[3, 1, 8, 0], [2, 5, 7, 4]]),), traced=True)
write("rate", Rate(), (torch.randn(2, 4, 3),), values=(16000,))

for name, module in {
    "while": While(), "choice": Choice(), "recurrence": Recurrence(), "spectrum": Spectrum(),
}.items():
    torch.jit.save(torch.jit.script(randomized(module)), os.path.join(folder, "refused", name + ".pt"))
quantized = torch.ao.quantization.quantize_dynamic(
    nn.Sequential(nn.Linear(3, 4)).eval(), {nn.Linear}, dtype=torch.qint8)
torch.jit.save(torch.jit.script(quantized), os.path.join(folder, "refused", "quantized.pt"))
write("equations", Equations(), (torch.randn(2, 6, 3),))
