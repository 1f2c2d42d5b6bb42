import torch
from torch import nn


def normalized(x, axes):
    mean = x.mean(dim=axes, keepdim=True)
    return (x - mean) / torch.sqrt(x.var(dim=axes, keepdim=True, unbiased=False) + 1e-5)


class Cell(nn.Module):
    def __init__(self, inputs, hidden, batch=2):
        super().__init__()
        self.batch = batch
        self.cell = nn.LSTMCell(2 * inputs, hidden)
        self.gain = nn.Parameter(torch.ones(hidden))
        self.register_buffer("start", torch.zeros(1, hidden), persistent=False)

    def forward(self, x, inputs, x_last):
        x_now, (h, c) = inputs
        if self.batch != x.shape[0]:
            self.batch = x.shape[0]
        x = normalized(x, torch.arange(1, x.ndim).tolist())
        start = self.start.broadcast_to(x.shape[0], self.start.shape[1])
        h, c = self.cell(torch.cat([x - 2 * x_last, x_now], 1), (h + start, c))
        return h * self.gain, c
