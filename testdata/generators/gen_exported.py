"""Writes programs of torch.export and what torch computes with them.

usage: gen_exported.py FOLDER    (torch 2.13, numpy)

NAME.pt2 with NAME.golden.npz are read; those in FOLDER/refused are not, each for one reason. Graphs as exported
and after run_decompositions(); names that end in _core are decomposed.
"""
import os
import sys

import numpy as np
import torch
from torch import nn
from torch.export import Dim, export, save

folder = sys.argv[1]
os.makedirs(os.path.join(folder, "refused"), exist_ok=True)
torch.manual_seed(3)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(9, 3)
        self.lstm = nn.LSTM(3, 4, bidirectional=True, batch_first=True)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(8, 2)

    def forward(self, tokens):
        y, _ = self.lstm(self.embed(tokens))
        return self.fc(self.drop(y[:, -1]))


class TimeFirst(nn.Module):
    """Two layers with the timesteps first, and the final states of both directions side by side."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, num_layers=2, bidirectional=True)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        y, h = self.rnn(x)
        last = torch.cat((h[-2], h[-1]), dim=1)
        return self.fc(last), torch.relu(y).mean(0), y[-1]


class Front(nn.Module):
    """Channels behind the batch: convolutions, batch normalization, pooling."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(2, 4, 3, padding=1)
        self.norm = nn.BatchNorm1d(4)
        self.pool = nn.MaxPool1d(2)
        self.gru = nn.GRU(4, 3, batch_first=True)
        self.head = nn.Linear(3, 1)

    def forward(self, x):
        x = self.pool(torch.relu(self.norm(self.conv(x))))
        y, _ = self.gru(x.permute(0, 2, 1))
        flat = y.reshape(-1, 3)
        return torch.sigmoid(self.head(flat)).view(x.size(0), -1)


class Policy(nn.Module):
    """An LSTM whose states are buffers."""

    def __init__(self):
        super().__init__()
        self.memory = nn.LSTM(5, 4)
        self.actor = nn.Sequential(nn.Linear(4, 6), nn.ELU(), nn.Linear(6, 2))
        self.register_buffer("hidden_state", torch.zeros(1, 1, 4))
        self.register_buffer("cell_state", torch.zeros(1, 1, 4))

    def forward(self, x):
        y, (h, c) = self.memory(x.unsqueeze(0), (self.hidden_state, self.cell_state))
        self.hidden_state[:] = h
        self.cell_state[:] = c
        return self.actor(y.squeeze(0))


class CellLoop(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(3, 4)
        self.out = nn.Linear(4, 2)

    def forward(self, x):
        h = x.new_zeros(x.size(0), 4)
        c = x.new_zeros(x.size(0), 4)
        steps = []
        for t in range(5):
            h, c = self.cell(x[:, t], (h, c))
            steps.append(h)
        return self.out(torch.stack(steps, 1)), h


class States(nn.Module):
    """Dictionaries of inputs and results, states given and returned."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, num_layers=2, batch_first=True)
        self.tag = nn.Linear(4, 3)

    def forward(self, batch):
        y, (h, c) = self.lstm(batch["x"], (batch["h"], batch["c"]))
        return {"tag": torch.softmax(self.tag(y), -1), "state": (h, c)}


class Learned(nn.Module):
    """A learned initial state, a position table and a product of weights."""

    def __init__(self):
        super().__init__()
        self.h0 = nn.Parameter(torch.randn(1, 1, 4))
        self.place = nn.Parameter(torch.randn(6, 3))
        self.scale = nn.Parameter(torch.randn(3))
        self.gru = nn.GRU(3, 4, batch_first=True)

    def forward(self, x):
        x = x * (self.scale * 2).exp() + self.place[: x.size(1)]
        y, h = self.gru(x, self.h0.expand(-1, x.size(0), -1).contiguous())
        return y.flip(1), h


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True)
        self.attn = nn.MultiheadAttention(4, 2, batch_first=True)
        self.norm = nn.LayerNorm(4)

    def forward(self, x):
        y, _ = self.lstm(x)
        z, weights = self.attn(y, y, y)
        return self.norm(y + z).mean(1), weights


BATCH = Dim("batch", min=1, max=64)


def rand(*shape):
    return torch.randn(*shape)


CASES = {
    "tagger": (Tagger(), (torch.randint(0, 9, (2, 5)),), [{0: BATCH}]),
    "time_first": (TimeFirst(), (rand(5, 2, 3),), [{1: BATCH}]),
    "front": (Front(), (rand(2, 2, 8),), [{0: BATCH}]),
    "policy": (Policy(), (rand(1, 5),), None),
    "cell_loop": (CellLoop(), (rand(2, 5, 3),), [{0: BATCH}]),
    "states": (States(), ({"x": rand(2, 5, 3), "h": rand(2, 2, 4), "c": rand(2, 2, 4)},),
               [{"x": {0: BATCH}, "h": {1: BATCH}, "c": {1: BATCH}}]),
    "learned": (Learned(), (rand(2, 6, 3),), [{0: BATCH}]),
    "attention": (Attention(), (rand(2, 5, 3),), [{0: BATCH}]),
}
KEPT = [torch.ops.aten.lstm.input, torch.ops.aten.gru.input]


def flat(value):
    if isinstance(value, torch.Tensor):
        return [value]
    values = value.values() if isinstance(value, dict) else value
    return [tensor for part in values for tensor in flat(part)]


def write(name, program, module, arguments):
    path = os.path.join(folder, name + ".pt2")
    save(program, path)
    module.eval()
    golden, calls = {}, 2 if isinstance(module, Policy) else 1
    for call in range(calls):
        given = arguments if call == 0 else tuple(torch.randn_like(a) for a in arguments)
        count = len(flat(given))
        for index, tensor in enumerate(flat(given)):
            golden["in_%d" % (call * count + index)] = tensor.numpy().copy()
        with torch.no_grad():
            results = flat(module(*given))
        for index, tensor in enumerate(results):
            golden["out_%d" % (call * len(results) + index)] = tensor.numpy().copy()
    np.savez(os.path.join(folder, name + ".golden.npz"), **golden)


for name, (module, arguments, shapes) in CASES.items():
    module.eval()
    program = export(module, arguments, dynamic_shapes=shapes)
    if isinstance(module, Policy):
        module.hidden_state.zero_(), module.cell_state.zero_()
    write(name, program, module, arguments)
for name in ("tagger", "front", "policy", "cell_loop", "attention"):
    module, arguments, shapes = CASES[name]
    program = export(module, arguments, dynamic_shapes=shapes)
    table = torch.export.default_decompositions()
    for operator in KEPT if name != "policy" else []:
        table.pop(operator, None)
    if isinstance(module, Policy):
        module.hidden_state.zero_(), module.cell_state.zero_()
        program = export(module, arguments)
    core = program.run_decompositions(table)
    write(name + "_core", core, module, arguments)


class Wave(nn.Module):
    def forward(self, x):
        return torch.fft.rfft(x).abs()


class Writes(nn.Module):
    def forward(self, x):
        x.add_(1)
        return x * 2


class Choice(nn.Module):
    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda x: x + 1, lambda x: x - 1, (x,))


class Started(Policy):
    def __init__(self):
        super().__init__()
        self.hidden_state += 1


class Count(nn.Module):
    """A state that no recurrent layer has."""

    def __init__(self):
        super().__init__()
        self.register_buffer("total", torch.zeros(3))

    def forward(self, x):
        self.total.add_(x)
        return self.total * 2


class Training(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(x)


REFUSED = {
    "operator": (Wave(), (rand(2, 8),)), "writes": (Writes(), (rand(2, 3),)),
    "branch": (Choice(), (rand(2, 3),)), "started": (Started(), (rand(1, 5),)),
    "count": (Count(), (rand(3),)), "training": (Training().train(), (rand(2, 3),)),
}
for name, (module, arguments) in REFUSED.items():
    if name != "training":
        module.eval()
    save(export(module, arguments), os.path.join(folder, "refused", name + ".pt2"))
