import torch.nn as nn
from .blocks import Conv, WIDTH
from . import blocks


class Net(nn.Module):
    def __init__(self, out=2):
        super().__init__()
        self.conv = Conv(3, WIDTH)
        self.rnn = nn.GRU(blocks.WIDTH, 4, batch_first=True)
        self.fc = nn.Linear(4, out)

    def forward(self, x):
        x = self.conv(x.transpose(1, 2)).transpose(1, 2)
        return self.fc(self.rnn(x)[0][:, -1])
