"""How often `recur diagnose` names the mistake, on random models with one mistake each.

usage: judge_mistakes.py RECUR [COUNT [SEED [FRAMEWORK]]]

Models of Keras 3 and torch (LSTM, GRU, RNN; one to three layers; one direction or both; with and without a head) are recorded by
their framework; then the weights, the options or the recording get one mistake. Needs Keras 3, torch, numpy. Writes nothing.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("KERAS_BACKEND", "torch")
import numpy as np
import torch

RECUR = os.path.abspath(sys.argv[1])
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 300
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
ONLY = sys.argv[4] if len(sys.argv) > 4 else None
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


class Net(torch.nn.Module):
    def __init__(self, cell, width, units, layers, both, outputs):
        super().__init__()
        self.rnn = getattr(torch.nn, cell)(width, units, layers, bidirectional=both, batch_first=True)
        self.head = torch.nn.Linear(units * (2 if both else 1), outputs) if outputs else None

    def forward(self, x, select="output"):
        y, state = self.rnn(x)
        h = state[0] if isinstance(state, tuple) else state
        both = self.rnn.bidirectional
        taken = {
            "output": lambda: y, "last": lambda: y[:, -1], "first": lambda: y[:, 0], "mean": lambda: y.mean(1),
            "max": lambda: y.max(1).values,
            "states": lambda: torch.cat([h[-2], h[-1]], -1) if both else h[-1],
            "exchanged": lambda: torch.cat([h[-1], h[-2]], -1), "forward": lambda: h[-2], "backward": lambda: h[-1],
            "below": lambda: torch.cat([h[0], h[1]], -1) if both else h[0],
            "cell": lambda: torch.cat([state[1][-2], state[1][-1]], -1) if both else state[1][-1],
        }[select]()
        return taken if self.head is None else self.head(taken)


def chunked(t, gates, change):
    return torch.cat([change(c) for c in t.chunk(gates)])


def torch_pair(r, folder):
    cell = r.choice(["LSTM", "GRU", "RNN"])
    gates = GATES[cell]
    layers, both = int(r.integers(1, 4)), bool(r.integers(0, 2))
    units = int(r.integers(3, 9))
    width = units if r.random() < 0.5 else int(r.integers(3, 9))
    outputs = int(r.integers(2, 5)) if r.random() < 0.5 else 0
    net = Net(cell, width, units, layers, both, outputs)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.from_numpy(r.standard_normal(p.shape).astype("f4") * 0.5))
    taken = "output" if outputs == 0 or r.random() < 0.3 else "last"
    x = torch.from_numpy(r.standard_normal((3, 9, width)).astype("f4"))
    keys = ["%d%s" % (l, s) for l in range(layers) for s in ([""] if not both else ["", "_reverse"])]
    state = {k: v.clone() for k, v in net.state_dict().items()}
    W = lambda k: "rnn.weight_ih_l" + k
    U = lambda k: "rnn.weight_hh_l" + k
    B = lambda k: "rnn.bias_ih_l" + k
    C = lambda k: "rnn.bias_hh_l" + k
    some = keys if r.random() < 0.5 else [str(r.choice(keys))]
    rounding = torch.float16 if r.random() < 0.5 else torch.bfloat16
    given, golden = x, None
    select = "output" if taken == "output" else "last"

    def each(names, change):
        for k in some:
            for name in names:
                state[name(k)] = change(state[name(k)]).contiguous()

    def order():
        while True:
            p = r.permutation(gates)
            if list(p) != list(range(gates)):
                break
        each([W, U, B, C], lambda t: torch.cat([t.chunk(gates)[i] for i in p]))
        return ["gate-order"]

    def exchange(a, b, names):
        for name in names:
            state[name(a)], state[name(b)] = state[name(b)], state[name(a)]
        return ["layer-order"]

    def selection(other):
        def change():
            nonlocal golden
            golden = net(x, other)
            return ["selection"]
        return change

    def bias(change):
        def run():
            for k in some:
                state[B(k)], state[C(k)] = change(state[B(k)], state[C(k)])
            return ["bias"]
        return run

    def rounded_file():
        for k in state:
            state[k] = state[k].to(rounding).float()
        return ["rounding"]

    def rounded_recording():
        nonlocal golden
        copy = Net(cell, width, units, layers, both, outputs)
        copy.load_state_dict({k: v.to(rounding).float() for k, v in state.items()})
        golden = copy(x, select)
        return ["rounding"]

    def computed_16():
        nonlocal golden
        copy = Net(cell, width, units, layers, both, outputs)
        copy.load_state_dict(state)
        golden = copy.to(torch.bfloat16)(x.to(torch.bfloat16), select).float()
        return ["rounding"]

    def scaled():
        nonlocal golden
        how = r.choice(["255", "std"])
        golden = net(x / 255 if how == "255" else (x - x.mean((0, 1))) / x.std((0, 1), correction=0), select)
        return ["input-scale"]

    def reversed_input():
        nonlocal golden
        golden = net(x.flip(1), select)
        return ["direction"]

    def repeated():
        nonlocal golden
        copy = Net(cell, width, units, layers, both, outputs)
        s = dict(state)
        for name in [W, U, B, C]:
            for d in (["", "_reverse"] if both else [""]):
                s[name("%d%s" % (layers - 1, d))] = s[name("%d%s" % (layers - 2, d))]
        copy.load_state_dict(s)
        golden = copy(x, select)
        return ["layer-order"]

    def axes():
        nonlocal given, golden
        given, golden = x.transpose(0, 1), net(x, select).transpose(0, 1)
        return ["axes"]

    def unrelated():
        for k in state:
            state[k] = torch.from_numpy(r.standard_normal(state[k].shape).astype("f4") * 0.5)
        return ["unexplained"]

    mistakes = {
        "U transposed": lambda: (each([U], lambda t: chunked(t, gates, torch.t)), ["kernel-transposed"])[1],
        "U reshaped": lambda: (each([U], lambda t: t.t().reshape(t.shape)), ["kernel-reshaped", "kernel-transposed"])[1],
        "biases doubled": bias(lambda a, b: (2 * a, 2 * b)),
        "recurrent bias kept alone in the recording": None,
        "rounded file": rounded_file, "rounded recording": rounded_recording, "computed in 16 bits": computed_16,
        "inputs scaled": scaled, "reversed input": reversed_input, "unrelated": unrelated,
    }
    del mistakes["recurrent bias kept alone in the recording"]
    if gates > 1:
        mistakes["gate order"] = order
    if width == units and layers == 1 or width == units:
        if not (both and layers > 1):
            mistakes["W transposed"] = lambda: (each([W], lambda t: chunked(t, gates, torch.t)), ["kernel-transposed"])[1]
    if cell == "LSTM":
        def forget(sign):
            def run():
                for k in some:
                    b = state[B(k)].clone()
                    b[units:2 * units] += sign
                    state[B(k)] = b
                return ["forget-bias"]
            return run
        mistakes["forget bias once more"] = forget(1)
        mistakes["forget bias left out"] = forget(-1)
        mistakes["bias summed into both"] = bias(lambda a, b: (a + b, a + b))
    if cell == "RNN":
        mistakes["bias summed into both"] = bias(lambda a, b: (a + b, a + b))
    if cell == "GRU":
        mistakes["biases exchanged"] = bias(lambda a, b: (b, a))
    for k in (["", "_reverse"] if both else [""]):
        pass
    if layers > 1:
        same = layers == 3 or width == units and not both
        a, b = ("1", "2") if layers == 3 else ("0", "1")
        sides = ["", "_reverse"] if both else [""]
        if same:
            mistakes["layers exchanged"] = lambda: [exchange(a + s, b + s, [W, U, B, C]) for s in sides][0]
            mistakes["layers repeated"] = repeated if layers == 3 or width == units and not both else None
        mistakes["upper weights of layers exchanged"] = lambda: [exchange("0" + s, "1" + s, [U, B, C]) for s in sides][0]
        mistakes["recurrent kernels of layers exchanged"] = lambda: [exchange("0" + s, "1" + s, [U]) for s in sides][0]
    if both:
        mistakes["directions exchanged"] = lambda: [exchange(l + "", l + "_reverse", [W, U, B, C])
                                                    for l in sorted({k[0] for k in some})][0]
        mistakes["directions of all layers exchanged"] = lambda: [exchange(str(l), "%d_reverse" % l, [W, U, B, C])
                                                                  for l in range(layers)][0]
    others = ["last", "first", "mean", "max", "output"]
    others += ["states", "exchanged"] if both else []
    others += ["forward", "backward"] if both and not outputs else []
    others += ["cell"] if cell == "LSTM" else []
    others += ["below"] if layers > 1 else []
    for other in others:
        if other != select:
            mistakes["selection " + other] = selection(other)
    if taken == "output" and outputs == 0:
        mistakes["axes"] = axes
    names = sorted(k for k in mistakes if mistakes[k])
    # A selection is one mistake among others.
    groups = sorted({n.split(" ")[0] if n.startswith("selection") else n for n in names})
    group = str(r.choice(groups))
    name = str(r.choice([n for n in names if n.startswith("selection ")])) if group == "selection" else group
    with torch.no_grad():
        right = net(x, select)
        wanted = mistakes[name]()
        if golden is None:
            golden = right
    torch.save(state, os.path.join(folder, "m.pt"))
    entry = {"type": "nn." + cell, "key": "rnn", "input_size": width, "hidden_size": units, "num_layers": layers,
             "bidirectional": both, "batch_first": True, "select": select}
    parts = [entry] + ([{"type": "nn.Linear", "key": "head", "in_features": units * (2 if both else 1),
                         "out_features": outputs}] if outputs else [])
    with open(os.path.join(folder, "m.json"), "w") as f:
        json.dump({"layers": parts}, f)
    np.savez(os.path.join(folder, "g.npz"), in_0=given.numpy(), out_0=golden.detach().numpy())
    what = "torch %s x%d%s of %d from %d%s" % (cell, layers, " both" if both else "", units, width, " head" if outputs else "")
    return name, what, wanted, ["m.pt", "--architecture", "m.json"]


def keras_pair(r, folder):
    import keras
    from keras import layers as L

    cell = r.choice(["LSTM", "GRU", "RNN"])
    gates = GATES[cell]
    count, both = int(r.integers(1, 4)), bool(r.integers(0, 2))
    units = int(r.integers(3, 9))
    width = units if r.random() < 0.5 else int(r.integers(3, 9))
    outputs = int(r.integers(2, 5)) if r.random() < 0.5 else 0
    sequences = bool(r.integers(0, 2))
    kind = {"LSTM": L.LSTM, "GRU": L.GRU, "RNN": L.SimpleRNN}[cell]

    def build(options=None, last=None, first=None):
        def layer(i):
            every = i < count - 1 or (sequences if last is None else last)
            one = kind(units, return_sequences=every, **(options or {}))
            return L.Bidirectional(one, name="rnn%d" % i) if both else \
                kind(units, return_sequences=every, name="rnn%d" % i, **(options or {}), **((first or {}) if i == 0 else {}))
        head = [L.Dense(outputs, activation="sigmoid", name="head")] if outputs else []
        return keras.Sequential([L.Input((9, width))] + [layer(i) for i in range(count)] + head)

    model = build()
    values = [(r.standard_normal(w.shape) * 0.5).astype("f4") for w in model.get_weights()]
    model.set_weights(values)
    x = r.standard_normal((3, 9, width)).astype("f4")
    per = len(values[:-2] if outputs else values) // count // (2 if both else 1)
    halves = [(l, d) for l in range(count) for d in range(2 if both else 1)]
    some = halves if r.random() < 0.5 else [halves[int(r.integers(len(halves)))]]
    file, golden = None, None
    weights = [v.copy() for v in values]

    def at(half, part):
        return (half[0] * (2 if both else 1) + half[1]) * per + part

    def each(parts, change):
        for half in some:
            for part in parts:
                weights[at(half, part)] = change(weights[at(half, part)])

    def split(w, change):
        return np.concatenate([change(p) for p in np.split(w, gates, -1)], -1)

    def order():
        while True:
            p = r.permutation(gates)
            if list(p) != list(range(gates)):
                break
        each(range(per), lambda w: np.concatenate([np.split(w, gates, -1)[i] for i in p], -1))
        return ["gate-order"]

    def config(options, kinds, **more):
        def run():
            nonlocal file
            file = build(options, **more)
            return kinds
        return run

    def rounded():
        for i in range(len(weights)):
            weights[i] = weights[i].astype("f2").astype("f4")
        return ["rounding"]

    def exchange(parts, a, b):
        def run():
            for d in range(2 if both else 1):
                for part in parts:
                    i, j = at((a, d), part), at((b, d), part)
                    weights[i], weights[j] = weights[j], weights[i]
            return ["layer-order"]
        return run

    def directions():
        for l in sorted({h[0] for h in some}):
            for part in range(per):
                i, j = at((l, 0), part), at((l, 1), part)
                weights[i], weights[j] = weights[j], weights[i]
        return ["layer-order"]

    def bias(change):
        return lambda: (each([2], change), ["bias"])[1]

    def unrelated():
        for i in range(len(weights)):
            weights[i] = (r.standard_normal(weights[i].shape) * 0.5).astype("f4")
        return ["unexplained"]

    mistakes = {
        "U transposed": lambda: (each([1], lambda w: split(w, np.transpose)), ["kernel-transposed"])[1],
        "U reshaped": lambda: (each([1], lambda w: w.T.reshape(w.shape)), ["kernel-reshaped", "kernel-transposed"])[1],
        "biases doubled": bias(lambda w: 2 * w), "rounded file": rounded, "unrelated": unrelated,
        "activation relu": config({"activation": "relu"}, ["activation"]),
        "the other return_sequences": config(None, ["selection", "shape"], last=not sequences),
    }
    if gates > 1:
        mistakes["gate order"] = order
        mistakes["hard_sigmoid"] = config({"recurrent_activation": "hard_sigmoid"}, ["activation"])
        mistakes["activations exchanged"] = config({"activation": "sigmoid", "recurrent_activation": "tanh"}, ["activation"])
    if width == units and not both:
        mistakes["W transposed"] = lambda: (each([0], lambda w: split(w, np.transpose)), ["kernel-transposed"])[1]
    if not both:
        mistakes["backwards"] = config(None, ["direction"], first={"go_backwards": True})
    if cell == "LSTM":
        one = lambda sign: lambda w: w + sign * np.repeat([0, 1, 0, 0], units).astype("f4")
        mistakes["forget bias once more"] = lambda: (each([2], one(1)), ["forget-bias"])[1]
        mistakes["forget bias left out"] = lambda: (each([2], one(-1)), ["forget-bias"])[1]
    if cell == "GRU":
        mistakes["biases exchanged"] = bias(lambda w: w[::-1].copy())
    if both:
        mistakes["directions exchanged"] = directions
    if count > 1:
        if count == 3 or width == units and not both:
            mistakes["layers exchanged"] = exchange(range(per), count - 2, count - 1)
        mistakes["upper weights of layers exchanged"] = exchange([1, 2], 0, 1)
    name = str(r.choice(sorted(mistakes)))
    golden = model.predict(x, verbose=0)
    wanted = mistakes[name]()
    file = file or build()
    file.set_weights(weights)
    file.save(os.path.join(folder, "m.keras"))
    np.savez(os.path.join(folder, "g.npz"), in_0=x, out_0=golden)
    what = "keras %s x%d%s of %d from %d%s%s" % (cell, count, " both" if both else "", units, width, " head" if outputs else "",
                                                 " every timestep" if sequences else "")
    return name, what, wanted, ["m.keras"]


def judge(number):
    r = np.random.default_rng(SEED * 100003 + number)
    framework = ONLY or ("keras" if r.random() < 0.4 else "torch")
    with tempfile.TemporaryDirectory() as folder:
        name, what, wanted, arguments = (keras_pair if framework == "keras" else torch_pair)(r, folder)
        validation = subprocess.run([RECUR, "validate", *arguments, "--golden", "g.npz", "--format", "json"], cwd=folder,
                                    capture_output=True)
        start = time.time()
        run = subprocess.run([RECUR, "diagnose", *arguments, "--golden", "g.npz", "--format", "json"], cwd=folder,
                             capture_output=True, text=True)
        seconds = time.time() - start
    try:
        report = json.loads(run.stdout)
    except ValueError:
        return name, what, "crash", run.stdout[-300:] + run.stderr[-300:], seconds, validation.returncode
    file = report.get("files", [report])[0] if "files" in report else report
    readings = file.get("readings", [])
    verdict = file.get("verdict", report.get("verdict"))
    errors = [d for d in file.get("diagnostics", report.get("diagnostics", [])) if d["severity"] == "error"]
    codes = [d["code"].replace("verify.likely.", "").replace("verify.", "") for d in errors]
    matching = [m for m in readings if m["matches"]]
    text = "; ".join(d["message"] for d in errors)[:160]
    if verdict == "matches":
        outcome = "no difference"
    elif wanted == ["unexplained"]:
        outcome = "named" if verdict == "unexplained" else "WRONG"
    elif verdict == "unexplained":
        outcome = "unexplained"
    elif verdict == "ambiguous":
        outcome = "tied" if any(m["kind"] in wanted for m in matching) else "WRONG"
    else:
        outcome = "named" if any(c in wanted for c in codes) or any(m["kind"] in wanted for m in matching) else "WRONG"
    return name, what, outcome, text, seconds, validation.returncode


def main():
    outcomes, by_mistake, slow, missed = collections.Counter(), {}, 0.0, 0
    for number in range(COUNT):
        name, what, outcome, text, seconds, status = judge(number)
        outcomes[outcome] += 1
        by_mistake.setdefault(name, collections.Counter())[outcome] += 1
        slow = max(slow, seconds)
        missed += status == 0 and outcome != "no difference"
        if outcome not in ("named", "tied"):
            print("%4d %-12s %-38s %-48s %s" % (number, outcome, name, what, text), flush=True)
    print()
    for name in sorted(by_mistake):
        print("%-40s %s" % (name, dict(by_mistake[name])))
    print(dict(outcomes), "slowest diagnose %.2f s" % slow, "passed by validate: %d" % missed)


main()
