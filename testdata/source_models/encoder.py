import math

import torch
import torch.nn as nn
from torch.nn import TransformerEncoder, TransformerEncoderLayer


class Positions(nn.Module):
    def __init__(self, width, longest=20):
        super().__init__()
        place = torch.arange(longest).unsqueeze(1)
        rate = torch.exp(torch.arange(0, width, 2) * (-math.log(100.0) / width))
        table = torch.zeros(longest, width)
        table[:, 0::2] = torch.sin(place * rate)
        table[:, 1::2] = torch.cos(place * rate)
        self.register_buffer("table", table.unsqueeze(1))

    def forward(self, x):
        return x + self.table[: x.size(0)]


class Encoder(nn.Module):
    def __init__(self, n_features=3, width=4, heads=2, layers=2):
        super().__init__()
        self.project = nn.Linear(n_features, width)
        self.positions = Positions(width)
        layer = TransformerEncoderLayer(width, heads, dim_feedforward=6, activation="gelu")
        self.encoder = TransformerEncoder(layer, num_layers=layers, norm=nn.LayerNorm(width))
        self.first = nn.TransformerEncoderLayer(
            d_model=width, nhead=1, dim_feedforward=5, batch_first=True, norm_first=True)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.lstm = nn.LSTM(width, 5, batch_first=True)

    def forward(self, x):
        x = self.positions(self.project(x.permute(1, 0, 2)) * math.sqrt(2))
        x = self.encoder(x).transpose(0, 1)
        later = torch.triu(torch.ones(x.size(1), x.size(1)), diagonal=1).bool()
        x = self.first(x, src_mask=later)
        y, weights = self.attention(x, x, x, attn_mask=later)
        return self.lstm(x + y)[0][:, -1], weights
