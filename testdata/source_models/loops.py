"""Loops over timesteps that compute cells by their equations."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Elman(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = hidden
        self.i = nn.Linear(inputs, hidden)
        self.h = nn.Linear(hidden, hidden)
        self.fc = nn.Linear(hidden, 2)

    def forward(self, x):
        h = torch.zeros(x.size(0), self.hidden)
        outputs = []
        for t in range(x.size(1)):
            h = torch.tanh(self.i(x[:, t]) + self.h(h))
            out = self.fc(h)
            outputs.append(out.unsqueeze(1))
        return torch.cat(outputs, 1), h, out


class Joined(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = hidden
        self.update = nn.Linear(inputs + hidden, hidden)
        self.reset = nn.Linear(inputs + hidden, hidden)
        self.new = nn.Linear(inputs + hidden, hidden)

    def step(self, x, h):
        both = torch.cat([x, h], dim=1)
        z, r = torch.sigmoid(self.update(both)), torch.sigmoid(self.reset(both))
        n = torch.tanh(self.new(torch.cat([x, r * h], dim=1)))
        return (1 - z) * n + z * h

    def forward(self, x):
        h = torch.zeros(x.size(0), self.hidden)
        outputs = torch.zeros(x.size(0), x.size(1), self.hidden)
        for t in range(x.size(1)):
            h = self.step(x[:, t], h)
            outputs[:, t] = h
        return outputs


class LongShort(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = hidden
        self.w = nn.Parameter(torch.randn(inputs, 4 * hidden))
        self.u = nn.Parameter(torch.randn(hidden, 4 * hidden))
        self.b = nn.Parameter(torch.randn(4 * hidden))

    def forward(self, x):
        size = self.hidden
        states = (torch.zeros(x.size(0), size), torch.zeros(x.size(0), size))
        h, c = states
        outputs = []
        for x_t in x.unbind(1):
            gates = x_t @ self.w + h @ self.u + self.b
            i, f = torch.sigmoid(gates[:, :size]), torch.sigmoid(gates[:, size:2 * size])
            g, o = torch.tanh(gates[:, 2 * size:3 * size]), torch.sigmoid(gates[:, 3 * size:])
            c = f * c + i * g
            h = o * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs, 1), (h, c)


class Light(nn.Module):
    """A gated unit without a reset gate, whose input is normalized before."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.w = nn.Linear(inputs, 2 * hidden, bias=False)
        self.u = nn.Linear(hidden, 2 * hidden, bias=False)
        self.norm = nn.BatchNorm1d(2 * hidden)
        self.register_buffer("first", torch.zeros(1, hidden))
        self.register_buffer("one", torch.tensor([1.0]))

    def forward(self, x):
        w = self.w(x)
        w = self.norm(w.reshape(w.shape[0] * w.shape[1], w.shape[2]))
        w = w.reshape(x.shape[0], x.shape[1], w.shape[1])
        self.one = self.one.to(x.device)
        h = self.first.broadcast_to(w.shape[0], self.first.shape[1])
        outputs = []
        for k in range(w.shape[1]):
            a, z = (w[:, k] + self.u(h)).chunk(2, 1)
            z = torch.sigmoid(z)
            h = z * h + (1 - z) * (torch.relu(a) * self.one)
            outputs.append(h)
        return torch.stack(outputs, dim=1)


class Stacked(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = hidden
        self.cells = nn.ModuleList(
            nn.ModuleList([nn.Linear(inputs if n == 0 else hidden, hidden), nn.Linear(hidden, hidden)])
            for n in range(2))

    def forward(self, x):
        h = [torch.zeros(x.size(0), self.hidden) for _ in self.cells]
        outputs = []
        for t in range(x.size(1)):
            y = x[:, t]
            for n, (i, u) in enumerate(self.cells):
                h[n] = torch.tanh(i(y) + u(h[n]))
                y = h[n]
            outputs.append(y)
        return torch.stack(outputs, 1), h[0]


class Rebound(Stacked):
    def forward(self, x):
        states = (torch.zeros(x.size(0), self.hidden), torch.zeros(x.size(0), self.hidden))
        for x_t in x.transpose(0, 1):
            new, y = [], x_t
            for (i, u), h in zip(self.cells, states):
                y = torch.tanh(i(y) + u(h))
                new.append(y)
            states = tuple(new)
        return y, states[0]


class Mixed(nn.Module):
    """A cell of torch and one of equations, and the timesteps in front."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = hidden
        self.cell = nn.LSTMCell(inputs, hidden)
        self.i = nn.Linear(hidden, hidden)
        self.u = nn.Linear(hidden, hidden)

    def forward(self, x):
        x = x.permute(1, 0, 2)
        h = c = s = x.new_zeros(x.size(1), self.hidden)
        outputs = torch.zeros(x.size(0), x.size(1), self.hidden)
        for t in range(len(x)):
            h, c = self.cell(x[t], (h, c))
            s = torch.tanh(self.i(F.relu(h)) + self.u(s))
            outputs[t] = s
        return outputs, c


class Dropped(nn.Module):
    """Keeps a weight of a layer under a name of its own, and puts it back in every call."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.module = nn.LSTM(inputs, hidden, batch_first=True)
        weight = getattr(self.module, "weight_hh_l0")
        delattr(self.module, "weight_hh_l0")
        self.register_parameter("weight_hh_l0_raw", nn.Parameter(weight.data))
        setattr(self.module, "weight_hh_l0", weight.clone())

    def forward(self, x):
        raw = getattr(self, "weight_hh_l0_raw")
        setattr(self.module, "weight_hh_l0", F.dropout(raw, p=0.5) if self.training else raw.clone())
        return self.module(x)[0]
