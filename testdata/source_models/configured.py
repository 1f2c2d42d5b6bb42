"""A data class of sizes, a list of layers in a loop, helper functions, an inherited class."""
from dataclasses import dataclass
from typing import Optional
import math
import torch
import torch.nn as nn


@dataclass
class Config:
    features: int = 3
    hidden: int = 4
    layers: int = 2
    residual: bool = True
    head: Optional[str] = "mean"


def pooled(y, how):
    if how == "mean":
        return y.mean(dim=1)
    elif how == "max":
        return y.max(1)[0]
    raise ValueError(how)


class Base(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.scale = 1 / math.sqrt(config.hidden)

    @property
    def width(self):
        return self.config.hidden

    def score(self, x):
        return torch.tanh(x) * self.scale


class Stacked(Base):
    def __init__(self, config=Config()):
        super().__init__(config)
        self.inp = nn.Linear(config.features, self.width)
        self.blocks = nn.ModuleList([nn.LSTM(self.width, self.width, batch_first=True) for _ in range(config.layers)])
        self.norms = nn.ModuleList()
        for i in range(config.layers):
            self.norms.append(nn.LayerNorm(self.width))
        self.heads = nn.ModuleDict({"mean": nn.Linear(self.width, 2), "max": nn.Linear(self.width, 2)})

    def forward(self, x):
        x = self.inp(x)
        for i, block in enumerate(self.blocks):
            y, _ = block(self.norms[i](x))
            x = x + y if self.config.residual else y
        out = self.heads[self.config.head](pooled(self.score(x), self.config.head))
        return {"out": out, "last": x[:, -1]}
