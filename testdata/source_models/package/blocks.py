import torch.nn as nn

WIDTH = 5


class Conv(nn.Sequential):
    def __init__(self, inputs, outputs):
        super().__init__(nn.Conv1d(inputs, outputs, 3, padding=1), nn.BatchNorm1d(outputs), nn.ReLU())
