"""Convolutions, pooling and their kin with random shapes and options, and what the framework computes.

usage: gen_operators_spatial.py keras3|tf_keras|torch OUTPUT_DIR [OPERATOR ...]

keras3 and tf_keras: one model per operator, spatial_OPERATOR.keras or .h5, with an output for each of at least 20 layers,
and its golden. keras3 needs KERAS_BACKEND=torch, because TensorFlow computes no channels_first on a processor.
torch: spatial_torch.npz with the tensors, input and output of every module, and spatial_torch.json with their
declarations. New cases go to the end of a list, so that the numbers of the others stay.
"""
import json
import os
import random
import sys
import zipfile

import numpy as np

from common import random_weights

SHAPES = {1: (8,), 2: (5, 6), 3: (4, 3, 4)}
ORDER = (1, 2, 2, 1, 3, 1, 2, 1)
CHANNELS = 4


def pick(r, *values):
    return r.choice(values)


def per_axis(r, axes, low, high):
    """One number, or one for each axis."""
    return r.randint(low, high) if r.random() < 0.5 else tuple(r.randint(low, high) for _ in range(axes))


def steps(r, axes):
    """Strides or dilations; Keras takes only one of them above 1."""
    return r.choice([{}, {"strides": per_axis(r, axes, 1, 3)}, {"dilation_rate": per_axis(r, axes, 1, 2)}])


ACTIVATIONS = ("linear", "relu", "tanh", "softplus", "softmax")


def convolutions(r, k, axes, formats):
    words = ["valid", "same"] + (["causal"] if axes == 1 else [])
    data_format = pick(r, *formats)
    padding = pick(r, *(words if data_format == "channels_last" else words[:2]))
    groups = pick(r, 1, 1, 2, 4)
    layer = getattr(k.layers, f"Conv{axes}D")(
        4 * r.randint(1, 2), per_axis(r, axes, 1, 3), padding=padding, groups=groups if axes < 3 else 1,
        activation=pick(r, *ACTIVATIONS[:4]), use_bias=r.random() < 0.7, data_format=data_format, **steps(r, axes))
    return layer, axes, data_format


def depthwise(r, k, axes, formats):
    data_format = pick(r, *formats)
    options = pick(r, {}, {"strides": r.randint(1, 3)}, {"dilation_rate": r.randint(1, 2)})
    layer = getattr(k.layers, f"DepthwiseConv{axes}D")(
        per_axis(r, axes, 1, 3), padding=pick(r, "valid", "same"), depth_multiplier=r.randint(1, 3),
        activation=pick(r, *ACTIVATIONS[:4]), use_bias=r.random() < 0.7, data_format=data_format, **options)
    return layer, axes, data_format


def separable(r, k, axes, formats):
    data_format = pick(r, *formats)
    options = pick(r, {}, {"strides": r.randint(1, 3)}, {"dilation_rate": r.randint(1, 2)})
    layer = getattr(k.layers, f"SeparableConv{axes}D")(
        r.randint(1, 6), per_axis(r, axes, 1, 3), padding=pick(r, "valid", "same"), depth_multiplier=r.randint(1, 3),
        activation=pick(r, *ACTIVATIONS[:4]), use_bias=r.random() < 0.7, data_format=data_format, **options)
    return layer, axes, data_format


def transposed(r, k, axes, formats):
    data_format = pick(r, *formats)
    padding = pick(r, "valid", "same")
    size = per_axis(r, axes, 1, 5 if axes < 3 else 3)
    options = steps(r, axes)
    strides = options.get("strides", 1)
    sizes = size if isinstance(size, tuple) else (size,) * axes
    # TensorFlow refuses lengths that would not give back the input's.
    if r.random() < 0.5 and (padding == "valid" or all(s % 2 for s in sizes)):
        options["output_padding"] = tuple(
            r.randint(0, s - 1) for s in (strides if isinstance(strides, tuple) else (strides,) * axes))
        if "dilation_rate" in options:
            del options["dilation_rate"]
    layer = getattr(k.layers, f"Conv{axes}DTranspose")(
        r.randint(1, 5), size, padding=padding, activation=pick(r, *ACTIVATIONS[:4]),
        use_bias=r.random() < 0.7, data_format=data_format, **options)
    return layer, axes, data_format


def poolings(r, k, axes, formats):
    data_format = pick(r, *formats)
    kind = pick(r, "Max", "Average")
    if r.random() < 0.25:
        layer = getattr(k.layers, f"Global{kind}Pooling{axes}D")(keepdims=r.random() < 0.5, data_format=data_format)
    else:
        options = {} if r.random() < 0.4 else {"strides": per_axis(r, axes, 1, 3)}
        layer = getattr(k.layers, f"{kind}Pooling{axes}D")(
            per_axis(r, axes, 1, 3), padding=pick(r, "valid", "same"), data_format=data_format, **options)
    return layer, axes, data_format


def resizings(r, k, axes, formats):
    data_format = pick(r, *formats) if axes > 1 else "channels_last"
    more = {"data_format": data_format} if axes > 1 else {}

    def margins():
        pairs = tuple((r.randint(0, 2), r.randint(0, 1)) for _ in range(axes))
        if axes == 1:
            return pick(r, pairs[0], r.randint(0, 2))
        return pick(r, pairs, tuple(a for a, _ in pairs), 1)

    kind = pick(r, "UpSampling", "ZeroPadding", "Cropping")
    argument = per_axis(r, axes, 1, 3) if kind == "UpSampling" else margins()
    if axes == 1 and kind == "UpSampling":
        argument = r.randint(1, 3)
    return getattr(k.layers, f"{kind}{axes}D")(argument, **more), axes, data_format


def normalizations(r, k, axes, formats):
    axis = r.randint(1, axes + 1)
    axis = axis if r.random() < 0.5 else axis - axes - 2
    if r.random() < 0.5:
        layer = k.layers.BatchNormalization(axis=axis, center=r.random() < 0.7, scale=r.random() < 0.7)
    else:
        extents = SHAPES[axes] + (CHANNELS,)
        extent = extents[axis - 1 if axis > 0 else axis]
        groups = pick(r, *[g for g in range(1, extent + 1) if extent % g == 0], -1)
        layer = k.layers.GroupNormalization(
            groups=groups, axis=axis, center=r.random() < 0.7, scale=r.random() < 0.7, epsilon=pick(r, 1e-3, 1e-2))
    return layer, axes, "channels_last"


def recurrent(r, k, axes, formats):
    data_format = pick(r, *formats)
    layer = getattr(k.layers, f"ConvLSTM{axes}D")(
        r.randint(1, 3), per_axis(r, axes, 1, 3), padding=pick(r, "valid", "same"),
        activation=pick(r, "tanh", "relu"), recurrent_activation=pick(r, "sigmoid", "hard_sigmoid"),
        use_bias=r.random() < 0.7, return_sequences=r.random() < 0.5, go_backwards=r.random() < 0.3,
        data_format=data_format, return_state=r.random() < 0.3, **steps(r, axes))
    return layer, axes, data_format


def distributed(r, k, axes, formats):
    make = pick(r, convolutions, poolings, depthwise if axes < 3 else poolings, resizings)
    layer, axes, data_format = make(r, k, axes, formats)
    return k.layers.TimeDistributed(layer), axes, data_format


# Operator: how a layer is made, over how many axes, and whether there are timesteps in front of them.
OPERATORS = {
    "convolutions": (convolutions, (1, 2, 3), False), "depthwise": (depthwise, (1, 2), False),
    "separable": (separable, (1, 2), False), "transposed": (transposed, (1, 2, 3), False),
    "poolings": (poolings, (1, 2, 3), False), "resizings": (resizings, (1, 2, 3), False),
    "normalizations": (normalizations, (1, 2, 3), False), "recurrent": (recurrent, (1, 2, 3), True),
    "distributed": (distributed, (1, 2, 3), True),
}


def depends_on_backend(layer, axes):
    """Whether TensorFlow takes other positions than torch: padding that would be negative over three axes."""
    inner = getattr(layer, "layer", layer)
    inner = getattr(inner, "cell", inner)
    if axes < 3 or getattr(inner, "padding", "") != "same" or "Transpose" in type(inner).__name__:
        return False
    sizes = getattr(inner, "kernel_size", None) or inner.pool_size
    return any(stride >= size + 2 for size, stride in zip(sizes, inner.strides))


def keras_model(k, operator, seed, formats):
    """A model with one output per layer, and its inputs."""
    make, axes, has_timesteps = OPERATORS[operator]
    r = random.Random(seed)
    lead = (2,) if has_timesteps else ()
    inputs, outputs, arrays = {}, [], []
    generator = np.random.RandomState(seed)
    count, attempt = 24, 0
    while len(outputs) < count:
        n = min(ORDER[attempt % len(ORDER)], max(axes))
        attempt += 1
        try:
            layer, n, data_format = make(r, k, n, formats)
        except ValueError:
            continue
        spatial = SHAPES[n]
        shape = lead + ((CHANNELS,) + spatial if data_format == "channels_first" else spatial + (CHANNELS,))
        if depends_on_backend(layer, n):
            continue
        if (n, data_format) not in inputs:
            inputs[(n, data_format)] = k.Input(shape, name=f"x{n}_{data_format}")
            arrays.append(generator.standard_normal((2,) + shape).astype("float32"))
        try:
            y = layer(inputs[(n, data_format)])
        except ValueError:  # windows that are larger than the input
            continue
        for output in y if isinstance(y, (list, tuple)) else [y]:
            outputs.append(output)
    model = k.Model(list(inputs.values()), outputs, name=f"spatial_{operator}")
    random_weights(model, seed, 0.3)
    return model, arrays


def save(model, path):
    """Saves a model; entries of an archive are compressed, which Keras reads as well."""
    model.save(path)
    if path.endswith(".keras"):
        with zipfile.ZipFile(path) as archive:
            entries = [(name, archive.read(name)) for name in archive.namelist()]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries:
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def distributed_models(k):
    """Models with TimeDistributed around models."""
    def front(name):
        frame = k.Input((6, 5, 2))
        y = k.layers.Conv2D(3, 3, activation="relu", padding="same")(frame)
        y = k.layers.BatchNormalization()(y)
        left = k.layers.MaxPooling2D(2)(y)
        right = k.layers.DepthwiseConv2D(2, strides=2, padding="valid")(y)
        y = k.layers.Concatenate(axis=3)([left, right])
        y = k.layers.Add()([y, k.layers.Dense(6)(y)])
        return k.Model(frame, k.layers.Flatten()(y), name=name)

    chain = k.Sequential(
        [k.Input((6, 5, 2)), k.layers.Conv2D(3, (3, 2), strides=2), k.layers.BatchNormalization(),
         k.layers.Conv2D(2, 1, activation="tanh"), k.layers.Flatten(), k.layers.Dense(3)], name="chain")
    chain.layers[1].trainable = False
    video = k.Input((4, 6, 5, 2), name="video")
    y = k.layers.TimeDistributed(chain, name="frames")(video)
    z = k.layers.TimeDistributed(front("front"), name="branches")(video)
    y = k.layers.LSTM(4, return_sequences=True)(k.layers.Concatenate()([y, z]))
    inner = k.Sequential([k.Input((3, 5)), k.layers.Conv1D(4, 2), k.layers.GRU(3)], name="inner")
    words = k.Input((4, 3, 5), name="words")
    w = k.layers.TimeDistributed(inner, name="sentences")(words)
    w = k.layers.TimeDistributed(k.layers.LayerNormalization(), name="norm")(w)
    return {"distributed_models": k.Model(
        [video, words], [y, k.layers.Bidirectional(k.layers.LSTM(2))(w)], name="distributed_models")}


def keras(family, folder, chosen):
    if family == "keras3":
        import keras as k
        formats = ("channels_last", "channels_first") if k.backend.backend() == "torch" else ("channels_last",)
    else:
        import tf_keras as k
        formats = ("channels_last",)
    end = "keras" if family == "keras3" else "h5"
    for seed, operator in enumerate(OPERATORS):
        if chosen and operator not in chosen:
            continue
        if family == "tf_keras" and operator == "normalizations":
            # GroupNormalization of tf.keras takes channels last.
            OPERATORS[operator] = (normalizations, (1, 2, 3), False)
        model, arrays = keras_model(k, operator, 100 + seed, formats)
        path = os.path.join(folder, f"spatial_{operator}.{end}")
        save(model, path)
        outputs = model.predict(arrays, verbose=0, batch_size=2)
        golden = {f"in_{i}": a for i, a in enumerate(arrays)}
        golden.update({f"out_{i}": np.asarray(a) for i, a in enumerate(outputs)})
        np.savez_compressed(os.path.join(folder, f"spatial_{operator}.golden.npz"), **golden)
        print(operator, len(outputs))
    if chosen and "models" not in chosen:
        return
    for seed, (name, model) in enumerate(distributed_models(k).items()):
        random_weights(model, 300 + seed, 0.3)
        save(model, os.path.join(folder, f"spatial_{name}.{end}"))
        generator = np.random.RandomState(seed)
        arrays = [generator.standard_normal((2,) + tuple(i.shape)[1:]).astype("float32") for i in model.inputs]
        golden = {f"in_{i}": a for i, a in enumerate(arrays)}
        golden.update({f"out_{i}": np.asarray(a) for i, a in enumerate(model.predict(arrays, verbose=0))})
        np.savez_compressed(os.path.join(folder, f"spatial_{name}.golden.npz"), **golden)


def torch_modules(folder):
    import torch
    from torch import nn

    r = random.Random(5)
    torch.manual_seed(5)
    cases, arrays = [], {}

    def options(axes, **values):
        return {name: value for name, value in values.items() if value is not None}

    def add(module, name, axes, words):
        key = f"m{len(cases)}"
        x = torch.randn(2, 4, *SHAPES[axes])
        try:
            module(x)
        except RuntimeError:  # windows that are larger than the input
            return
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_(torch.randn_like(parameter) * 0.3)
            for buffer, value in module.named_buffers():
                if buffer == "running_mean":
                    value.copy_(torch.randn_like(value) * 0.3)
                if buffer == "running_var":
                    value.copy_(torch.rand_like(value) + 0.5)
            module.eval()
            y = module(x)
        layer = {"type": name}
        state = module.state_dict()
        if state:
            layer["key"] = key
        layer.update(words)
        # These take any number of axes: the module in front says how many there are.
        front = [{"type": "permute", "dims": list(range(axes + 2))}] if name in ("nn.GroupNorm", "nn.BatchNorm1d") else []
        cases.append({"layers": front + [layer]})
        for parameter, value in state.items():
            arrays[f"{key}.{parameter}"] = value.numpy()
        arrays[f"{key}/in"], arrays[f"{key}/out"] = x.numpy(), y.numpy()

    for index in range(24):
        axes = ORDER[index % 8]
        words = dict(
            in_channels=4, out_channels=4, kernel_size=per_axis(r, axes, 1, 3), stride=per_axis(r, axes, 1, 2),
            padding=pick(r, 0, per_axis(r, axes, 0, 2)), dilation=per_axis(r, axes, 1, 2), groups=pick(r, 1, 2, 4),
            bias=r.random() < 0.7)
        if index % 5 == 4:
            words.update(padding="same", stride=1)
        add(getattr(nn, f"Conv{axes}d")(**words), f"nn.Conv{axes}d", axes, words)
    for index in range(24):
        axes = ORDER[index % 8]
        stride = r.randint(1, 3)
        words = dict(
            in_channels=4, out_channels=4, kernel_size=per_axis(r, axes, 1, 4), stride=stride,
            padding=r.randint(0, 1), output_padding=r.randint(0, stride - 1), groups=pick(r, 1, 2, 4),
            bias=r.random() < 0.7, dilation=per_axis(r, axes, 1, 2))
        add(getattr(nn, f"ConvTranspose{axes}d")(**words), f"nn.ConvTranspose{axes}d", axes, words)
    for index in range(24):
        axes = ORDER[index % 8]
        size = r.randint(1, 3)
        words = dict(kernel_size=size, stride=pick(r, None, r.randint(1, 3)), padding=r.randint(0, size // 2))
        words = {name: value for name, value in words.items() if value is not None}
        if index % 2:
            words["dilation"] = pick(r, 1, 2 if size < 3 or axes != 3 else 1)
            add(getattr(nn, f"MaxPool{axes}d")(**words), f"nn.MaxPool{axes}d", axes, words)
        else:
            words["count_include_pad"] = r.random() < 0.5
            add(getattr(nn, f"AvgPool{axes}d")(**words), f"nn.AvgPool{axes}d", axes, words)
    for axes in (1, 2, 3):
        add(getattr(nn, f"AdaptiveAvgPool{axes}d")(1), f"nn.AdaptiveAvgPool{axes}d", axes, {"output_size": 1})
        add(getattr(nn, f"AdaptiveMaxPool{axes}d")(1), f"nn.AdaptiveMaxPool{axes}d", axes, {"output_size": 1})
        add(getattr(nn, f"BatchNorm{axes}d")(4), f"nn.BatchNorm{axes}d", axes, {"num_features": 4})
        add(nn.GroupNorm(2, 4), "nn.GroupNorm", axes, {"num_groups": 2, "num_channels": 4})
        amounts = [r.randint(0, 2) for _ in range(2 * axes)]
        add(getattr(nn, f"ZeroPad{axes}d")(amounts), f"nn.ZeroPad{axes}d", axes, {"padding": amounts})
    np.savez_compressed(os.path.join(folder, "spatial_torch.npz"), **arrays)
    with open(os.path.join(folder, "spatial_torch.json"), "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    print(len(cases), "modules")


family, folder = sys.argv[1:3]
if family == "torch":
    torch_modules(folder)
else:
    keras(family, folder, sys.argv[3:])
