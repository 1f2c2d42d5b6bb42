"""Declarations that are graphs, with what torch computed.  usage: gen_torch_graphs.py OUT

GROUP.safetensors holds the tensors, GROUP.json the declaration, GROUP.golden.npz the recorded inputs and outputs. A group is
one model of many modules or functions side by side, each with inputs, options and an output of its own: at least 20 random
choices per module and function with options. float32 on the CPU, mkldnn off. Needs torch, numpy and safetensors.
"""
import json
import os
import random
import sys
import zipfile

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

torch.backends.mkldnn.enabled = False
out = sys.argv[1]
pick = random.Random(17)
numbers = np.random.default_rng(17)
torch.manual_seed(17)


class Group:
    """A model that grows: inputs with their numbers, modules with their tensors, outputs with what torch computed."""

    def __init__(self, name):
        self.name = name
        self.inputs, self.layers, self.outputs = [], [], []
        self.tensors, self.arrays = {}, {}
        self.count = 0

    def input(self, *shape, positive=False, integer=None, boolean=False, free=(), batch=0):
        """An input; the axes in `free`, and the one of the batch, have a free extent."""
        if boolean:
            value = torch.from_numpy(numbers.random(shape) < 0.5)
        elif integer is not None:
            value = torch.from_numpy(numbers.integers(integer[0], integer[1], shape))
        else:
            value = torch.from_numpy(np.round(numbers.standard_normal(shape), 2).astype("float32"))
            if positive:
                value = value.abs() + 0.25
        name = "x%d" % len(self.inputs)
        declared = {"name": name, "shape": [None if a == batch or a in free else n for a, n in enumerate(shape)]}
        if boolean or integer is not None:
            declared["dtype"] = "bool" if boolean else "int64"
        self.arrays["in_%d" % len(self.inputs)] = value.numpy()
        self.inputs.append(declared)
        return name, value

    def add(self, type, inputs, computed, module=None, parts=("",), **options):
        """A module or function with named inputs; `computed` is what torch made of them, one tensor per part."""
        name = "m%d" % self.count
        self.count += 1
        layer = {"type": type}
        if module is not None and module.state_dict():
            layer["key"] = name
            for key, tensor in module.state_dict().items():
                self.tensors["%s.%s" % (name, key)] = tensor
        else:
            layer["name"] = name
        layer["inputs"] = inputs
        layer.update(options)
        self.layers.append(layer)
        values = computed if isinstance(computed, (list, tuple)) else [computed]
        for part, value in zip(parts, values):
            self.arrays["out_%d" % len(self.outputs)] = value.detach().numpy()
            self.outputs.append(name + part)
        return name

    def module(self, type, named, parts=("",), **options):
        """A module of torch.nn, made of its options and called with inputs."""
        module = getattr(nn, type)(**{k: tuple(v) if isinstance(v, list) else v for k, v in options.items()})
        fill(module)
        with torch.no_grad():
            result = module(*[value for _, value in named])
        return self.add("nn." + type, [name for name, _ in named], result, module, parts, **options)

    def function(self, type, function, named, parts=("",), **options):
        """A function of torch, called with inputs and keywords."""
        with torch.no_grad():
            result = function(*[value for _, value in named], **options)
        if isinstance(result, (list, tuple)):
            parts = tuple(".%d" % i for i in range(len(result)))
        return self.add(type, [name for name, _ in named], result, None, parts, **options)

    def save(self):
        path = os.path.join(out, self.name)
        lines = ",\n".join("    " + json.dumps(layer) for layer in self.layers)
        with open(path + ".json", "w") as file:
            file.write('{\n  "inputs": %s,\n  "layers": [\n%s\n  ],\n  "outputs": %s\n}\n' % (
                json.dumps(self.inputs), lines, json.dumps(self.outputs)))
        if not self.tensors:
            self.tensors["unused"] = torch.zeros(1)
        save_file({k: v.clone().contiguous() for k, v in self.tensors.items()}, path + ".safetensors", metadata={"format": "pt"})
        with zipfile.ZipFile(path + ".golden.npz", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, value in self.arrays.items():
                with archive.open(zipfile.ZipInfo(name + ".npy"), "w") as file:
                    np.lib.format.write_array(file, np.ascontiguousarray(value))
        print(self.name, len(self.layers), "layers")


def fill(module):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.from_numpy(np.round(0.4 * numbers.standard_normal(parameter.shape), 2)))
        for name, buffer in module.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(torch.from_numpy(np.round(0.3 * numbers.standard_normal(buffer.shape), 2)))
            if name.endswith("running_var"):
                buffer.copy_(torch.from_numpy(np.round(numbers.random(buffer.shape) + 0.5, 2)))
    return module.eval()


def sizes(axes, low, high):
    return [pick.randint(low, high) for _ in range(axes)]


def maybe(value):
    """A list with equal numbers is sometimes one number."""
    return value[0] if len(set(value)) == 1 and pick.random() < 0.5 else value


def convolutions():
    group = Group("convolutions")
    for axes in (1, 2, 3):
        for _ in range(20 if axes < 3 else 12):
            groups = pick.choice([1, 1, 1, 2])
            channels, width = groups * pick.randint(1, 2), groups * pick.randint(1, 3)
            kernel, stride, dilation = sizes(axes, 1, 3), sizes(axes, 1, 2), sizes(axes, 1, 2)
            options = {"in_channels": channels, "out_channels": width, "kernel_size": maybe(kernel), "groups": groups,
                       "dilation": maybe(dilation), "bias": pick.random() < 0.8}
            mode = pick.choice(["zeros", "zeros", "reflect", "replicate", "circular"])
            if pick.random() < 0.3:
                options["padding"] = pick.choice(["same", "valid"])
            else:
                options["stride"] = maybe(stride)
                options["padding"] = maybe(sizes(axes, 0, 2))
            if mode != "zeros":
                options["padding_mode"] = mode
            x = group.input(2, channels, *sizes(axes, 5, 7))
            group.module("Conv%dd" % axes, [x], **options)
        for _ in range(20 if axes < 3 else 10):
            groups = pick.choice([1, 1, 2])
            channels, width = groups * pick.randint(1, 2), groups * pick.randint(1, 2)
            stride, dilation = sizes(axes, 1, 3), sizes(axes, 1, 2)
            options = {"in_channels": channels, "out_channels": width, "kernel_size": maybe(sizes(axes, 1, 3)),
                       "groups": groups, "dilation": maybe(dilation), "stride": maybe(stride),
                       "padding": maybe(sizes(axes, 0, 1)),
                       "output_padding": [pick.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation)],
                       "bias": pick.random() < 0.8}
            x = group.input(2, channels, *sizes(axes, 3, 5))
            try:
                group.module("ConvTranspose%dd" % axes, [x], **options)
            except RuntimeError:
                group.inputs.pop()
                group.arrays.pop("in_%d" % len(group.inputs))
    group.save()


def pools():
    group = Group("pools")
    for axes in (1, 2, 3):
        for _ in range(20):
            kernel = sizes(axes, 1, 3)
            options = {"kernel_size": maybe(kernel), "padding": [pick.randint(0, k // 2) for k in kernel]}
            if pick.random() < 0.7:
                options["stride"] = maybe(sizes(axes, 1, 3))
            if pick.random() < 0.5:
                options["ceil_mode"] = True
            x = group.input(2, 2, *sizes(axes, 5, 8 if axes < 3 else 6))
            group.module("MaxPool%dd" % axes, [x], **options, dilation=maybe(sizes(axes, 1, 2)))
            if pick.random() < 0.5:
                options["count_include_pad"] = False
            elif axes > 1 and pick.random() < 0.3:
                options.pop("ceil_mode", None)
                options["divisor_override"] = pick.randint(1, 5)
            group.module("AvgPool%dd" % axes, [x], **options)
        for _ in range(20):
            extents = sizes(axes, 3, 7)
            x = group.input(2, 2, *extents)
            size = [pick.choice([1, 2, 3, n]) for n in extents]
            if pick.random() < 0.3:
                size = [1] * axes
            group.module("AdaptiveAvgPool%dd" % axes, [x], output_size=maybe(size))
            group.module("AdaptiveMaxPool%dd" % axes, [x], output_size=maybe(size))
    group.save()


def norms():
    group = Group("norms")
    for axes in (1, 2, 3):
        for _ in range(20):
            channels = pick.choice([2, 4])
            x = group.input(2, channels, *sizes(axes, 2, 4), free=(2,) if pick.random() < 0.5 else ())
            eps = pick.choice([1e-5, 1e-3])
            group.module("BatchNorm%dd" % axes, [x], num_features=channels, eps=eps, affine=pick.random() < 0.7)
            group.module("InstanceNorm%dd" % axes, [x], num_features=channels, eps=eps, affine=pick.random() < 0.5,
                         track_running_stats=pick.random() < 0.3)
            group.module("GroupNorm", [x], num_groups=pick.choice([1, 2]), num_channels=channels, eps=eps,
                         affine=pick.random() < 0.7)
    for _ in range(20):
        shape = sizes(pick.randint(2, 4), 2, 4)
        x = group.input(2, *shape)
        behind = shape[-pick.randint(1, len(shape)):]
        group.module("LayerNorm", [x], normalized_shape=behind, elementwise_affine=pick.random() < 0.7)
        group.module("RMSNorm", [x], normalized_shape=behind, eps=pick.choice([1e-6, 1e-3]),
                     elementwise_affine=pick.random() < 0.7)
        rank = len(shape) + 1
        group.function("F.normalize", F.normalize, [x], p=pick.choice([1.0, 2.0]), dim=pick.randint(1, rank - 1))
    group.save()


def activations():
    group = Group("activations")

    plain = ["ReLU", "ReLU6", "SELU", "Sigmoid", "Hardsigmoid", "LogSigmoid", "Tanh", "Tanhshrink", "Softsign", "SiLU",
             "Hardswish", "Mish", "Softmin", "Softmax", "LogSoftmax", "GLU", "Identity"]
    for name in plain:
        for _ in range(3):
            x = group.input(2, *[2 * n for n in sizes(pick.randint(1, 3), 1, 2)])
            rank = x[1].dim()
            if name in ("Softmin", "Softmax", "LogSoftmax"):
                for dim in range(1, rank):
                    group.module(name, [x], dim=pick.choice([dim, dim - rank]))
            elif name == "GLU":
                for dim in range(1, rank):
                    group.module(name, [x], dim=dim)
            else:
                group.module(name, [x])
    number = lambda low, high: round(pick.uniform(low, high), 2)
    for _ in range(20):
        x = group.input(2, *sizes(pick.randint(1, 3), 1, 3))
        group.module("LeakyReLU", [x], negative_slope=number(0, 1))
        group.module("RReLU", [x], lower=number(0, 0.2), upper=number(0.2, 0.5))
        group.module("ELU", [x], alpha=number(0.2, 2))
        group.module("CELU", [x], alpha=number(0.2, 2))
        group.module("Hardtanh", [x], min_val=number(-2, 0), max_val=number(0.1, 2))
        group.module("Softplus", [x], beta=number(0.3, 3))
        group.module("Softshrink", [x], lambd=number(0, 1))
        group.module("Hardshrink", [x], lambd=number(0, 1))
        group.module("Threshold", [x], threshold=number(-1, 1), value=number(-2, 2))
        group.module("GELU", [x], approximate=pick.choice(["none", "tanh"]))
        group.module("PReLU", [x], num_parameters=pick.choice([1, x[1].shape[1]]))
    for _ in range(4):
        group.module("Softmax2d", [group.input(2, 3, 2, 2)])
    group.save()


def paddings():
    group = Group("paddings")
    for axes in (1, 2, 3):
        for kind in ("Zero", "Constant", "Reflection", "Replication", "Circular"):
            for _ in range((20, 8, 3)[axes - 1]):
                x = group.input(2, 2, *sizes(axes, 4, 5 if axes < 3 else 4), free=(2,) if axes == 1 and pick.random() < 0.5 else ())
                amount = sizes(2 * axes, 0, 3)
                if kind in ("Zero", "Constant") and pick.random() < 0.4:
                    amount[pick.randrange(2 * axes)] = -1
                options = {"padding": amount}
                if kind == "Constant":
                    options["value"] = round(pick.uniform(-2, 2), 1)
                group.module("%sPad%dd" % (kind, axes), [x], **options)
    for axes in (1, 2, 3):
        for _ in range(7):
            x = group.input(2, 2, *sizes(axes, 1, 3))
            group.module("Upsample", [x], scale_factor=pick.choice([2.0, 3.0]))
            group.module("Upsample", [x], size=[n * pick.randint(1, 2) for n in x[1].shape[2:]])
    for _ in range(5):
        x = group.input(2, 8, 2, 3)
        group.module("PixelShuffle", [x], upscale_factor=2)
        group.module("ChannelShuffle", [x], groups=pick.choice([2, 4]))
        group.module("UpsamplingNearest2d", [x], scale_factor=2)
        group.module("Flatten", [x], start_dim=pick.choice([1, 2]), end_dim=pick.choice([2, 3, -1]))
        group.module("Unflatten", [x], dim=1, unflattened_size=[2, 4])
    group.save()


def elementwise():
    group = Group("elementwise")
    unary = ["exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square", "abs", "neg", "sign", "reciprocal",
             "floor", "ceil", "trunc", "round", "sin", "cos", "tan", "atan", "sinh", "cosh", "erf", "frac", "sigmoid", "tanh"]
    for name in unary:
        for _ in range(2):
            x = group.input(2, *sizes(pick.randint(1, 3), 1, 3), positive=True)
            group.function("torch." + name, getattr(torch, name), [x])
    binary = ["add", "sub", "mul", "div", "remainder", "fmod", "floor_divide", "maximum", "minimum", "eq", "ne", "lt", "le", "gt",
              "ge"]
    for name in binary:
        for _ in range(5):
            shape = sizes(pick.randint(1, 3), 1, 3)
            other = [pick.choice([1, n]) for n in shape]
            x, y = group.input(2, *shape), group.input(2, *other)
            group.function("torch." + name, getattr(torch, name), [x, y])
            number = pick.choice([0.5, -1.5, 2.0])
            if name not in ("maximum", "minimum"):
                group.add("torch." + name, [x[0]], getattr(torch, name)(x[1], number), None, other=number)
            z = group.input(2, *shape, positive=True)
            group.function("torch." + name, getattr(torch, name), [z, y])
    for _ in range(20):
        shape = sizes(pick.randint(1, 3), 1, 3)
        x, y, c = group.input(2, *shape), group.input(2, *shape), group.input(2, *shape, boolean=True)
        group.add("torch.where", [c[0], x[0], y[0]], torch.where(c[1], x[1], y[1]))
        group.add("torch.where", [c[0], 0.0, y[0]], torch.where(c[1], torch.tensor(0.0), y[1]))
        group.add("Tensor.masked_fill", [x[0], c[0]], x[1].masked_fill(c[1], -1.5), None, value=-1.5)
        group.add("torch.logical_or", [c[0], x[0]], torch.logical_or(c[1], x[1]))
        group.add("torch.clamp", [x[0]], x[1].clamp(-0.5, 0.75), None, min=-0.5, max=0.75)
        group.add("torch.clamp", [x[0]], x[1].clamp(max=0.5), None, max=0.5)
        group.add("torch.lerp", [x[0], y[0]], torch.lerp(x[1], y[1], 0.25), None, weight=0.25)
        group.add("torch.addcmul", [x[0], y[0], x[0]], torch.addcmul(x[1], y[1], x[1], value=0.5), None, value=0.5)
        group.add("torch.sub", [x[0], y[0]], torch.sub(x[1], y[1], alpha=2), None, alpha=2)
        group.add("torch.rsub", [x[0]], 1 - x[1], None, other=1)
        group.add("torch.pow", [x[0]], x[1] ** 2, None, other=2)
        group.add("Tensor.long", [x[0]], x[1].long())
        group.add("Tensor.to", [c[0]], c[1].to(torch.float32), None, dtype="torch.float32")
        group.add("torch.div", [x[0]], torch.div(x[1], 0.3, rounding_mode="floor"), None, other=0.3, rounding_mode="floor")
    group.save()


def reductions():
    group = Group("reductions")
    for _ in range(20):
        rank = pick.randint(2, 4)
        x = group.input(2, *sizes(rank - 1, 2, 4))
        dims = sorted(pick.sample(range(rank), pick.randint(1, rank - 1)))
        dim = [d - rank if pick.random() < 0.5 else d for d in dims]
        keep = pick.random() < 0.5
        for name in ("mean", "sum", "amax", "amin", "logsumexp"):
            group.function("torch." + name, getattr(torch, name), [x], dim=dim, keepdim=keep)
        one = dim[0]
        group.function("torch.prod", torch.prod, [x], dim=one, keepdim=keep)
        group.add("torch.max", [x[0]], x[1].max(dim=one, keepdim=keep).values, None, (".0",), dim=one, keepdim=keep)
        group.add("torch.min", [x[0]], x[1].min(dim=one, keepdim=keep).values, None, (".0",), dim=one, keepdim=keep)
        inner = [d for d in dim if d not in (0, -rank)] or [-1]
        group.function("torch.var", torch.var, [x], dim=inner, keepdim=keep)
        group.function("torch.std", torch.std, [x], dim=inner, unbiased=False, keepdim=keep)
        group.function("torch.norm", torch.norm, [x], p=pick.choice([1, 2, 3]), dim=one, keepdim=keep)
        group.function("torch.softmax", torch.softmax, [x], dim=one)
        group.function("torch.log_softmax", torch.log_softmax, [x], dim=one)
        c = group.input(2, *sizes(2, 2, 3), boolean=True)
        group.function("torch.any", torch.any, [c], dim=1)
        group.function("torch.all", torch.all, [c], dim=2, keepdim=True)
    group.save()


def subscript(keys):
    return ", ".join("None" if k is None else "..." if k is Ellipsis else str(k) if isinstance(k, int) else
                     ":".join("" if v is None else str(v) for v in ((k.start, k.stop) if k.step is None else
                                                                    (k.start, k.stop, k.step))) for k in keys)


def shapes():
    group = Group("shapes")
    for _ in range(20):
        rank = pick.randint(2, 4)
        shape = [2] + sizes(rank - 1, 2, 4)
        x = group.input(*shape)
        order = list(range(rank))
        pick.shuffle(order)
        group.add("Tensor.permute", [x[0]], x[1].permute(order), None, dims=order)
        a, b = pick.sample(range(rank), 2)
        group.add("torch.transpose", [x[0]], x[1].transpose(a, b), None, dim0=a, dim1=b - rank)
        group.add("Tensor.reshape", [x[0]], x[1].reshape(-1, shape[-1]), None, shape=[-1, shape[-1]])
        group.add("Tensor.view", [x[0]], x[1].view(shape[0], -1), None, shape=[2, -1])
        group.add("torch.flatten", [x[0]], x[1].flatten(rank - 2), None, start_dim=rank - 2)
        at = pick.randint(-rank - 1, rank)
        group.add("torch.unsqueeze", [x[0]], x[1].unsqueeze(at), None, dim=at)
        one = group.input(2, *[pick.choice([1, 3]) for _ in range(rank - 1)])
        axis = pick.randint(1, rank - 1)
        group.add("torch.squeeze", [one[0]], one[1].squeeze(axis), None, dim=axis)
        group.add("Tensor.expand", [one[0]], one[1].expand(*[-1 if n != 1 or i == 0 else 4 for i, n in enumerate(one[1].shape)]),
                  None, size=[-1 if n != 1 or i == 0 else 4 for i, n in enumerate(one[1].shape)])
        times = [1] + sizes(rank - 1, 1, 3)
        group.add("Tensor.repeat", [x[0]], x[1].repeat(*times), None, repeats=times)
        axis = pick.randint(1, rank - 1)
        group.add("torch.cat", [x[0], x[0]], torch.cat([x[1], x[1]], axis), None, dim=axis)
        group.add("torch.stack", [x[0], x[0]], torch.stack([x[1], x[1]], at), None, dim=at)
        inner = pick.randint(1, rank - 1)
        group.add("torch.flip", [x[0]], x[1].flip(inner), None, dims=[inner])
        group.add("torch.roll", [x[0]], x[1].roll(1, inner), None, shifts=1, dims=inner)
        parts = x[1].chunk(2, inner)
        group.add("torch.chunk", [x[0]], parts, None, tuple(".%d" % i for i in range(len(parts))), chunks=2, dim=inner)
        parts = x[1].split(1, inner)
        group.add("torch.split", [x[0]], parts, None, tuple(".%d" % i for i in range(len(parts))),
                  split_size_or_sections=1, dim=inner)
        parts = x[1].unbind(inner)
        group.add("torch.unbind", [x[0]], parts, None, tuple(".%d" % i for i in range(len(parts))), dim=inner)
        keys = []
        for n in shape:
            low = pick.randint(0, n - 1)
            keys.append(pick.choice([slice(None), slice(low, None), slice(None, -1 if n > 1 else None), slice(None, None, 2),
                                     pick.choice([0, -1])]))
        if pick.random() < 0.5:
            keys.insert(pick.randint(0, len(keys)), None)
        if pick.random() < 0.3:
            keys = [Ellipsis, keys[-1]] if keys[-1] is not None else [Ellipsis, None]
        result = x[1][tuple(keys)]
        if result.dim() > 0:
            group.add("getitem", [x[0]], result, None, index=subscript(keys))
        pads = sizes(2 * pick.randint(1, rank - 1), 0, 2)
        group.add("F.pad", [x[0]], F.pad(x[1], pads), None, pad=pads)
        group.add("F.pad", [x[0]], F.pad(x[1], pads, value=1.5), None, pad=pads, value=1.5)
        n = pick.randint(1, 3)
        a, b = group.input(2, 3, n), group.input(2, n, 2)
        group.add("torch.matmul", [a[0], b[0]], a[1] @ b[1])
        group.add("torch.bmm", [a[0], b[0]], torch.bmm(a[1], b[1]))
        group.add("torch.einsum", [a[0], b[0]], torch.einsum("btf,bfo->bot", a[1], b[1]), None, equation="btf,bfo->bot")
        q, k, v = group.input(2, 3, 4), group.input(2, 5, 4), group.input(2, 5, 3)
        causal = pick.random() < 0.5
        group.add("F.scaled_dot_product_attention", [q[0], k[0], v[0]],
                  F.scaled_dot_product_attention(q[1], k[1], v[1], is_causal=causal), None, is_causal=causal)
        group.add("F.cosine_similarity", [x[0], x[0]], F.cosine_similarity(x[1], x[1], dim=inner), None, dim=inner)
    group.save()


def attention():
    group = Group("attention")
    for _ in range(20):
        heads, size = pick.choice([1, 2]), pick.randint(1, 2)
        width, first = heads * size, pick.random() < 0.6
        options = {"embed_dim": width, "num_heads": heads, "bias": pick.random() < 0.8, "batch_first": first}
        cross = pick.random() < 0.5
        if cross and pick.random() < 0.5:
            options.update(kdim=3, vdim=2)
        module = fill(nn.MultiheadAttention(**options))
        shape = lambda t, w: (2, t, w) if first else (t, 2, w)
        axis = 0 if first else 1
        q = group.input(*shape(3, width), batch=axis)
        if cross:
            k = group.input(*shape(4, options.get("kdim", width)), batch=axis)
            v = group.input(*shape(4, options.get("vdim", width)), batch=axis)
        else:
            k = v = q
        with torch.no_grad():
            result, _ = module(q[1], k[1], v[1])
        group.add("nn.MultiheadAttention", [q[0], k[0], v[0]] if cross else [q[0]], result, module, **options)
        if not cross and first:
            mask = group.input(2, 3, boolean=True)
            mask[1][:, 0] = False
            with torch.no_grad():
                result, _ = module(q[1], q[1], q[1], key_padding_mask=mask[1])
            group.add("nn.MultiheadAttention", [q[0]], result, module, key_padding_mask=mask[0], **options)
    for stack in [False] * 12 + [True] * 10:
        heads = pick.choice([1, 2])
        options = {"d_model": 2 * heads, "nhead": heads, "dim_feedforward": 3, "activation": pick.choice(["relu", "gelu"]),
                   "norm_first": pick.random() < 0.5, "batch_first": pick.random() < 0.6}
        layer = nn.TransformerEncoderLayer(**options)
        module = layer
        if stack:
            norm = nn.LayerNorm(2 * heads) if pick.random() < 0.5 else None
            module = nn.TransformerEncoder(layer, 2, norm, enable_nested_tensor=False)
            options["num_layers"] = 2
        fill(module)
        first = options["batch_first"]
        x = group.input(*((2, 3, 2 * heads) if first else (3, 2, 2 * heads)), batch=0 if first else 1)
        with torch.no_grad():
            torch.backends.mha.set_fastpath_enabled(False)
            result = module(x[1])
        group.add("nn.TransformerEncoder" if stack else "nn.TransformerEncoderLayer", [x[0]], result, module, **options)
    group.save()


def recurrent():
    group = Group("recurrent")
    for _ in range(20):
        kind = pick.choice(["LSTM", "GRU", "RNN"])
        options = {"input_size": 2, "hidden_size": pick.randint(1, 3), "num_layers": pick.randint(1, 2),
                   "bidirectional": pick.random() < 0.5, "batch_first": True}
        module = fill(getattr(nn, kind)(**options))
        x = group.input(2, 3, 2)
        rows = options["num_layers"] * (2 if options["bidirectional"] else 1)
        states = [(rows, 2, options["hidden_size"])] * (2 if kind == "LSTM" else 1)
        given = []
        if pick.random() < 0.5:
            for rows, _, width in states:
                parts = [group.input(2, width) for _ in range(rows)]
                stacked = "s%d" % len(group.layers)
                group.layers.append({"type": "torch.stack", "name": stacked, "inputs": [n for n, _ in parts], "dim": 0})
                given.append((stacked, torch.stack([v for _, v in parts])))
        with torch.no_grad():
            hidden = tuple(v for _, v in given)
            y, h = module(x[1], *([hidden if kind == "LSTM" else hidden[0]] if given else []))
        h = list(h) if kind == "LSTM" else [h]
        group.add("nn." + kind, [x[0]] + [n for n, _ in given], [y] + h, module, (".output", ".h_n", ".c_n")[:1 + len(h)],
                  **options)
        cell = fill(getattr(nn, kind + "Cell")(2, 3))
        x = group.input(2, 2)
        with torch.no_grad():
            one = cell(x[1])
            two = cell(x[1], one)
        one, two = (list(v) if kind == "LSTM" else [v] for v in (one, two))
        first = group.add("nn.%sCell" % kind, [x[0]], one, cell, (".h_n", ".c_n")[:len(one)])
        names = [first + p for p in (".h_n", ".c_n")[:len(one)]]
        group.add("nn.%sCell" % kind, [x[0]] + names, two, cell, (".h_n", ".c_n")[:len(two)])
    group.save()


class Recognizer(nn.Module):
    """A CRNN: convolutions over an image, recurrent layers over its columns, attention over what they give, and a skip."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn = nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.conv2 = nn.Conv2d(3, 4, 3, stride=(2, 1), padding=1)
        self.lstm = nn.LSTM(8, 4, bidirectional=True, batch_first=True)
        self.score = nn.Linear(8, 1)
        self.table = nn.Embedding(5, 3)
        self.gru = nn.GRU(3, 4, batch_first=True)
        self.fc = nn.Linear(12, 3)

    def forward(self, image, tokens):
        x = F.relu(self.bn(self.conv1(image)))
        x = F.max_pool2d(x, 2)
        x = F.relu(self.conv2(x))
        x = x.permute(0, 3, 1, 2).flatten(2)
        y, _ = self.lstm(x)
        weights = torch.softmax(self.score(torch.tanh(y)), 1)
        context = (weights * y).sum(1)
        _, h = self.gru(self.table(tokens))
        joined = torch.cat([context, h[-1]], -1)
        return torch.log_softmax(self.fc(joined), -1), weights.squeeze(-1)


def graph():
    group = Group("recognizer")
    module = fill(Recognizer())
    image, tokens = group.input(2, 1, 8, 10), group.input(2, 4, integer=(0, 5), free=(1,))
    with torch.no_grad():
        result = module(image[1], tokens[1])
    group.inputs[0]["name"], group.inputs[1] = "image", "tokens"
    group.tensors = dict(module.state_dict())
    group.layers = [
        {"type": "nn.Conv2d", "key": "conv1", "inputs": ["image"], "in_channels": 1, "out_channels": 3, "kernel_size": 3,
         "padding": 1},
        {"type": "nn.BatchNorm2d", "key": "bn"}, {"type": "F.relu"}, {"type": "F.max_pool2d", "kernel_size": 2},
        {"type": "nn.Conv2d", "key": "conv2", "stride": [2, 1], "padding": 1}, {"type": "F.relu"},
        {"type": "Tensor.permute", "dims": [0, 3, 1, 2]}, {"type": "torch.flatten", "start_dim": 2},
        {"type": "nn.LSTM", "key": "lstm", "bidirectional": True, "batch_first": True},
        {"type": "torch.tanh"}, {"type": "nn.Linear", "key": "score"},
        {"type": "torch.softmax", "name": "weights", "dim": 1},
        {"type": "torch.mul", "inputs": ["weights", "lstm"]}, {"type": "torch.sum", "name": "context", "dim": 1},
        {"type": "nn.Embedding", "key": "table", "inputs": ["tokens"]},
        {"type": "nn.GRU", "key": "gru", "batch_first": True, "select": "h_n"},
        {"type": "torch.cat", "inputs": ["context", "gru"], "dim": -1}, {"type": "nn.Linear", "key": "fc"},
        {"type": "torch.log_softmax", "name": "classes", "dim": -1},
        {"type": "Tensor.squeeze", "name": "attention", "inputs": ["weights"], "dim": -1},
    ]
    group.outputs = ["classes", "attention"]
    group.arrays.update(out_0=result[0].numpy(), out_1=result[1].numpy())
    group.save()


convolutions()
pools()
norms()
activations()
paddings()
elementwise()
reductions()
shapes()
attention()
recurrent()
graph()
