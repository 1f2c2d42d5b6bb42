"""Recurrent weights of the JAX libraries for testdata/neighbours/jax: Flax linen and nnx, Haiku, Equinox.

usage: gen_jax.py     needs jax, flax, optax, dm-haiku, equinox, safetensors
Goldens come from the library itself on the CPU; `sd/KEY` is the flat dictionary of arrays with '/' between names.
"""
import json
import logging
import os
import pickle
import warnings

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
import equinox as eqx
import flax
import flax.linen as nn
import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx, serialization, traverse_util
from flax.training.train_state import TrainState
from safetensors.numpy import save_file

from common import Family, rng

jax.config.update("jax_default_matmul_precision", "highest")
fam = Family("neighbours/jax", {"jax": jax.__version__, "flax": flax.__version__, "haiku": hk.__version__, "equinox": eqx.__version__})
B, T, F, H = 2, 6, 3, 4


def randomise(tree, seed, scale=0.4):
    r = rng(seed)
    return jax.tree.map(lambda a: jnp.asarray((r.standard_normal(a.shape) * scale).astype("float32")), tree)


def x(seed, f=F, t=T):
    return rng(seed).standard_normal((B, t, f)).astype("float32")


def flat(tree, sep="/"):
    return {sep.join(map(str, k)): np.asarray(v) for k, v in traverse_util.flatten_dict(tree).items()}


def golden(name, ins, outs, tree):
    arrays = {"in_%d" % i: v for i, v in enumerate(ins)}
    arrays.update({"out_%d" % i: np.asarray(v, "float32") for i, v in enumerate(outs)})
    arrays.update({"sd/" + k: np.asarray(v, "float32") for k, v in flat(tree).items()})
    return fam.golden(name, arrays)


def write(name, tree, containers):
    files = []
    for c in containers:
        file = name + {"msgpack": ".msgpack", "safetensors": ".safetensors", "dots": ".dots.safetensors", "npz": ".npz"}[c]
        if c == "msgpack":
            with open(fam.path(file), "wb") as f:
                f.write(serialization.to_bytes(tree))
        elif c == "npz":
            np.savez(fam.path(file), **flat(tree))
        else:
            save_file(flat(tree, "/" if c == "safetensors" else "."), fam.path(file))
        files.append({"file": file, "kind": {"msgpack": "flax_msgpack", "npz": "flax_npz"}.get(c, "flax_safetensors")})
    return files


# ---- linen ----------------------------------------------------------------------------------------------------------
def linen(name, module, ins, seed, description, containers=("msgpack",), scale=0.4, dtype=None, **extra):
    v = randomise(module.init(jax.random.key(0), *map(jnp.asarray, ins)), seed, scale)
    if dtype:
        v = jax.tree.map(lambda a: a.astype(dtype), v)
    out = module.apply(v, *map(jnp.asarray, ins))
    outs = out if isinstance(out, (list, tuple)) else [out]
    fam.add(name, write(name, v, containers), golden(name, ins, outs, v), description, keys={k: list(a.shape) for k, a in flat(v).items()}, **extra)
    return v


ALL = ("msgpack", "safetensors", "dots", "npz")
linen("linen_lstm", nn.RNN(nn.OptimizedLSTMCell(H)), [x(1)], 501, "RNN(OptimizedLSTMCell): eight kernels, four biases on h*; [B, T, F]", ALL)
linen("linen_gru", nn.RNN(nn.GRUCell(H)), [x(3)], 503, "RNN(GRUCell): biases on ir, iz, in and hn", ALL)
linen("linen_simple", nn.RNN(nn.SimpleCell(H)), [x(4)], 504, "RNN(SimpleCell): i with bias, h without; tanh", ("msgpack", "npz"))
linen("linen_mgu", nn.RNN(nn.MGUCell(H)), [x(6)], 506, "MGUCell (if, hf, in, hn): a GRU whose reset and update gates share their weights")
linen("linen_bidirectional", nn.Bidirectional(nn.RNN(nn.OptimizedLSTMCell(H)), nn.RNN(nn.GRUCell(H))), [x(8)], 508,
      "Bidirectional of two kinds: forward_rnn/cell, backward_rnn/cell; concatenated", ("msgpack", "safetensors"))


class Net(nn.Module):
    @nn.compact
    def __call__(self, tokens):
        y = nn.Embed(9, F)(tokens)
        y = nn.RNN(nn.OptimizedLSTMCell(H))(y)
        y = nn.Bidirectional(nn.RNN(nn.GRUCell(3)), nn.RNN(nn.GRUCell(3)))(y)
        y = nn.LayerNorm()(y)
        return nn.Dense(2)(y[:, -1])


class Scanned(nn.Module):
    @nn.compact
    def __call__(self, xs):
        cell = nn.scan(nn.LSTMCell, variable_broadcast="params", split_rngs={"params": False}, in_axes=1, out_axes=1)(features=H)
        carry = cell.initialize_carry(jax.random.key(0), xs[:, 0].shape)
        return cell(carry, xs)[1]


tokens = rng(11).randint(0, 9, (B, T)).astype("int32")
v = linen("linen_net", Net(), [tokens], 511, "compact module: the cells' names stand at the top (OptimizedLSTMCell_0, GRUCell_0, GRUCell_1), the wrappers' don't", ALL)
linen("linen_scan", Scanned(), [x(12)], 512, "nn.scan of LSTMCell: the class name gets the prefix Scan")
linen("linen_bf16", Net(), [tokens], 513, "bfloat16 arrays", dtype=jnp.bfloat16, tolerance=3e-2)
state = TrainState.create(apply_fn=Net().apply, params=v["params"], tx=optax.adam(1e-3))
with open(fam.path("linen_trainstate.msgpack"), "wb") as f:
    f.write(serialization.to_bytes(state))
fam.add("linen_trainstate", [{"file": "linen_trainstate.msgpack", "kind": "flax_msgpack"}],
        golden("linen_trainstate", [tokens], [Net().apply(v, tokens)], {"params": v["params"]}),
        "TrainState with adam: step, params (one level, no inner 'params'), opt_state/0/{count, mu, nu}, opt_state/1 empty")

# ---- nnx ------------------------------------------------------------------------------------------------------------
def nnx_case(name, make, ins, seed, description, containers=("msgpack",), scale=0.4):
    m = make(nnx.Rngs(0))
    p = nnx.to_pure_dict(nnx.state(m, nnx.Param))
    new = randomise(p, seed, scale)
    s = nnx.state(m, nnx.Param)
    nnx.replace_by_pure_dict(s, new)
    nnx.update(m, s)
    out = m(*map(jnp.asarray, ins))
    fam.add(name, write(name, new, containers), golden(name, ins, [out], new), description, keys={k: list(a.shape) for k, a in flat(new).items()})
    return new


nnx_case("nnx_lstm", lambda r: nnx.RNN(nnx.OptimizedLSTMCell(F, H, rngs=r), rngs=r), [x(21)], 521, "OptimizedLSTMCell: dense_i [F, 4H], dense_h [H, 4H] + bias; i f g o",
         ("msgpack", "safetensors"))
nnx_case("nnx_lstmcell", lambda r: nnx.RNN(nnx.LSTMCell(F, H, rngs=r), rngs=r), [x(22)], 522, "LSTMCell: as linen, but if_ for if")
nnx_case("nnx_gru", lambda r: nnx.RNN(nnx.GRUCell(F, H, rngs=r), rngs=r), [x(23)], 523, "GRUCell: dense_i [F, 3H] + bias, dense_h [H, 3H] without; r z n; no bias inside the reset",
         ("msgpack", "safetensors"))
nnx_case("nnx_simple", lambda r: nnx.RNN(nnx.SimpleCell(F, H, rngs=r), rngs=r), [x(24)], 524, "SimpleCell: dense_i + bias, dense_h")
nnx_case("nnx_bidirectional", lambda r: nnx.Bidirectional(nnx.RNN(nnx.OptimizedLSTMCell(F, H, rngs=r), rngs=r), nnx.RNN(nnx.GRUCell(F, H, rngs=r), rngs=r), rngs=r), [x(25)], 525,
         "forward_rnn/cell, backward_rnn/cell")


class NnxNet(nnx.Module):
    def __init__(self, rngs):
        self.embed = nnx.Embed(9, F, rngs=rngs)
        self.layers = nnx.List([nnx.RNN(nnx.OptimizedLSTMCell(F, H, rngs=rngs), rngs=rngs), nnx.RNN(nnx.GRUCell(H, H, rngs=rngs), rngs=rngs)])
        self.head = nnx.Linear(H, 2, rngs=rngs)

    def __call__(self, tokens):
        y = self.embed(tokens)
        for l in self.layers:
            y = l(y)
        return self.head(y[:, -1])


pure = nnx_case("nnx_net", NnxNet, [tokens], 526, "a list of layers: its places are the names 0, 1; in .ints.msgpack (msgpack_serialize of the pure dict) they are integers",
                ("msgpack", "npz"))
with open(fam.path("nnx_net.ints.msgpack"), "wb") as f:
    f.write(serialization.msgpack_serialize(jax.tree.map(np.asarray, pure)))
fam.manifest["cases"][-1]["files"].append({"file": "nnx_net.ints.msgpack", "kind": "flax_msgpack"})

# ---- Haiku ----------------------------------------------------------------------------------------------------------
def haiku_case(name, f, ins, seed, description, scale=0.4, pickled=True):
    t = hk.without_apply_rng(hk.transform(f))
    p = randomise(t.init(jax.random.key(0), *map(jnp.asarray, ins)), seed, scale)
    out = t.apply(p, *map(jnp.asarray, ins))
    tree = jax.tree.map(np.asarray, hk.data_structures.to_mutable_dict(p))
    files = []
    if pickled:
        with open(fam.path(name + ".pkl"), "wb") as g:
            pickle.dump(tree, g)
        files.append({"file": name + ".pkl", "kind": "haiku_pickle"})
    np.savez(fam.path(name + ".npz"), **{m + "/" + k: a for m, d in tree.items() for k, a in d.items()})
    files.append({"file": name + ".npz", "kind": "haiku_npz"})
    fam.add(name, files, golden(name, ins, [out], tree), description, keys={k: list(a.shape) for k, a in flat(tree).items()})
    return p


def unroll(core, xs):
    return hk.dynamic_unroll(core, xs, core.initial_state(xs.shape[0]), time_major=False)[0]


p = haiku_case("haiku_lstm", lambda xs: unroll(hk.LSTM(H), xs), [x(31)], 531, "lstm/linear: w [F+H, 4H] (input rows first), b [4H]; i g f o, forget + 1 at run time")
haiku_case("haiku_gru", lambda xs: unroll(hk.GRU(H), xs), [x(32)], 532, "gru: w_i, w_h, b; z r a, reset before, h' = (1-z) h + z a")
haiku_case("haiku_rnn", lambda xs: unroll(hk.VanillaRNN(H), xs), [x(33)], 533, "vanilla_rnn/linear (input), vanilla_rnn/linear_1 (state), two biases; relu")
haiku_case("haiku_rnn_one_bias", lambda xs: unroll(hk.VanillaRNN(H, double_bias=False), xs), [x(34)], 534, "linear_1 without bias", pickled=False)


class HkNet(hk.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.core, self.head = hk.Embed(9, F), hk.DeepRNN([hk.LSTM(H), hk.LSTM(3)]), hk.Linear(2)

    def __call__(self, tokens):
        return self.head(unroll(self.core, self.embed(tokens))[:, -1])


haiku_case("haiku_net", lambda t: HkNet()(t), [tokens], 535, "hk_net/~/lstm/linear, hk_net/~/lstm_1/linear, hk_net/~/embed, hk_net/~/linear")
with open(fam.path("haiku_jax.pkl"), "wb") as f:
    pickle.dump(p, f)
fam.add("haiku_jax", [{"file": "haiku_jax.pkl", "kind": "haiku_pickle"}], None,
        "the same parameters as jax arrays: the pickle calls jax._src.array._reconstruct_array", expect="refuse", reader="needs jax; jax.device_get(params) first gives numpy arrays")

# ---- Equinox --------------------------------------------------------------------------------------------------------
class EqxNet(eqx.Module):
    embed: eqx.nn.Embedding
    cells: list
    head: eqx.nn.Linear
    scale: float

    def __init__(self, key):
        k = jax.random.split(key, 4)
        self.embed = eqx.nn.Embedding(9, F, key=k[0])
        self.cells = [eqx.nn.LSTMCell(F, H, key=k[1]), eqx.nn.GRUCell(H, H, key=k[2])]
        self.head = eqx.nn.Linear(H, 2, key=k[3])
        self.scale = 2.0

    def __call__(self, tokens):
        y = jax.vmap(self.embed)(tokens)
        y = scan_cell(self.cells[0], y)
        return self.head(scan_cell(self.cells[1], y)[-1]) * self.scale


def scan_cell(cell, xs):
    zero = jnp.zeros(cell.hidden_size)
    lstm = isinstance(cell, eqx.nn.LSTMCell)

    def step(s, v):
        s = cell(v, s)
        return s, (s[0] if lstm else s)

    return jax.lax.scan(step, (zero, zero) if lstm else zero, xs)[1]


def eqx_case(name, m, call, ins, seed, description, header=None, scale=0.4):
    arrays, rest = eqx.partition(m, eqx.is_array)
    m = eqx.combine(randomise(arrays, seed, scale), rest)
    out = jax.vmap(lambda v: call(m, v))(jnp.asarray(ins[0]))
    with open(fam.path(name + ".eqx"), "wb") as f:
        if header is not None:
            f.write((json.dumps(header) + "\n").encode())
        eqx.tree_serialise_leaves(f, m)
    paths = [jax.tree_util.keystr(k).lstrip(".") for k, leaf in jax.tree_util.tree_flatten_with_path(m)[0] if not callable(leaf)]
    leaves = [leaf for leaf in jax.tree_util.tree_leaves(m) if not callable(leaf)]
    g = {"in_0": ins[0], "out_0": np.asarray(out)}
    g.update({"sd/" + k: np.asarray(v) for k, v in zip(paths, leaves)})
    fam.add(name, [{"file": name + ".eqx", "kind": "equinox"}], fam.golden(name, g), description, keys={k: list(np.shape(v)) for k, v in zip(paths, leaves)})


key = jax.random.key(0)
eqx_case("eqx_lstm", eqx.nn.LSTMCell(F, H, key=key), scan_cell, [x(41)], 541, "LSTMCell: npy arrays one after another, weight_ih, weight_hh, bias; i f g o; no names")
eqx_case("eqx_lstm_no_bias", eqx.nn.LSTMCell(F, H, use_bias=False, key=key), scan_cell, [x(42)], 542, "use_bias=False: two arrays")
eqx_case("eqx_gru", eqx.nn.GRUCell(F, H, key=key), scan_cell, [x(43)], 543, "GRUCell: weight_ih, weight_hh, bias [3H], bias_n [H]; r z n")
eqx_case("eqx_net", EqxNet(key), lambda m, t: m(t), [tokens], 544, "a line of JSON, then leaves in field order; a Python float is a 0-d float64 array",
         header={"vocabulary": 9, "features": F, "hidden": H})
eqx_case("eqx_lstm16", eqx.nn.LSTMCell(2, 16, key=key), scan_cell, [x(45, 2)], 545, "hidden 16")
