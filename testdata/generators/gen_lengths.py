"""Padded batches of random lengths, 1 to 40 timesteps, with what the framework computes of them.

usage: gen_lengths.py keras3|tf_keras|torch|pad OUT

NAME.keras (or .h5, .pt with its declaration NAME.json) is the model, NAME.npz what was recorded:

    lengths                [batch], the timesteps of each sequence
    post_in, pre_in        the batch, padded at the end or at the start
    post_out_0, …          model(x, mask=mask) of Keras, or torch with packed sequences (post only)
    pre_out_0, …           the same for pre_in
    alone_ROW_out_0, …     what the framework computes of each sequence alone

`pad` writes pad_sequences.json: arguments of keras.utils.pad_sequences and what it returns.
float32, CPU, oneDNN and mkldnn off.
"""
import itertools
import json
import os
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="-1")
import numpy as np

family, out = sys.argv[1:3]
B, F, U = 5, 3, 4


def flat(value):
    if isinstance(value, (list, tuple)):
        return [w for v in value for w in flat(v)]
    return [np.asarray(value)]


def batches(sequences, value):
    """The batch padded at the end, that padded at the start, and the mask of each."""
    longest = max(map(len, sequences))
    shape = (len(sequences), longest) + sequences[0].shape[1:]
    post, pre = np.full(shape, value, sequences[0].dtype), np.full(shape, value, sequences[0].dtype)
    late, early = np.zeros(shape[:2], bool), np.zeros(shape[:2], bool)
    for row, s in enumerate(sequences):
        post[row, :len(s)], late[row, :len(s)] = s, True
        pre[row, longest - len(s):], early[row, longest - len(s):] = s, True
    return post, late, pre, early


def sequences(seed, tokens=None):
    r = np.random.default_rng(seed)
    lengths = [int(r.integers(1, 41)) for _ in range(B)]
    lengths[0] = 1 + seed % 3
    if tokens:
        return [r.integers(1, tokens, n).astype("int32") for n in lengths]
    return [r.standard_normal((n, F)).astype("float32") for n in lengths]


def same_weights():
    """Weights of two directions of an LSTM(2) and a batch of 3 and 5 timesteps, for both frameworks."""
    r = np.random.default_rng(0)
    weights = [np.round(r.standard_normal(s) * 0.5, 2).astype("float32") for s in ((2, 2, 8), (2, 2, 8), (2, 8))]
    x = np.round(r.standard_normal((2, 5, 2)), 2).astype("float32")
    return weights, [x[0, :3], x[1]]


def record(name, given, batch, call):
    """Writes what `call` gives for the padded batch and for each sequence alone."""
    arrays = {"lengths": np.array([len(s) for s in given]), "post_in": batch}
    arrays.update({"post_out_%d" % i: v for i, v in enumerate(call(batch, [len(s) for s in given]))})
    for row, s in enumerate(given):
        arrays.update({"alone_%d_out_%d" % (row, i): v for i, v in enumerate(call(s[None], [len(s)]))})
    np.savez(os.path.join(out, name + ".npz"), **arrays)


def keras_difference(keras):
    (w, u, b), given = same_weights()
    x = keras.Input((None, 2), name="x")
    one = keras.layers.LSTM(2, return_sequences=True, return_state=True, name="lstm")(x)
    two = keras.layers.Bidirectional(keras.layers.LSTM(2, return_sequences=True), name="two_ways")(x)
    for name, result, directions in (("keras_one_way", one, 1), ("keras_two_ways", two, 2)):
        model = keras.Model(x, result)
        model.set_weights([v[d] for d in range(directions) for v in (w, u, b)])

        def call(batch, lengths):
            mask = np.arange(batch.shape[1]) < np.array(lengths)[:, None]
            return flat(model(batch, mask=keras.ops.convert_to_tensor(mask)))

        record(name, given, batches(given, 0)[0], call)
        model.save(os.path.join(out, name + ".keras"))


def keras_cases(keras, form):
    L = keras.layers
    wrapped = lambda cell, **o: L.Bidirectional(cell, **o)
    cases = {
        "lstm_sequence": lambda: [L.LSTM(U, return_sequences=True)],
        "lstm_last": lambda: [L.LSTM(U), L.Dense(2)],
        "gru_sequence": lambda: [L.GRU(U, return_sequences=True)],
        "gru_reset_before": lambda: [L.GRU(U, return_sequences=True, reset_after=False), L.Dense(2)],
        "rnn_last": lambda: [L.SimpleRNN(U)],
        "bidirectional_sequence": lambda: [wrapped(L.LSTM(U, return_sequences=True))],
        "bidirectional_last": lambda: [wrapped(L.GRU(U), merge_mode="sum")],
        "backward_last": lambda: [L.LSTM(U, go_backwards=True)],
        "backward_sequence": lambda: [L.LSTM(U, go_backwards=True, return_sequences=True)],
        "stack": lambda: [L.LSTM(U, return_sequences=True), L.GRU(3, return_sequences=True), L.SimpleRNN(2)],
        "stacked_cells": lambda: [L.RNN(L.StackedRNNCells([L.LSTMCell(U), L.GRUCell(3)]), return_sequences=True)],
        "in_the_middle": lambda: [L.Dense(4, activation="tanh"), L.LayerNormalization(), L.Dropout(0.2),
                                  wrapped(L.LSTM(U, return_sequences=True)), L.TimeDistributed(L.Dense(3)),
                                  L.LSTM(U), L.Dense(1)],
        "mean": lambda: [L.LSTM(U, return_sequences=True), L.GlobalAveragePooling1D()],
        "masking": lambda: [L.Masking(-1.0), L.LSTM(U, return_sequences=True), L.Dense(2)],
        "embedding": lambda: [L.Embedding(11, 3, mask_zero=True), wrapped(L.LSTM(U)), L.Dense(2)],
        "embedding_unmasked": lambda: [L.Embedding(11, 3), L.LSTM(U, return_sequences=True)],
        "states": None,
        "attention": None,
    }
    prefix = "" if form == ".keras" else "tf_"
    if prefix:
        cases = {name: cases[name] for name in ("lstm_sequence", "gru_reset_before", "bidirectional_sequence",
                                                "stack", "in_the_middle", "embedding")}
    for number, (name, layers) in enumerate(cases.items()):
        keras.utils.set_random_seed(number)
        is_tokens = name.startswith("embedding")
        x = keras.Input((None,) if is_tokens else (None, F), name="x")
        if name == "states":
            y, h, c = L.LSTM(U, return_sequences=True, return_state=True, name="lstm")(x)
            model = keras.Model(x, [y, h, c])
        elif name == "attention":
            y = L.LSTM(U, return_sequences=True)(x)
            model = keras.Model(x, L.Attention()([y, y]))
        else:
            y = x
            for layer in layers():
                y = layer(y)
            model = keras.Model(x, y)
        r = np.random.default_rng(number)
        model.set_weights([(r.standard_normal(w.shape) * 0.4).astype(w.dtype) for w in model.get_weights()])
        given = sequences(100 + number, 11 if is_tokens else None)
        post, late, pre, early = batches(given, -1 if name == "masking" else 0)
        arrays = {"lengths": np.array([len(s) for s in given]), "post_in": post, "pre_in": pre}
        own = name in ("masking", "embedding")
        for side, batch, mask in (("post", post, late), ("pre", pre, early)):
            result = model(batch) if own else model(batch, mask=keras.ops.convert_to_tensor(mask) if hasattr(keras, "ops") else mask)
            arrays.update({"%s_out_%d" % (side, i): v for i, v in enumerate(flat(result))})
        for row, s in enumerate(given):
            arrays.update({"alone_%d_out_%d" % (row, i): v for i, v in enumerate(flat(model(s[None])))})
        model.save(os.path.join(out, "%s%s%s" % (prefix, name, form)))
        np.savez(os.path.join(out, prefix + name + ".npz"), **arrays)


def torch_cases():
    import torch
    import torch.nn as nn
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    torch.backends.mkldnn.enabled = False
    modules = {
        "torch_lstm": (nn.LSTM, dict(), False),
        "torch_lstm_two_ways": (nn.LSTM, dict(bidirectional=True), False),
        "torch_gru_layers": (nn.GRU, dict(num_layers=2), False),
        "torch_lstm_layers_two_ways": (nn.LSTM, dict(num_layers=2, bidirectional=True), False),
        "torch_rnn_relu": (nn.RNN, dict(nonlinearity="relu", bidirectional=True), False),
        "torch_lstm_linear": (nn.LSTM, dict(), True),
        "torch_time_first": (nn.GRU, dict(batch_first=False), False),
        "torch_projection": (nn.LSTM, dict(proj_size=2), False),
        "torch_one_way": (nn.LSTM, dict(), False),
        "torch_two_ways_alike": (nn.LSTM, dict(bidirectional=True), False),
    }
    for number, (name, (kind, options, has_linear)) in enumerate(modules.items()):
        options = dict(dict(batch_first=True), **options)
        rnn = kind(*((2, 2) if "way" in name and "lstm" not in name else (F, U)), **options)
        linear = nn.Linear(U, 2) if has_linear else None
        tree = nn.ModuleDict(dict({"rnn": rnn}, **({"fc": linear} if has_linear else {})))
        g = torch.Generator().manual_seed(number)
        with torch.no_grad():
            for p in tree.parameters():
                p.copy_(torch.randn(p.shape, generator=g) * 0.4)

        def call(x, lengths):
            packed = pack_padded_sequence(
                x, torch.tensor(lengths), batch_first=options["batch_first"], enforce_sorted=False)
            y, states = rnn(packed)
            y, _ = pad_packed_sequence(y, batch_first=options["batch_first"], total_length=max(lengths))
            if has_linear:
                return [linear(y)]
            return [y] + list(states if isinstance(states, tuple) else [states])

        given = sequences(200 + number)
        if name.endswith("_way") or name.endswith("_ways_alike"):
            (w, u, b), given = same_weights()
            with torch.no_grad():
                for d, suffix in list(enumerate(("", "_reverse")))[:1 + rnn.bidirectional]:
                    getattr(rnn, "weight_ih_l0" + suffix).copy_(torch.tensor(w[d].T))
                    getattr(rnn, "weight_hh_l0" + suffix).copy_(torch.tensor(u[d].T))
                    getattr(rnn, "bias_ih_l0" + suffix).copy_(torch.tensor(b[d]))
                    getattr(rnn, "bias_hh_l0" + suffix).zero_()
        post = batches(given, 0)[0]
        order = (lambda a: a) if options["batch_first"] else (lambda a: np.swapaxes(a, 0, 1).copy())
        arrays = {"lengths": np.array([len(s) for s in given]), "post_in": order(post)}
        with torch.no_grad():
            results = call(torch.from_numpy(arrays["post_in"]), [len(s) for s in given])
            arrays.update({"post_out_%d" % i: v.numpy() for i, v in enumerate(results)})
            for row, s in enumerate(given):
                results = call(torch.from_numpy(order(s[None])), [len(s)])
                arrays.update({"alone_%d_out_%d" % (row, i): v.numpy() for i, v in enumerate(results)})
        np.savez(os.path.join(out, name + ".npz"), **arrays)
        torch.save(tree.state_dict(), os.path.join(out, name + ".pt"))
        declared = {"type": "nn." + kind.__name__, "key": "rnn", "input_size": rnn.input_size, "hidden_size": rnn.hidden_size, **options}
        layers = [declared] + ([{"type": "nn.Linear", "key": "fc", "in_features": U, "out_features": 2}]
                               if has_linear else [])
        with open(os.path.join(out, name + ".json"), "w") as f:
            json.dump({"layers": layers}, f, indent=1)
            f.write("\n")


def pad_cases():
    from keras.utils import pad_sequences

    cases = []
    given = [[[1], [2, 3], [4, 5, 6]], [[1.5, -2], [7], [8, 9, 10, 11]],
             [[[1, 2], [3, 4], [5, 6]], [[7, 8]]], [[5], [6]]]
    for lists, maxlen, padding, truncating, value in itertools.product(
            given, (None, 2, 5), ("pre", "post"), ("pre", "post"), (0.0, -1.0)):
        rows = [np.array(s, "float32") for s in lists]
        result = pad_sequences(rows, maxlen=maxlen, dtype="float32", padding=padding,
                               truncating=truncating, value=value)
        cases.append({"sequences": lists, "maxlen": maxlen, "padding": padding, "truncating": truncating,
                      "value": value, "shape": list(result.shape), "result": result.ravel().tolist()})
    with open(os.path.join(out, "pad_sequences.json"), "w") as f:
        json.dump(cases, f)
        f.write("\n")


os.makedirs(out, exist_ok=True)
if family == "torch":
    torch_cases()
elif family == "pad":
    pad_cases()
elif family == "keras3":
    import keras

    keras_cases(keras, ".keras")
    keras_difference(keras)
else:
    import tf_keras

    keras_cases(tf_keras, ".h5")
