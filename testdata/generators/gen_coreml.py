"""Models of Core ML, written by coremltools, with what torch computes from the same weights.

usage: gen_coreml.py FOLDER      (coremltools 9, torch 2.13; programs can't be run on Linux)

Writes FOLDER/NAME.mlpackage or .mlmodel and FOLDER/NAME.golden.npz with in_0, … and out_0, ….
"""
import os
import shutil
import sys

import coremltools as ct
import numpy as np
import torch
from coremltools.converters.mil import Builder as mb
from coremltools.converters.mil.mil import types
from coremltools.models import datatypes, neural_network

folder = sys.argv[1]
os.makedirs(os.path.join(folder, "refused"), exist_ok=True)
torch.manual_seed(7)
T, B, F, H = 6, 2, 3, 4
FREE = ct.RangeDim(1, 64, default=T)


def arrays(*values):
    return [v.detach().numpy() if isinstance(v, torch.Tensor) else np.asarray(v) for v in values]


def save(name, program, inputs, outputs, shapes=None, version=ct.target.iOS16, after=None):
    model = ct.convert(program, convert_to="mlprogram", compute_precision=ct.precision.FLOAT32,
                       minimum_deployment_target=version, skip_model_load=True,
                       inputs=shapes)
    if after:
        model = after(model)
    path = os.path.join(folder, name + ".mlpackage")
    shutil.rmtree(path, ignore_errors=True)
    model.save(path)
    golden(name, inputs, outputs)


def golden(name, inputs, outputs):
    if not inputs:
        return
    named = {"in_%d" % i: a for i, a in enumerate(arrays(*inputs))}
    named.update({"out_%d" % i: a for i, a in enumerate(arrays(*outputs))})
    np.savez(os.path.join(folder, name + ".golden.npz"), **named)


def ifog(weight):
    """torch's rows i f g o as i f o g."""
    i, f, g, o = np.split(weight.detach().numpy(), 4)
    return np.concatenate([i, f, o, g])


def cell(module, suffix=""):
    own = lambda n: getattr(module, n + suffix)  # noqa: E731
    return (ifog(own("weight_ih_l0")), ifog(own("weight_hh_l0")), ifog(own("bias_ih_l0") + own("bias_hh_l0")))


# --- an LSTM with states in and out, any number of timesteps
lstm, dense = torch.nn.LSTM(F, H), torch.nn.Linear(H, 2)
w, u, b = cell(lstm)


@mb.program(input_specs=[mb.TensorSpec((T, B, F)), mb.TensorSpec((B, H)), mb.TensorSpec((B, H))], opset_version=ct.target.iOS16)
def states(x, h, c):
    y, hn, cn = mb.lstm(x=x, initial_h=h, initial_c=c, weight_ih=w, weight_hh=u, bias=b, output_sequence=True)
    return mb.linear(x=y, weight=dense.weight.detach().numpy(), bias=dense.bias.detach().numpy()), hn, cn


x, h, c = torch.randn(T, B, F), torch.randn(B, H), torch.randn(B, H)
y, (hn, cn) = lstm(x, (h[None], c[None]))
save("lstm_states", states, [x, h, c], [dense(y), hn[0], cn[0]],
     [ct.TensorType("x", (FREE, B, F)), ct.TensorType("h", (B, H)), ct.TensorType("c", (B, H))])

# --- both directions, the last timestep, softmax
both, head = torch.nn.LSTM(F, H, bidirectional=True), torch.nn.Linear(2 * H, 3)
fw, bw = cell(both), cell(both, "_reverse")


@mb.program(input_specs=[mb.TensorSpec((B, T, F))], opset_version=ct.target.iOS15)
def last(x):
    zero = np.zeros((B, 2 * H), "f4")
    _, hn, _ = mb.lstm(x=mb.transpose(x=x, perm=[1, 0, 2]), initial_h=zero, initial_c=zero, weight_ih=fw[0], weight_hh=fw[1],
                       bias=fw[2], weight_ih_back=bw[0], weight_hh_back=bw[1], bias_back=bw[2], direction="bidirectional",
                       output_sequence=False)
    return mb.softmax(x=mb.linear(x=hn, weight=head.weight.detach().numpy(), bias=head.bias.detach().numpy()), axis=-1)


x = torch.randn(B, T, F)
_, (hn, _) = both(x.transpose(0, 1))
save("bilstm_last", last, [x], [torch.softmax(head(torch.cat([hn[0], hn[1]], 1)), 1)], version=ct.target.iOS15)

# --- a GRU of torch as a loop, after a table
gru, table = torch.nn.GRU(F, H), torch.nn.Embedding(9, F)


@mb.program(input_specs=[mb.TensorSpec((T, B), dtype=types.int32), mb.TensorSpec((B, H))], opset_version=ct.target.iOS16)
def loop(tokens, h0):
    x = mb.gather(x=table.weight.detach().numpy(), indices=tokens, axis=0)
    wx, wh, bx, bh = arrays(gru.weight_ih_l0, gru.weight_hh_l0, gru.bias_ih_l0, gru.bias_hh_l0)
    steps = mb.slice_by_index(x=mb.shape(x=x), begin=[0], end=[1], squeeze_mask=[True])
    rows = mb.fill(shape=mb.concat(values=[mb.expand_dims(x=steps, axes=[0]), np.array([B, H], "i4")], axis=0), value=0.0)

    def body(i, h, ys):
        xs = mb.split(x=mb.linear(x=mb.gather(x=x, indices=i, axis=0), weight=wx, bias=bx), num_splits=3, axis=1)
        hs = mb.split(x=mb.linear(x=h, weight=wh, bias=bh), num_splits=3, axis=1)
        r, z = mb.sigmoid(x=mb.add(x=xs[0], y=hs[0])), mb.sigmoid(x=mb.add(x=xs[1], y=hs[1]))
        n = mb.tanh(x=mb.add(x=xs[2], y=mb.mul(x=r, y=hs[2])))
        new = mb.add(x=mb.mul(x=mb.sub(x=1.0, y=z), y=n), y=mb.mul(x=z, y=h))
        ys = mb.scatter(data=ys, indices=mb.expand_dims(x=i, axes=[0]), updates=mb.expand_dims(x=new, axes=[0]), axis=0, mode="update")
        return mb.add(x=i, y=1), new, ys

    _, hn, ys = mb.while_loop(_cond=lambda i, h, ys: mb.less(x=i, y=steps), _body=body, loop_vars=(0, h0, rows))
    return ys, hn


tokens, h = torch.randint(0, 9, (T, B)), torch.randn(B, H)
y, hn = gru(table(tokens), h[None])
save("gru_loop", loop, [tokens.int(), h], [y, hn[0]],
     [ct.TensorType("tokens", (FREE, B), dtype=np.int32), ct.TensorType("h0", (B, H))])

# --- a simple cell, backwards
rnn = torch.nn.RNN(F, H, nonlinearity="relu")


@mb.program(input_specs=[mb.TensorSpec((T, B, F))], opset_version=ct.target.iOS15)
def reverse(x):
    wx, wh, b = arrays(rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0 + rnn.bias_hh_l0)
    return mb.rnn(x=x, initial_h=np.zeros((B, H), "f4"), weight_ih=wx, weight_hh=wh, bias=b, direction="reverse",
                  output_sequence=True, activation="relu")[0]


x = torch.randn(T, B, F)
save("rnn_reverse", reverse, [x], [rnn(x.flip(0))[0].flip(0)], version=ct.target.iOS15)

# --- gru as Core ML's own tests compute it: rows r o z, the reset gate before the product
rng = np.random.default_rng(5)
gw, gu, gb = (rng.standard_normal(s).astype("f4") for s in ((3 * H, F), (3 * H, H), (3 * H,)))


@mb.program(input_specs=[mb.TensorSpec((T, 1, F))], opset_version=ct.target.iOS15)
def before(x):
    return mb.gru(x=x, initial_h=np.zeros((1, H), "f4"), weight_ih=gw, weight_hh=gu, bias=gb, output_sequence=True)[0]


x, h, rows = rng.standard_normal((T, 1, F)).astype("f4"), np.zeros((1, H)), []
for step in x.astype("f8"):
    r, o, z = np.split(step @ gw.T.astype("f8") + gb, 3, 1)
    ur, uo, uz = np.split(gu.astype("f8"), 3)
    r, z = 1 / (1 + np.exp(-(r + h @ ur.T))), 1 / (1 + np.exp(-(z + h @ uz.T)))
    h = (1 - z) * np.tanh(o + (r * h) @ uo.T) + z * h
    rows.append(h.astype("f4"))
save("gru", before, [x], [np.stack(rows)], version=ct.target.iOS15)

# --- what stands around recurrent layers
conv, norm, layer = torch.nn.Conv1d(F, 5, 3, dilation=2), torch.nn.BatchNorm1d(5).eval(), torch.nn.LayerNorm(5)
norm.running_mean.copy_(torch.randn(5))
norm.running_var.copy_(torch.rand(5) + 0.5)
with torch.no_grad():
    for p in list(norm.parameters()) + list(layer.parameters()):
        p.copy_(torch.randn_like(p))


@mb.program(input_specs=[mb.TensorSpec((B, F, 12))], opset_version=ct.target.iOS16)
def front(x):
    cw, cb, nw, nb, lw, lb = arrays(conv.weight, conv.bias, norm.weight, norm.bias, layer.weight, layer.bias)
    x = mb.conv(x=x, weight=cw, bias=cb, pad_type="custom", pad=[4, 0], dilations=[2])
    x = mb.batch_norm(x=x, mean=norm.running_mean.numpy(), variance=norm.running_var.numpy(), gamma=nw, beta=nb, epsilon=1e-5)
    x = mb.leaky_relu(x=mb.transpose(x=x, perm=[0, 2, 1]), alpha=0.2)
    x = mb.layer_norm(x=x, axes=[-1], gamma=lw, beta=lb, epsilon=1e-5)
    x = mb.concat(values=[mb.gelu(x=x, mode="EXACT"), mb.reverse(x=x, axes=[1])], axis=2)
    x = mb.slice_by_index(x=x, begin=[0, 1, 0], end=[0, 11, 0], stride=[1, 3, 1], begin_mask=[True, False, True], end_mask=[True, False, True])
    return mb.reduce_mean(x=x, axes=[1], keep_dims=False), mb.reshape(x=x, shape=[B, -1])


x = torch.randn(B, F, 12)
z = layer(torch.nn.functional.leaky_relu(norm(conv(torch.nn.functional.pad(x, (4, 0)))).transpose(1, 2), 0.2))
z = torch.cat([torch.nn.functional.gelu(z), z.flip(1)], 2)[:, 1:11:3]
save("front", front, [x], [z.mean(1), z.reshape(B, -1)])


# --- networks: arrays of five axes around recurrent layers
def network(name, inputs, outputs, add, golden_inputs, golden_outputs):
    builder = neural_network.NeuralNetworkBuilder([(n, datatypes.Array(*s)) for n, s in inputs], [(n, None) for n in outputs],
                                                  disable_rank5_shape_mapping=True)
    add(builder)
    ct.utils.save_spec(builder.spec, os.path.join(folder, name + ".mlmodel"))
    golden(name, golden_inputs, golden_outputs)


def parts(weight):
    """torch's rows i f g o as the list i f o g."""
    i, f, g, o = np.split(weight.detach().numpy(), 4)
    return [i, f, o, g]


def one(builder):
    for n in ("h", "c"):
        builder.add_expand_dims(n + "5", n, n + "5", axes=[0, 3, 4])
    builder.add_expand_dims("x5", "x", "x5", axes=[3, 4])
    builder.add_unilstm("lstm", parts(lstm.weight_hh_l0), parts(lstm.weight_ih_l0), parts(lstm.bias_ih_l0 + lstm.bias_hh_l0),
                        H, F, ["x5", "h5", "c5"], ["y5", "hn5", "cn5"], output_all=True)
    builder.add_squeeze("y3", "y5", "y3", axes=[3, 4])
    builder.add_inner_product("y", *arrays(dense.weight, dense.bias), H, 2, True, "y3", "y")
    for n in ("h", "c"):
        builder.add_squeeze(n + "n", n + "n5", n + "n", axes=[0, 3, 4])


x, h, c = torch.randn(T, B, F), torch.randn(B, H), torch.randn(B, H)
y, (hn, cn) = lstm(x, (h[None], c[None]))
network("lstm", [("x", (T, B, F)), ("h", (B, H)), ("c", (B, H))], ["y", "hn", "cn"], one, [x, h, c], [dense(y), hn[0], cn[0]])


def two(builder):
    builder.add_load_constant_nd("zero", "zero", np.zeros((1, B, H, 1, 1)), (1, B, H, 1, 1))
    builder.add_expand_dims("x5", "x", "x5", axes=[3, 4])
    builder.add_bidirlstm("lstm", parts(both.weight_hh_l0), parts(both.weight_ih_l0), parts(both.bias_ih_l0 + both.bias_hh_l0),
                          parts(both.weight_hh_l0_reverse), parts(both.weight_ih_l0_reverse),
                          parts(both.bias_ih_l0_reverse + both.bias_hh_l0_reverse), H, F, ["x5"] + ["zero"] * 4,
                          ["y5", "h5", "c5", "hb5", "cb5"], output_all=True)
    builder.add_squeeze("y3", "y5", "y3", axes=[3, 4])
    builder.add_inner_product("z", *arrays(head.weight, head.bias), 2 * H, 3, True, "y3", "z")
    builder.add_softmax_nd("y", "z", "y", axis=-1)


network("bilstm", [("x", (T, B, F))], ["y"], two, [x], [torch.softmax(head(both(x)[0]), 2)])


def simple(builder):
    builder.add_load_constant_nd("zero", "zero", np.zeros((1, B, H, 1, 1)), (1, B, H, 1, 1))
    builder.add_expand_dims("t3", "tokens", "t3", axes=[2])
    builder.add_embedding_nd("e", "t3", "e", 9, F, table.weight.detach().numpy().T)
    builder.add_expand_dims("x5", "e", "x5", axes=[3, 4])
    wx, wh, b = arrays(rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0 + rnn.bias_hh_l0)
    builder.add_simple_rnn("rnn", wh, wx, b, H, F, "RELU", ["x5", "zero"], ["y5", "hn5"], output_all=True)
    builder.add_squeeze("y3", "y5", "y3", axes=[3, 4])
    builder.add_activation("y", "SIGMOID", "y3", "y")


network("rnn", [("tokens", (T, B))], ["y"], simple, [tokens.float()], [torch.sigmoid(rnn(table(tokens))[0])])


# --- refused by name
def quantized(model):
    return ct.optimize.coreml.linear_quantize_weights(
        model, ct.optimize.coreml.OptimizationConfig(ct.optimize.coreml.OpLinearQuantizerConfig(weight_threshold=1)))


@mb.program(input_specs=[mb.TensorSpec((1, 16))], opset_version=ct.target.iOS16)
def product(x):
    return mb.linear(x=x, weight=np.arange(128, dtype="f4").reshape(8, 16), bias=np.zeros(8, "f4"))


save("refused/compressed", product, [], [], after=quantized)


@mb.program(input_specs=[mb.TensorSpec((T, 1, F))], opset_version=ct.target.iOS18)
def reset(x):
    wx, wh, bx, bh = arrays(gru.weight_ih_l0, gru.weight_hh_l0, gru.bias_ih_l0, gru.bias_hh_l0)
    return mb.gru(x=x, initial_h=np.zeros((1, H), "f4"), weight_ih=wx, weight_hh=wh, bias=bh, input_bias=bx, reset_after=True,
                  output_sequence=True)[0]


save("refused/gru_reset_after", reset, [], [], version=ct.target.iOS18)
