"""Random chains of torch modules, each held against recur.  usage: judge_torch_modules.py RECUR FOLDER FIRST LAST

Every seed from FIRST up to LAST makes a model out of everything that can be declared, saves it in one of the forms that
checkpoints have, and asks recur
  - to compute what torch computed, and to notice outputs that were moved by 0.01,
  - to write it as .pt, .safetensors and .npz with every tensor the same, bit for bit,
  - to open what it emits as a declaration itself,
  - to refuse declarations with one word changed, or else not to compute the same.
What differs is printed with its seed, and its files stay in FOLDER. Needs torch, numpy and safetensors.
"""
import collections
import copy
import json
import os
import random
import subprocess
import sys
import warnings

import numpy as np
import torch
import torch.nn as nn
from safetensors.torch import load_file, save_file
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.backends.mkldnn.enabled = False
torch.set_num_threads(1)
warnings.filterwarnings("ignore")
RECUR, FOLDER, FIRST, LAST = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
STATUSES = (0, 1, 2)
ACTIVATIONS = {
    "relu": nn.ReLU, "relu6": nn.ReLU6, "selu": nn.SELU, "sigmoid": nn.Sigmoid, "hardsigmoid": nn.Hardsigmoid,
    "logsigmoid": nn.LogSigmoid, "tanh": nn.Tanh, "tanhshrink": nn.Tanhshrink, "softsign": nn.Softsign, "silu": nn.SiLU,
    "hardswish": nn.Hardswish, "mish": nn.Mish, "elu": nn.ELU, "celu": nn.CELU, "gelu": nn.GELU, "softplus": nn.Softplus,
    "leaky_relu": nn.LeakyReLU, "hardtanh": nn.Hardtanh, "softshrink": nn.Softshrink, "hardshrink": nn.Hardshrink,
    "linear": nn.Identity, "exp": lambda: torch.exp}
WITH_OPTIONS = [
    ("LeakyReLU", "negative_slope", (0.3, 0.01)), ("ELU", "alpha", (0.7, 1.4)), ("CELU", "alpha", (1.3, 0.5)),
    ("Softshrink", "lambd", (0.2, 0.0)), ("Hardshrink", "lambd", (0.1, 0.9)), ("GELU", "approximate", ("tanh", "none")),
    ("Softmax", "dim", (-1, -1)), ("LogSoftmax", "dim", (-1, -1))]


class Net(nn.Module):
    """Modules under names with dots, in the order of calls."""

    def forward(self, x):
        return x


def place(root, key, module):
    *path, last = key.split(".")
    for name in path:
        if name not in root._modules:
            root.add_module(name, Net())
        root = root._modules[name]
    root.add_module(last, module)


class Draft:
    """A model while it is made: modules, their declarations, and what torch computes on the way."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        r = self.r
        torch.manual_seed(seed)
        self.seed = seed
        self.dtype = r.choice([torch.float32] * 7 + [torch.float64] * 2 + [torch.float16, torch.bfloat16])
        self.B, self.T = r.randint(1, 4), r.randint(1, 6)
        self.layers, self.names, self.results, self.tensors = [], [], {}, []
        self.net, self.arguments = Net(), collections.OrderedDict()
        self.lengths = None
        self.sole = r.random() < 0.25
        self.time_first = r.random() < 0.35
        if self.sole:
            self.start_sequence()
            self.recurrent() if r.random() < 0.75 else self.cell()
        else:
            self.start()
            for _ in range(r.randint(1, 6)):
                self.step()
        self.declare()

    # inputs

    def random(self, *shape):
        return torch.randn(shape, dtype=torch.float64).to(self.dtype)

    def start_sequence(self):
        self.x = self.random(*((self.T, self.B) if self.time_first else (self.B, self.T)), self.r.randint(1, 7))
        self.layout = "TBF" if self.time_first else "BTF"
        self.arguments["x"] = self.x
        self.choose_lengths(0.35)

    def choose_lengths(self, chance):
        if self.r.random() < chance:
            self.lengths = torch.tensor([self.r.randint(1, self.T) for _ in range(self.B)])

    def start(self):
        r = self.r
        kind = r.random()
        if kind < 0.3:
            count, width = r.randint(2, 9), r.randint(1, 7)
            shape = (self.T, self.B) if self.time_first else (self.B, self.T)
            self.x = torch.tensor([[r.randrange(count) for _ in range(shape[1])] for _ in range(shape[0])])
            self.layout = "TB" if self.time_first else "BT"
            self.arguments["x"] = self.x
            options = {"padding_idx": r.randrange(count)} if r.random() < 0.3 else {}
            self.add("Embedding", self.key("embed"), nn.Embedding(count, width, **options),
                     num_embeddings=count, embedding_dim=width, **options)
            self.layout += "F"
            self.choose_lengths(0.3)
        elif kind < 0.75:
            self.start_sequence()
            if r.random() < 0.75:
                self.recurrent()
        elif kind < 0.87:
            self.time_first = False
            self.x, self.layout = self.random(self.B, r.randint(1, 7), self.T + 3), "BCL"
            self.arguments["x"] = self.x
            self.convolution()
        else:
            self.time_first = False
            self.x, self.layout = self.random(self.B, r.randint(1, 7)), "BF"
            self.arguments["x"] = self.x
            self.cell() if r.random() < 0.5 else self.linear()

    # modules

    def key(self, word):
        r = self.r
        style = r.random()
        base = word if style < 0.6 else "%s.%s" % (r.choice(["encoder", "net", "blocks.0"]), word) if style < 0.9 else str(len(self.layers))
        key, number = base, 1
        while key in self.names:
            key, number = "%s%d" % (base, number), number + 1
        return key

    def fill(self, module):
        with torch.no_grad():
            for p in module.parameters():
                p.copy_((torch.randn(p.shape, dtype=torch.float64) * 0.5).to(p.dtype))
            for name, b in module.named_buffers():
                if name.endswith("running_mean"):
                    b.copy_(torch.randn(b.shape) * 0.3)
                if name.endswith("running_var"):
                    b.copy_(torch.rand(b.shape) + 0.5)
        return module.to(self.dtype).eval()

    def add(self, kind, key, module, activation=None, **options):
        """A module that is called with one value."""
        if self.layers == [] and self.sole:
            key = "" if self.r.random() < 0.7 else key
        layer = {"type": ("nn." if self.r.random() < 0.9 else "torch.nn.") + kind if kind[0].isupper() else kind}
        if key is not None:
            layer["key"] = key
        layer.update(options)
        name = key or kind.lower()
        number = 2
        while name in self.names:
            name, number = "%s_%d" % (key or kind.lower(), number), number + 1
        self.layers.append(layer)
        self.names.append(name)
        if key is not None:
            self.fill(module)
            if key:
                place(self.net, key, module)
            else:
                self.net = module
        if kind in ("LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell"):
            return layer, name
        with torch.no_grad():
            self.x = module(self.x)
            if activation:
                layer["activation"] = activation
                made = ACTIVATIONS[activation]()
                self.x = made(self.x)
        self.results[name] = {"": self.x}
        return layer, name

    def option(self, options, name, value, default):
        """Declares an option; its default only now and then."""
        if value != default or self.r.random() < 0.3:
            options[name] = value

    def states(self, module, name, kind, shapes, chance):
        if self.r.random() >= chance:
            return ()
        first = not any(n for n in self.arguments if n.endswith("h_0"))
        is_first = first and not any(l.get("recurrent") for l in [])
        prefix = "" if is_first and self.first_recurrent == name and self.r.random() < 0.6 else name + "."
        states = []
        for part, shape in zip(("h_0", "c_0"), shapes):
            states.append(self.random(*shape))
            self.arguments[prefix + part if not (self.sole and prefix == "") else part] = states[-1]
        return tuple(states)

    def recurrent(self):
        r = self.r
        kind = r.choice(["LSTM", "LSTM", "GRU", "RNN"])
        F, H = self.x.shape[-1], r.randint(1, 7)
        L, D = r.choice([1, 1, 2, 3]), r.choice([1, 1, 2])
        bias, first = r.random() < 0.8, self.layout[0] == "B"
        P = r.randint(1, H - 1) if kind == "LSTM" and H > 1 and r.random() < 0.25 else 0
        keywords = {"num_layers": L, "bidirectional": D == 2, "bias": bias, "batch_first": first}
        if kind == "LSTM":
            keywords["proj_size"] = P
        options = {"input_size": F, "hidden_size": H}
        defaults = {"num_layers": 1, "bidirectional": False, "bias": True, "batch_first": False, "proj_size": 0}
        for name, value in keywords.items():
            self.option(options, name, value, defaults[name])
        if kind == "RNN":
            keywords["nonlinearity"] = r.choice(["tanh", "relu"])
            self.option(options, "nonlinearity", keywords["nonlinearity"], "tanh")
        if L > 1 and r.random() < 0.2:
            keywords["dropout"] = options["dropout"] = 0.3
        module = getattr(nn, kind)(F, H, **keywords)
        layer, name = self.add(kind, self.key(kind.lower()), module, **options)
        if not hasattr(self, "first_recurrent"):
            self.first_recurrent = name
        batch = self.x.shape[0 if first else 1]
        steps = self.x.shape[1 if first else 0]
        shapes = [(L * D, batch, P or H)] + ([(L * D, batch, H)] if kind == "LSTM" else [])
        states = self.states(module, name, kind, shapes, 0.3)
        with torch.no_grad():
            x, n = self.x, self.lengths
            if n is not None:
                x = pack_padded_sequence(x, n, batch_first=first, enforce_sorted=False)
            y, end = module(x, states if len(states) > 1 else states[0]) if states else module(x)
            if n is not None:
                y = pad_packed_sequence(y, batch_first=first, total_length=steps)[0]
            h, c = end if kind == "LSTM" else (end, None)
            z = y if first else y.transpose(0, 1)
            counts = n if n is not None else torch.full((batch,), steps)
            both = lambda s: torch.cat((s[-2], s[-1]), 1) if D == 2 else s[-1]
            choices = {
                "output": y, "first": z[:, 0], "last": z[torch.arange(batch), counts - 1], "h_n": both(h),
                "mean": torch.stack([z[i, :k].double().mean(0) for i, k in enumerate(counts)]).to(y.dtype)}
            if c is not None:
                choices["c_n"] = both(c)
        more = self.sole or r.random() < 0.5
        select = r.choice([None, "output"] if more else list(choices))
        if self.sole and r.random() < 0.4:
            select = r.choice(list(choices))
        if select:
            layer["select"] = select
        self.plain = self.sole and select is None
        self.x = choices[select or "output"]
        self.results[name] = {"": self.x, "output": y, "h_n": h, **({"c_n": c} if c is not None else {})}
        if len(self.x.shape) == 2:
            self.layout = "BF"
        else:
            self.layout = self.layout[:2] + "F"

    def cell(self):
        r = self.r
        if self.sole:
            self.x, self.layout = self.random(self.B, r.randint(1, 7)), "BF"
            self.arguments["x"], self.lengths = self.x, None
        kind = r.choice(["LSTM", "GRU", "RNN"])
        F, H = self.x.shape[-1], r.randint(1, 7)
        bias = r.random() < 0.8
        keywords, options = {"bias": bias}, {"input_size": F, "hidden_size": H}
        self.option(options, "bias", bias, True)
        if kind == "RNN":
            keywords["nonlinearity"] = r.choice(["tanh", "relu"])
            self.option(options, "nonlinearity", keywords["nonlinearity"], "tanh")
        module = getattr(nn, kind + "Cell")(F, H, **keywords)
        layer, name = self.add(kind + "Cell", self.key("cell"), module, **options)
        if not hasattr(self, "first_recurrent"):
            self.first_recurrent = name
        states = self.states(module, name, kind, [(self.x.shape[0], H)] * (2 if kind == "LSTM" else 1), 0.4)
        with torch.no_grad():
            end = module(self.x, states if len(states) > 1 else states[0]) if states else module(self.x)
        h, c = end if kind == "LSTM" else (end, None)
        select = r.choice([None, None, "h_n"] + (["c_n"] if c is not None else []))
        if select:
            layer["select"] = select
        self.plain = self.sole and select is None
        self.x = c if select == "c_n" else h
        self.results[name] = {"": self.x, "h_n": h, **({"c_n": c} if c is not None else {})}

    def linear(self):
        F, O, bias = self.x.shape[-1], self.r.randint(1, 7), self.r.random() < 0.8
        options = {"in_features": F, "out_features": O}
        self.option(options, "bias", bias, True)
        activation = self.r.choice(list(ACTIVATIONS)) if self.r.random() < 0.4 else None
        self.add("Linear", self.key("fc"), nn.Linear(F, O, bias=bias), activation, **options)

    def layer_norm(self):
        F, r = self.x.shape[-1], self.r
        eps = r.choice([1e-5, 1e-3, 1e-2])
        options = {"normalized_shape": r.choice([F, [F]])}
        self.option(options, "eps", eps, 1e-5)
        affine, bias = r.random() < 0.8, r.random() < 0.8
        self.option(options, "elementwise_affine", affine, True)
        self.option(options, "bias", bias, True)
        self.add("LayerNorm", self.key("norm"), nn.LayerNorm(F, eps=eps, elementwise_affine=affine, bias=bias), **options)

    def batch_norm(self):
        F, r = self.x.shape[1], self.r
        eps, affine = r.choice([1e-5, 1e-3]), r.random() < 0.8
        options = {"num_features": F}
        self.option(options, "eps", eps, 1e-5)
        self.option(options, "affine", affine, True)
        if r.random() < 0.2:
            options["momentum"] = 0.2
        self.add("BatchNorm1d", self.key("bn"), nn.BatchNorm1d(F, eps=eps, affine=affine), **options)

    def convolution(self):
        r = self.r
        C, length = self.x.shape[1], self.x.shape[2]
        groups = r.choice([g for g in range(1, C + 1) if C % g == 0])
        O, K, stride, dilation = groups * r.randint(1, 3), r.randint(1, 4), r.randint(1, 3), r.randint(1, 2)
        padding = r.choice([0, 1, 2, "same", "valid"])
        if padding == "same":
            stride = 1
        span = dilation * (K - 1) + 1
        if padding != "same" and length + 2 * (padding if isinstance(padding, int) else 0) < span:
            return
        options = {"in_channels": C, "out_channels": O, "kernel_size": r.choice([K, [K]])}
        bias = r.random() < 0.8
        for name, value, default in (("stride", stride, 1), ("dilation", dilation, 1), ("groups", groups, 1), ("padding", padding, 0)):
            self.option(options, name, [value] if isinstance(value, int) and name != "groups" and r.random() < 0.2 else value, default)
        self.option(options, "bias", bias, True)
        module = nn.Conv1d(C, O, K, stride=stride, dilation=dilation, groups=groups, padding=padding, bias=bias)
        activation = r.choice(list(ACTIVATIONS)) if r.random() < 0.3 else None
        self.add("Conv1d", self.key("conv"), module, activation, **options)
        self.lengths_over()

    def lengths_over(self):
        """From here on the axis of the timesteps is another one."""
        if self.layout in ("BTF", "TBF"):
            self.layout = "BCL"

    def activation(self):
        r = self.r
        if r.random() < 0.5:
            word = r.choice([w for w in ACTIVATIONS if w not in ("linear", "exp")])
            module = ACTIVATIONS[word]()
            self.add(type(module).__name__, None, module)
        elif r.random() < 0.2 and self.x.shape[-1] % 2 == 0:
            self.add("GLU", None, nn.GLU(), **({"dim": -1} if r.random() < 0.5 else {}))
        else:
            kind, option, values = r.choice(WITH_OPTIONS)
            value = r.choice(values)
            if option == "dim" and r.random() < 0.5:
                value = len(self.x.shape) - 1
            self.add(kind, None, getattr(nn, kind)(**{option: value}), **{option: value})

    def permute(self):
        r = self.r
        if self.lengths is not None:
            dims = [1, 0, 2]
        else:
            # The batch stays on the first or second axis, as it does in every model.
            dims = r.choice([d for d in ([0, 2, 1], [1, 0, 2], [0, 1, 2], [2, 0, 1], [1, 2, 0]) if "B" in [self.layout[d[0]], self.layout[d[1]]]])
            if self.layout[dims[1]] == "B" and self.layout[dims[2]] not in "FC":
                dims = [0, 1, 2]
        self.layout = "".join(self.layout[d] for d in dims)
        self.add("permute", None, lambda x: x.permute(dims), dims=dims)

    def step(self):
        r = self.r
        rank = len(self.x.shape)
        usable = self.layout[2:] == "F" and set(self.layout) == set("BTF")
        choices = [self.linear, self.layer_norm, self.activation, self.dropout]
        if self.layout[0] == "B":
            choices += [self.batch_norm]
        if rank == 2:
            choices += [self.cell, self.cell, self.flatten]
        else:
            choices += [self.permute]
            if self.lengths is None or usable:
                choices += [self.recurrent] * 5
            if self.lengths is None and self.layout[0] == "B":
                choices += [self.convolution] + ([self.flatten] if self.layers else [])
        if r.random() < 0.05:
            choices = [self.identity]
        r.choice(choices)()

    def dropout(self):
        p = self.r.choice([0.1, 0.5])
        kind = self.r.choice(["Dropout", "Dropout1d", "AlphaDropout", "FeatureAlphaDropout"])
        self.add(kind, None, nn.Identity(), p=p)

    def identity(self):
        self.add("Identity", None, nn.Identity())

    def flatten(self):
        self.add("Flatten", None, nn.Flatten())
        self.layout = "BF"

    # the declaration

    def declare(self):
        r = self.r
        if self.lengths is not None and not any(l["type"].split(".")[-1] in ("LSTM", "GRU", "RNN") for l in self.layers):
            self.lengths = None
        if self.lengths is not None:
            self.arguments["lengths"] = self.lengths
        names = list(self.arguments)
        parts = None
        if r.random() < 0.4:
            every = [(n, p) for n in self.names for p in self.results[n]]
            parts = r.sample(every, r.randint(1, min(4, len(every))))
            self.outputs = [self.results[n][p] for n, p in parts]
        elif getattr(self, "plain", False) and self.sole:
            self.outputs = [v for p, v in self.results[self.names[0]].items() if p]
        else:
            self.outputs = [self.x]
        self.declaration = {"layers": self.layers}
        sole_default = self.sole and names[1:] in ([], ["h_0"], ["h_0", "c_0"]) and r.random() < 0.5
        if len(names) > 1 and not sole_default or r.random() < 0.1:
            fixed = self.layers and names
            if r.random() < 0.3:
                r.shuffle(fixed)
            self.arguments = collections.OrderedDict((n, self.arguments[n]) for n in fixed)
            self.declaration = {"inputs": list(self.arguments), **self.declaration}
        if parts:
            self.declaration["outputs"] = [n + ("." + p if p else "") for n, p in parts]


def array(tensor):
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()


def save(draft, path):
    """Saves the weights in one of the forms of checkpoints.

    Returns the path, and the state dict as the declaration names it."""
    r = draft.r
    state = collections.OrderedDict((k, v.clone()) for k, v in draft.net.state_dict().items())
    forms = ["pt", "legacy", "safetensors", "parallel", "compiled", "lightning", "training", "ema", "module", "script", "tar"]
    if draft.dtype != torch.bfloat16:
        forms.append("npz")
    form = r.choice(forms)
    if not state and form not in ("pt", "legacy"):
        form = "pt"
    if form == "script" and any("cell" in n.lower() or True for n in []):
        form = "pt"
    if r.random() < 0.1 and form not in ("module", "script") and "" not in [l.get("key") for l in draft.layers]:
        state["unused_head.weight"] = draft.random(2, 3)
    optimizer = {"state": {0: {"step": torch.tensor(3.0), "exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}
    prefixed = lambda p: collections.OrderedDict((p + k, v) for k, v in state.items())
    path += {"safetensors": ".safetensors", "npz": ".npz", "tar": ".tar", "lightning": ".ckpt"}.get(form, r.choice([".pt", ".pth"]))
    if form == "safetensors":
        save_file({k: v.contiguous() for k, v in state.items()}, path, metadata={"format": "pt"})
    elif form == "npz":
        np.savez(path, **{k: v.numpy() for k, v in state.items()})
    elif form == "legacy":
        torch.save(state, path, _use_new_zipfile_serialization=False)
    elif form == "parallel":
        torch.save(prefixed("module."), path)
    elif form == "compiled":
        torch.save(prefixed("_orig_mod."), path)
    elif form == "lightning":
        torch.save({"epoch": 3, "global_step": 12, "pytorch-lightning_version": "2.5.0", "state_dict": prefixed("model."),
                    "loops": {}, "callbacks": {}, "optimizer_states": [optimizer], "lr_schedulers": [], "hyper_parameters": {"lr": 0.1}}, path)
    elif form == "training":
        torch.save({"epoch": 3, "model_state_dict": state, "optimizer_state_dict": optimizer, "loss": torch.tensor(0.5)}, path)
    elif form == "ema":
        torch.save({"model": state, "optimizer": optimizer, "step": 5}, path)
    elif form == "module":
        torch.save(draft.net, path)
    elif form == "script":
        torch.jit.save(torch.jit.script(draft.net), path)
    else:
        torch.save(state, path)
    return form, path, state


def recur(*arguments):
    try:
        p = subprocess.run([RECUR, *arguments], capture_output=True, text=True, timeout=60, errors="replace")
        return p.returncode, p.stdout + p.stderr
    except subprocess.TimeoutExpired:
        return 124, "no answer in 60 s"


def bits(tensor):
    tensor = tensor.contiguous()
    return (str(tensor.dtype), tuple(tensor.shape), tensor.reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b"")


def check_conversions(draft, path, declaration, state, base):
    for end in (".pt", ".safetensors", ".npz"):
        target = base + ".out" + end
        if draft.dtype == torch.bfloat16 and end == ".npz":
            state = {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
        status, text = recur("convert", path, target, "--architecture", declaration, "--force")
        if status != 0:
            yield "convert to %s: %d\n%s" % (end, status, text)
            continue
        if end == ".pt":
            found = torch.load(target, weights_only=True)
        elif end == ".safetensors":
            found = load_file(target)
        else:
            found = {k: torch.from_numpy(np.array(v)) for k, v in np.load(target).items()}
        used = {k: v for k, v in state.items() if not k.startswith("unused_head")}
        if len(used) < len(state) and "unused_head.weight" not in text:
            yield "convert to %s does not tell of the unused tensor\n%s" % (end, text)
        if set(found) != set(used):
            yield "convert to %s: keys %s, not %s" % (end, sorted(set(found) - set(used)), sorted(set(used) - set(found)))
        for k in found.keys() & used.keys():
            if bits(found[k]) != bits(used[k]):
                yield "convert to %s: '%s' differs: %s %s, not %s %s" % (
                    end, k, found[k].dtype, tuple(found[k].shape), used[k].dtype, tuple(used[k].shape))


SIZES = {"input_size", "hidden_size", "num_layers", "proj_size", "in_features", "out_features", "num_embeddings", "embedding_dim",
         "num_features", "normalized_shape", "in_channels", "out_channels", "kernel_size"}


def wrong(draft, r):
    """Declarations with one word changed: what was changed, whether the tensors show it, and the declaration."""
    index = r.randrange(len(draft.layers))
    for _ in range(3):
        d = copy.deepcopy(draft.declaration)
        layer = d["layers"][index]
        if layer.get("type", "").split(".")[-1][0].islower():
            return
        kind = layer["type"].split(".")[-1]
        names = [n for n in layer if n not in ("type",)]
        choice = r.choice(names + ["type", "unknown", "bias", "bidirectional", "num_layers"])
        shown = True
        if choice == "type":
            other = r.choice(["LSTM", "GRU", "RNN", "Linear", "LSTMCell", "GRUCell", "RNNCell", "LayerNorm", "Embedding"])
            if other == kind or "key" not in layer:
                continue
            layer["type"] = "nn." + other
            shown = None
        elif choice == "unknown":
            layer["hidden_units"] = 3
        elif choice in ("bias", "bidirectional", "num_layers") and choice not in layer:
            if kind not in ("LSTM", "GRU", "RNN") and not (choice == "bias" and kind in ("Linear", "Conv1d", "LSTMCell", "LayerNorm")):
                continue
            layer[choice] = 2 if choice == "num_layers" else choice == "bidirectional"
            shown = None if kind == "LayerNorm" else True
        elif choice == "key":
            layer["key"] += "x" if layer["key"] else "lstm"
            shown = None if kind in ("LayerNorm",) and layer.get("elementwise_affine") is False else True
        elif choice in SIZES:
            value = layer[choice]
            step = r.choice([-1, 1, 5])
            layer[choice] = [value[0] + step] if isinstance(value, list) else value + step
            if kind in ("LayerNorm",) and layer.get("elementwise_affine") is False:
                shown = None
        elif isinstance(layer[choice], bool):
            layer[choice] = not layer[choice]
            shown = choice not in ("batch_first",)
            shown = None if kind == "LayerNorm" else shown
        elif choice == "select":
            layer[choice] = r.choice(["output", "first", "last", "h_n", "c_n", "mean"])
            shown = None
        elif isinstance(layer[choice], (int, float)):
            layer[choice] += 1
            shown = None
        elif choice in ("activation", "nonlinearity"):
            layer[choice] = "tanh" if layer[choice] != "tanh" else "relu"
            shown = None
        else:
            layer[choice] = {"what": 1}
            shown = None if choice in ("padding_idx",) else True
        yield "%s %s: %s -> %s" % (kind, choice, draft.layers[index].get(choice), layer.get(choice)), shown, d


def tells_rank(draft):
    """Whether the declaration says of how many axes the input is."""
    kinds = {l["type"].split(".")[-1] for l in draft.layers}
    return bool(kinds & {"LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell", "Conv1d", "Embedding", "permute"})


def check(seed):
    draft = Draft(seed)
    if not tells_rank(draft):
        raise NotImplementedError("any number of axes")
    base = os.path.join(FOLDER, "m%d" % seed)
    form, path, state = save(draft, base)
    declaration, golden = base + ".json", base + ".golden.npz"
    with open(declaration, "w") as f:
        json.dump(draft.declaration, f, indent=1)
    record = {"in_%d" % i: array(v) for i, v in enumerate(draft.arguments.values())}
    record.update({"out_%d" % i: array(v) for i, v in enumerate(draft.outputs)})
    np.savez(golden, **record)
    about = "%s %s %s" % (form, str(draft.dtype)[6:], json.dumps(draft.declaration))
    problems = []

    status, text = recur("validate", path, "--architecture", declaration, "--golden", golden)
    if status != 0:
        problems.append("validate: %d\n%s" % (status, text))
    else:
        moved = dict(record)
        name = draft.r.choice([n for n in record if n.startswith("out")])
        flat = moved[name].copy().reshape(-1)
        position = draft.r.randrange(flat.size)
        half = draft.dtype in (torch.float16, torch.bfloat16)
        flat[position] += (1 if half else 1e-2) * max(1, abs(float(flat[position])))
        moved[name] = flat.reshape(moved[name].shape)
        np.savez(base + ".moved.npz", **moved)
        status, text = recur("validate", path, "--architecture", declaration, "--golden", base + ".moved.npz")
        if status != 1:
            problems.append("moved golden (%s[%d]): %d\n%s" % (name, position, status, text))
        problems += check_conversions(draft, path, declaration, state, base)
        for what, shown, value in wrong(draft, draft.r):
            other = base + ".wrong.json"
            with open(other, "w") as f:
                json.dump(value, f)
            status, text = recur("validate", path, "--architecture", other)
            if status not in STATUSES or shown and status == 0:
                problems.append("wrong declaration is accepted (%s): %d\n%s%s" % (what, status, text, json.dumps(value)))
            elif status != 0 and "[" not in text:
                problems.append("wrong declaration (%s): no code\n%s" % (what, text))
    single = draft.sole and "" in [l.get("key") for l in draft.layers]
    if single or form == "module":  # what is assumed is told on the other stream
        status, text = recur("inspect", path, "--emit-architecture")
        p = subprocess.run([RECUR, "inspect", path, "--emit-architecture"], capture_output=True, text=True)
        if single or p.returncode == 0:
            with open(base + ".emitted.json", "w") as f:
                f.write(p.stdout)
            status, text = recur("validate", path, "--architecture", base + ".emitted.json")
            if "do not follow" in p.stderr:
                pass  # to be edited first
            elif status != 0:
                problems.append("emitted: %d\n%s\n%s" % (status, text, p.stdout))
            elif single and "outputs" not in draft.declaration and "select" not in draft.layers[0] and (
                    form == "module" or draft.layers[0].get("batch_first") is True or "Cell" in draft.layers[0]["type"]):
                more = ["--inputs", ",".join(draft.arguments)] if "inputs" in draft.declaration else []
                if form == "module" or draft.layers[0].get("nonlinearity") != "relu":
                    status, text = recur("validate", path, "--architecture", base + ".emitted.json", "--golden", golden, *more)
                    if status != 0:
                        problems.append("emitted, golden: %d\n%s\n%s" % (status, text, p.stdout))
    return about, problems, base


def main():
    os.makedirs(FOLDER, exist_ok=True)
    counts = collections.Counter()
    for seed in range(FIRST, LAST):
        try:
            about, problems, base = check(seed)
        except (RuntimeError, NotImplementedError) as error:
            counts["not made"] += 1
            if not isinstance(error, NotImplementedError):
                print(seed, "not made:", str(error).split("\n")[0])
            continue
        counts["with problems" if problems else "alike"] += 1
        if problems:
            print("== %d %s" % (seed, about))
            for problem in problems:
                print("  " + problem.replace("\n", "\n    "))
        else:
            for name in os.listdir(FOLDER):
                if name.startswith(os.path.basename(base) + "."):
                    os.remove(os.path.join(FOLDER, name))
        sys.stdout.flush()
    print(dict(counts))


main()
