"""Judges packages that this project wrote: coremltools loads each, infers all types again and finds the weights; what the
operations compute, in NumPy after coremltools' documentation, is compared with a recording.

usage: judge_coreml.py PACKAGE [GOLDEN.npz] …      (coremltools 9; a package without a recording is loaded alone)
"""
import os
import sys

import coremltools as ct
import numpy as np
from coremltools.converters.mil.frontend.milproto import load as milproto
from scipy.special import erf

sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
FUNCTIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0), "linear": lambda x: x,
             "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1)}


def softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def lstm(a, back=False):
    s = "_back" if back else ""
    w, u, u_size = a["weight_ih" + s], a["weight_hh" + s], a["weight_hh" + s].shape[1]
    b = a.get("bias" + s)
    half = slice(u_size, None) if back else slice(0, u_size)
    h, c, ys = a["initial_h"][:, half], a["initial_c"][:, half], []
    rho, phi, psi = (FUNCTIONS[a[n]] for n in ("recurrent_activation", "cell_activation", "activation"))
    peep = np.split(a["peephole" + s], 3) if a.get("peephole" + s) is not None else [0, 0, 0]
    for x in (a["x"][::-1] if back else a["x"]):
        i, f, o, g = np.split(x @ w.T + h @ u.T + (0 if b is None else b), 4, 1)
        c = rho(f + peep[1] * c) * c + rho(i + peep[0] * c) * phi(g)
        if a.get("clip") is not None:
            c = np.clip(c, -a["clip"], a["clip"])
        h = rho(o + peep[2] * c) * psi(c)
        ys.append(h)
    return np.stack(ys[::-1] if back else ys), h, c


def run(op, a):
    t, x = op.op_type, a.get("x")
    if t == "lstm":
        parts = [lstm(a)] + ([lstm(a, True)] if a["direction"] == "bidirectional" else [])
        return [np.concatenate(p, -1) for p in zip(*parts)]
    if t == "rnn":
        h, ys = a["initial_h"], []
        for step in x:
            h = FUNCTIONS[a["activation"]](step @ a["weight_ih"].T + h @ a["weight_hh"].T + (0 if a.get("bias") is None else a["bias"]))
            ys.append(h)
        return [np.stack(ys), h]
    if t == "conv":
        n = x.ndim - 2
        pad = a["pad"]
        x = np.pad(x, [(0, 0), (0, 0)] + [(pad[2 * i], pad[2 * i + 1]) for i in range(n)])
        import torch
        f = torch.nn.functional.conv1d if n == 1 else torch.nn.functional.conv2d
        b = a.get("bias")
        return [f(torch.tensor(x), torch.tensor(a["weight"]), None if b is None else torch.tensor(b), tuple(int(v) for v in a["strides"]), 0,
                  tuple(int(v) for v in a["dilations"]), int(a["groups"])).numpy()]
    if t == "slice_by_index":
        n = x.ndim
        mask = lambda k: a[k] if a.get(k) is not None else [False] * n  # noqa: E731
        step = a["stride"] if a.get("stride") is not None else [1] * n
        index = tuple(int(a["begin"][i]) if mask("squeeze_mask")[i] else
                      slice(None if mask("begin_mask")[i] else int(a["begin"][i]), None if mask("end_mask")[i] else int(a["end"][i]), int(step[i]))
                      for i in range(n))
        return [x[index]]
    if t == "batch_norm":
        shape = (1, -1) + (1,) * (x.ndim - 2)
        r = lambda k, d: d if a.get(k) is None else a[k].reshape(shape)  # noqa: E731
        return [(x - r("mean", 0)) / np.sqrt(r("variance", 1) + a["epsilon"]) * r("gamma", 1) + r("beta", 0)]
    if t == "layer_norm":
        m, v = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return [(x - m) / np.sqrt(v + a["epsilon"]) * (1 if a.get("gamma") is None else a["gamma"]) + (0 if a.get("beta") is None else a["beta"])]
    if t == "scatter":
        d = a["data"].copy()
        d[a["indices"]] = a["updates"]
        return [d]
    plain = {
        "linear": lambda: x @ a["weight"].T + (0 if a.get("bias") is None else a["bias"]), "transpose": lambda: x.transpose(a["perm"]),
        "matmul": lambda: x @ a["y"], "gather": lambda: np.take(x, a["indices"], int(a["axis"])), "identity": lambda: x,
        "cast": lambda: x.astype({"fp32": "f4", "fp16": "f2", "int32": "i4", "bool": "?"}[a["dtype"]]),
        "shape": lambda: np.array(x.shape, "i4"), "fill": lambda: np.full(a["shape"], a["value"], np.asarray(a["value"]).dtype),
        "expand_dims": lambda: np.expand_dims(x, tuple(a["axes"])), "squeeze": lambda: np.squeeze(x, tuple(a["axes"])),
        "concat": lambda: np.concatenate(a["values"], int(a["axis"])), "stack": lambda: np.stack(a["values"], int(a["axis"])),
        "reshape": lambda: x.reshape(a["shape"]), "reverse": lambda: np.flip(x, tuple(a["axes"])), "tile": lambda: np.tile(x, a["reps"]),
        "softmax": lambda: softmax(x, int(a["axis"])), "sigmoid_hard": lambda: np.clip(a["alpha"] * x + a["beta"], 0, 1),
        "relu6": lambda: np.clip(x, 0, 6), "softplus": lambda: np.logaddexp(x, 0), "softsign": lambda: x / (1 + abs(x)), "silu": lambda: x * sigmoid(x),
        "exp": lambda: np.exp(x), "leaky_relu": lambda: np.where(x > 0, x, a["alpha"] * x), "elu": lambda: np.where(x > 0, x, a["alpha"] * np.expm1(np.minimum(x, 0))),
        "gelu": lambda: x * 0.5 * (1 + (erf(x / 2 ** 0.5) if a["mode"] == "EXACT" else np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x ** 3)))),
        "clip": lambda: np.clip(x, a["alpha"], a["beta"]), "scaled_tanh": lambda: a["alpha"] * np.tanh(a["beta"] * x),
        "linear_activation": lambda: a["alpha"] * x + a["beta"], "less": lambda: x < a["y"], "add": lambda: x + a["y"], "sub": lambda: x - a["y"],
        "mul": lambda: x * a["y"], "real_div": lambda: x / a["y"], "pow": lambda: x ** a["y"], "maximum": lambda: np.maximum(x, a["y"]),
        "minimum": lambda: np.minimum(x, a["y"]), "log": lambda: np.log(x + a["epsilon"]), "erf": lambda: erf(x),
        "reduce_log_sum_exp": lambda: np.log(np.exp(x - x.max()).sum(tuple(a["axes"]), keepdims=bool(a["keep_dims"]))) + x.max(),
    }
    if t == "split":
        return np.split(x, int(a["num_splits"]), int(a["axis"]))
    if t in plain:
        return [plain[t]()]
    if t in FUNCTIONS:
        return [FUNCTIONS[t](x)]
    if t.startswith("reduce_"):
        f = {"sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min, "prod": np.prod, "l2_norm": lambda v, **k: np.sqrt((v * v).sum(**k))}[t[7:]]
        return [f(x, axis=tuple(a["axes"]), keepdims=bool(a["keep_dims"]))]
    return [getattr(np, {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}.get(t, t))(x)]


def block(b, values):
    read = lambda v: values[v.name] if v.name in values else v.val  # noqa: E731
    for op in b.operations:
        if op.op_type == "const":
            values[op.outputs[0].name] = op.outputs[0].val
            continue
        a = {k: [read(e) for e in v] if isinstance(v, (list, tuple)) else None if v is None else read(v) for k, v in op.inputs.items()}
        if op.op_type == "while_loop":
            state = a["loop_vars"]
            while True:
                inner = [dict(values, **{i.name: s for i, s in zip(o.inputs, state)}) for o in op.blocks]
                if not block(op.blocks[0], inner[0])[0]:
                    break
                state = block(op.blocks[1], inner[1])
            results = state
        else:
            results = run(op, a)
        for o, r in zip(op.outputs, results):
            values[o.name] = r
    return [read(o) for o in b.outputs]


worst, index = 0.0, 1
while index < len(sys.argv):
    package = sys.argv[index]
    golden = sys.argv[index + 1] if index + 1 < len(sys.argv) and sys.argv[index + 1].endswith(".npz") else None
    index += 2 if golden else 1
    spec = ct.utils.load_spec(package)
    data = os.path.join(package, "Data", "com.apple.CoreML")
    size = os.path.getsize(os.path.join(data, "model.mlmodel"))
    assert size == spec.ByteSize(), (size, spec.ByteSize())
    program = milproto.load(spec, spec.specificationVersion, os.path.join(data, "weights"))
    if not golden:
        print("loaded", package)
        continue
    file = np.load(golden)
    main = program.functions["main"]
    given = {n: file["in_%d" % i].astype("i4" if "int" in str(v.dtype) else "f4") for i, (n, v) in enumerate(main.inputs.items())}
    outputs = block(main, given)
    difference = max(float(np.max(np.abs(o.astype("f8") - file["out_%d" % i]))) for i, o in enumerate(outputs) if "out_%d" % i in file)
    worst = max(worst, difference)
    print("%.1e %s" % (difference, os.path.basename(package)))
    assert difference < (1e-5 if spec.specificationVersion < 8 else 2e-2), package
print("largest difference %.1e" % worst)
