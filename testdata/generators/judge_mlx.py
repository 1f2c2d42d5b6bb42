"""Judges weights that this project wrote for MLX: MLX loads them into its own layer and computes what a framework recorded.

usage: judge_mlx.py WEIGHTS GOLDEN.npz …      (mlx 0.32; one recurrent layer a file, in_0 [batch, timesteps, features])
"""
import sys

import mlx.core as mx
import mlx.nn as nn
import numpy as np

for weights, golden in zip(sys.argv[1::2], sys.argv[2::2]):
    arrays, file = mx.load(weights), np.load(golden)
    name = next(k for k in arrays if k.split(".")[-1] in ("Wh", "Whh"))
    prefix = name[: -len(name.split(".")[-1])]
    own = {k[len(prefix):]: v for k, v in arrays.items() if k.startswith(prefix)}
    u = own.get("Wh", own.get("Whh"))
    x = own.get("Wx", own.get("Wxh"))
    kind = {1: nn.RNN, 3: nn.GRU, 4: nn.LSTM}[u.shape[0] // u.shape[1]]
    layer = kind(x.shape[1], u.shape[1], bias=len(own) > 2)
    layer.load_weights(list(own.items()))
    y = layer(mx.array(file["in_0"]))
    y = np.array(y[0] if kind is nn.LSTM else y)
    wanted = file["out_0"]
    if wanted.ndim == 2:
        y = y[:, -1]
    difference = float(np.max(np.abs(y - wanted)))
    print("%.1e %s" % (difference, weights))
    assert difference < 1e-5
