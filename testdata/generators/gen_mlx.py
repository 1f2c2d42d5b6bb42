"""For testdata/neighbours/mlx: MLX weights (mlx.nn LSTM, GRU, RNN) as Module.save_weights writes them, safetensors and npz.  usage: gen_mlx.py     needs mlx (CPU build)

Goldens come from mlx.  `swift_N` is what mlx-swift computes where it differs: its GRU leaves bhn out at the first step when no state is given.
"""
import mlx.core as mx
import mlx.nn as nn
import numpy as np
from mlx.utils import tree_flatten, tree_map

from common import Family, rng

mx.set_default_device(mx.cpu)
fam = Family("neighbours/mlx", {"mlx": mx.__version__})
B, T, F, H = 2, 6, 3, 4


def randomise(m, seed, scale=0.4):
    r = rng(seed)
    m.update(tree_map(lambda p: mx.array((r.standard_normal(p.shape) * scale).astype("float32")), m.parameters()))
    m.eval()
    return m


def sig(x):
    return 1 / (1 + np.exp(-x))


def swift_gru(p, x):
    """mlx-swift: no state at the first step means no recurrent part at all, bhn included."""
    wx, wh, b, bhn = (np.asarray(p[k], "f8") for k in ("Wx", "Wh", "b", "bhn"))
    h, ys = None, []
    for t in range(x.shape[1]):
        r, z, n = np.split(x[:, t] @ wx.T + b, 3, -1)
        if h is None:
            h = (1 - sig(z)) * np.tanh(n)
        else:
            qr, qz, qn = np.split(h @ wh.T, 3, -1)
            z = sig(z + qz)
            h = (1 - z) * np.tanh(n + sig(r + qr) * (qn + bhn)) + z * h
        ys.append(h)
    return np.stack(ys, 1).astype("float32")


def case(name, m, inputs, description, containers=("safetensors", "npz"), dtype=None, extra=None, **more):
    if dtype:
        m.set_dtype(dtype)
    out = m(*[mx.array(i) if i.dtype.kind in "iu" or not dtype else mx.array(i).astype(dtype) for i in inputs])
    out = out if isinstance(out, (list, tuple)) else [out]
    arrays = {"in_%d" % i: v for i, v in enumerate(inputs)}
    arrays.update({"out_%d" % i: np.array(v.astype(mx.float32)) for i, v in enumerate(out)})
    arrays.update({"sd/" + k: np.array(v.astype(mx.float32)) for k, v in tree_flatten(m.parameters()) if v.dtype != mx.uint32})
    arrays.update(extra or {})
    files = []
    for c in containers:
        m.save_weights(fam.path("%s.%s" % (name, c)))
        files.append({"file": "%s.%s" % (name, c), "kind": "mlx_" + c})
    fam.add(name, files, fam.golden(name, arrays), description, keys={k: list(v.shape) for k, v in tree_flatten(m.parameters())}, **more)


def x(seed, t=T, f=F):
    return rng(seed).standard_normal((B, t, f)).astype("float32")


state = lambda seed: rng(seed).standard_normal((B, H)).astype("float32")
case("lstm", randomise(nn.LSTM(F, H), 401), [x(1)], "LSTM alone: Wx, Wh, bias; outputs all h, all c [B, T, H]")
case("lstm_no_bias", randomise(nn.LSTM(F, H, bias=False), 403), [x(5)], "bias=False: no key")
m = randomise(nn.GRU(F, H), 404)
case("gru", m, [x(6)], "GRU: Wx, Wh, b [3H], bhn [H]; swift_0 where mlx-swift differs", extra={"swift_0": swift_gru(dict(tree_flatten(m.parameters())), x(6))})
case("gru_state", randomise(nn.GRU(F, H), 405), [x(7), state(8)], "with a state mlx and mlx-swift agree", ("safetensors",))
case("gru_no_bias", randomise(nn.GRU(F, H, bias=False), 406), [x(9)], "bias=False: neither b nor bhn")
case("rnn", randomise(nn.RNN(F, H), 407), [x(10)], "RNN: Wxh, Whh, bias; tanh")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(9, F)
        self.layers = [nn.LSTM(F, H), nn.LSTM(H, H)]
        self.gru = nn.GRU(H, 5)
        self.norm = nn.LayerNorm(5)
        self.head = nn.Linear(5, 2)

    def __call__(self, tokens):
        y = self.embed(tokens)
        for l in self.layers:
            y, _ = l(y)
        y = self.gru(y)
        return self.head(self.norm(y[:, -1]))


tokens = rng(14).randint(0, 9, (B, T)).astype("int32")
case("net", randomise(Net(), 411), [tokens], "embed, layers.0, layers.1 (lists number their items), gru, norm, head; last step")
case("net_f16", randomise(Net(), 413), [tokens], "float16", dtype=mx.float16, tolerance=1e-2)


class Big(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(1, 32), nn.Linear(32, 4)


q = randomise(Big(), 415)
nn.quantize(q, group_size=32)
q.save_weights(fam.path("quantized.safetensors"))
fam.add("quantized", [{"file": "quantized.safetensors", "kind": "mlx_safetensors"}], None,
        "nn.quantize: head.weight is uint32 beside head.scales and head.biases; the LSTM stays float", expect="refuse", reader="nn.quantize leaves LSTM, GRU, RNN alone",
        keys={k: list(v.shape) for k, v in tree_flatten(q.parameters())})
