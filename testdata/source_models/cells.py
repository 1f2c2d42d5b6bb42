"""A cell in a loop over a fixed number of steps, time first, a hidden state that may be given."""
import torch
import torch.nn as nn


class Decoder(nn.Module):
    def __init__(self, hidden=4, steps=3):
        super().__init__()
        self.steps = steps
        self.cell = nn.LSTMCell(2, hidden)
        self.out = nn.Linear(hidden, 2)
        self.rnn = nn.RNN(2, hidden, nonlinearity="relu")

    def forward(self, x, hidden=None):
        y, hidden = self.rnn(x, hidden)
        h, c = hidden.squeeze(0), torch.zeros_like(hidden[0])
        step = x[-1]
        outs = []
        for t in range(self.steps):
            h, c = self.cell(step, (h, c))
            step = self.out(h)
            outs += [step]
        return torch.stack(outs, 0), y
