"""Cells in loops over timesteps, whose number is known only when the model runs."""
import torch
import torch.nn as nn


class Stepwise(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.LSTMCell(3, 4)
        self.second = nn.GRUCell(4, 4)
        self.stack = nn.ModuleList([nn.RNNCell(4, 4), nn.RNNCell(4, 4)])
        self.widen = nn.Linear(3, 4)
        self.out = nn.Linear(4, 2)

    def forward(self, x):
        h, c = x.new_zeros(x.size(0), 4), x.new_zeros(x.size(0), 4)
        g = None
        ys = []
        for t in range(x.size(1)):
            h, c = self.first(x[:, t, :], (h, c))
            g = self.second(torch.relu(h), g)
            ys.append(self.out(g).unsqueeze(1))
        y = torch.cat(ys, dim=1)
        states = [torch.zeros(x.size(0), 4) for _ in self.stack]
        whole = torch.zeros(x.size(1), x.size(0), 4)
        for t, step in enumerate(x.split(1, dim=1)):
            z = torch.sigmoid(self.widen(step.squeeze(1)))
            for i, cell in enumerate(self.stack):
                z = states[i] = cell(z, states[i])
            whole[t] = z
        return y, h, c, g, ys[-1], states[0], whole
