"""Conversion mistakes, made on files of the real frameworks as people's scripts make them.  usage: gen_mistakes.py OUT

Every model is built, filled with numbers and recorded by its framework; then its weights are changed and saved under the
name of the mistake. `NAME.h5` or `NAME.pt` (with the declaration MODEL.json) belongs to `MODEL.golden.npz`; the model itself is
`MODEL.h5`. Needs Keras 3, tensorflow, torch, h5py, numpy.
"""
import json
import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
import keras
import numpy as np
import torch
from keras import layers as L

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
torch.backends.mkldnn.enabled = False
cases = []


def fill(model, seed):
    r = np.random.RandomState(seed)
    values = []
    for w in model.get_weights():
        values.append((r.standard_normal(w.shape) * 0.5).astype(w.dtype))
    model.set_weights(values)


def record(name, model, *inputs):
    y = model.predict(list(inputs) if len(inputs) > 1 else inputs[0], verbose=0)
    arrays = {"in_%d" % i: x for i, x in enumerate(inputs)}
    arrays["out_0"] = y
    np.savez(os.path.join(out, name + ".golden.npz"), **arrays)


def x(*shape, seed=3):
    return np.random.RandomState(seed).standard_normal(shape).astype("float32")


def blocks(w, gates, order):
    parts = np.split(w, gates, -1)
    return np.concatenate([parts[k] for k in order], -1)


def keras_case(name, golden, make, change, seed, expects):
    """`change` maps the list of arrays of the layer called 'rnn' to what somebody stored."""
    model = make()
    fill(model, seed)
    if not os.path.exists(os.path.join(out, golden + ".golden.npz")):
        record(golden, model, x(2, 6, model.input_shape[-1]))
    layer = model.get_layer("rnn")
    layer.set_weights(change(layer.get_weights()))
    model.save(os.path.join(out, name + ".h5"))
    cases.append({"file": name + ".h5", "golden": golden + ".golden.npz", "expects": expects})


def changed(model, edit):
    """The same weights in a model of another config."""
    config = json.loads(model.to_json())
    edit(config)
    copy = keras.models.model_from_json(json.dumps(config))
    copy.set_weights(model.get_weights())
    return copy


def config_case(name, golden, make, edit, seed, expects):
    model = make()
    fill(model, seed)
    if not os.path.exists(os.path.join(out, golden + ".golden.npz")):
        record(golden, model, x(2, 6, model.input_shape[-1]))
    changed(model, edit).save(os.path.join(out, name + ".h5"))
    cases.append({"file": name + ".h5", "golden": golden + ".golden.npz", "expects": expects})


def rnn_config(config):
    return next(l for l in config["config"]["layers"] if l["config"].get("name") == "rnn")["config"]


def seq(rnn, *after, width=5):
    return keras.Sequential([L.Input((6, width)), rnn, *after])


def per_gate(w, gates):
    return np.concatenate([p.T for p in np.split(w, gates, -1)], -1)


def reshaped(w):
    return w.T.reshape(w.shape)


# LSTM(5) of 5 features: kernels are square, so a transpose keeps the shape.
lstm = lambda: seq(L.LSTM(5, return_sequences=True, name="rnn"))
G = "lstm"


def lstm_order(order):
    return lambda w: [blocks(a, 4, order) for a in w]


# The blocks are stored as the order says; Keras reads them as i, f, c, o (0, 1, 2, 3).
for word, order in {"iofc": (0, 3, 1, 2), "icfo": (0, 2, 1, 3), "ifoc": (0, 1, 3, 2), "fico": (1, 0, 2, 3), "cfoi": (2, 1, 3, 0),
                    "fcio": (1, 2, 0, 3), "ofci": (3, 1, 2, 0), "iocf": (0, 3, 2, 1)}.items():
    keras_case("lstm_order_" + word, G, lstm, lstm_order(order), 1,
               {"code": "verify.likely.gate-order", "found": "blocks " + ", ".join(word), "expected": "blocks i, f, c, o"})
keras_case("lstm_kernels_order_icfo", G, lstm, lambda w: [blocks(w[0], 4, (0, 2, 1, 3)), blocks(w[1], 4, (0, 2, 1, 3)), w[2]], 1,
           {"code": "verify.likely.gate-order", "claim": "both kernels"})
keras_case("lstm_bias_order_icfo", G, lstm, lambda w: [w[0], w[1], blocks(w[2], 4, (0, 2, 1, 3))], 1,
           {"code": "verify.likely.gate-order", "claim": "the bias of 'rnn'"})
keras_case("lstm_recurrent_transposed", G, lstm, lambda w: [w[0], per_gate(w[1], 4), w[2]], 1,
           {"code": "verify.likely.kernel-transposed", "claim": "the recurrent kernel of 'rnn' is"})
keras_case("lstm_kernel_transposed", G, lstm, lambda w: [per_gate(w[0], 4), w[1], w[2]], 1,
           {"code": "verify.likely.kernel-transposed", "claim": "the kernel of 'rnn' is"})
keras_case("lstm_both_reshaped", G, lstm, lambda w: [reshaped(w[0]), reshaped(w[1]), w[2]], 1,
           {"code": "verify.likely.kernel-reshaped", "claim": "both kernels"})
keras_case("lstm_recurrent_reshaped", G, lstm, lambda w: [w[0], reshaped(w[1]), w[2]], 1,
           {"code": "verify.likely.kernel-reshaped", "claim": "the recurrent kernel of 'rnn' was"})
keras_case("lstm_forget_twice", G, lstm, lambda w: [w[0], w[1], w[2] + np.repeat([0, 1, 0, 0], 5).astype("f4")], 1,
           {"code": "verify.likely.forget-bias", "claim": "has the 1 twice"})
keras_case("lstm_forget_left_out", G, lstm, lambda w: [w[0], w[1], w[2] - np.repeat([0, 1, 0, 0], 5).astype("f4")], 1,
           {"code": "verify.likely.forget-bias", "claim": "lacks the 1"})
keras_case("lstm_bias_doubled", G, lstm, lambda w: [w[0], w[1], 2 * w[2]], 1,
           {"code": "verify.likely.bias", "claim": "counts twice"})
keras_case("lstm_float16", G, lstm, lambda w: [a.astype("f2").astype("f4") for a in w], 1,
           {"code": "verify.likely.rounding", "found": "float16"})
keras_case("lstm_other_weights", G, lstm, lambda w: [a + x(*a.shape, seed=9) * 0.2 for a in w], 1,
           {"code": "verify.unexplained"})
for name, options, claim in [
        ("lstm_hard_sigmoid", {"recurrent_activation": "hard_sigmoid"}, "recurrent activation of 'rnn' is sigmoid"),
        ("lstm_activations_exchanged", {"activation": "sigmoid", "recurrent_activation": "tanh"}, "exchanged"),
        ("lstm_relu", {"activation": "relu"}, "the activation of 'rnn' is tanh")]:
    config_case(name, G, lstm, lambda c, o=options: rnn_config(c).update(o), 1,
                {"code": "verify.likely.activation", "reason" if claim == "exchanged" else "claim": claim})
config_case("lstm_backwards", G, lstm, lambda c: rnn_config(c).update(go_backwards=True), 1,
            {"code": "verify.likely.direction"})

# Through a Dense head, the last timestep only.
head = lambda: seq(L.LSTM(6, name="rnn"), L.Dense(3, name="head"), width=4)
keras_case("lstm_head_order_iofc", "lstm_head", head, lstm_order((0, 3, 1, 2)), 2,
           {"code": "verify.likely.gate-order", "found": "blocks i, o, f, c"})
config_case("lstm_head_activation", "lstm_head", head,
            lambda c: c["config"]["layers"][-1]["config"].update(activation="sigmoid"), 2,
            {"code": "verify.likely.activation", "claim": "the activation of 'head' is linear"})

# GRU, both forms.
gru = lambda: seq(L.GRU(5, return_sequences=True, name="rnn"))
before = lambda: seq(L.GRU(5, return_sequences=True, reset_after=False, name="rnn"))
for word, order in {"rzh": (1, 0, 2), "rhz": (1, 2, 0), "hzr": (2, 0, 1)}.items():
    keras_case("gru_order_" + word, "gru", gru, lambda w, o=order: [blocks(a, 3, o) for a in w], 3,
               {"code": "verify.likely.gate-order", "found": "blocks " + ", ".join(word), "expected": "blocks z, r, h"})
keras_case("gru_recurrent_transposed", "gru", gru, lambda w: [w[0], per_gate(w[1], 3), w[2]], 3,
           {"code": "verify.likely.kernel-transposed", "claim": "the recurrent kernel"})
keras_case("gru_kernel_transposed", "gru", gru, lambda w: [per_gate(w[0], 3), w[1], w[2]], 3,
           {"code": "verify.likely.kernel-transposed", "claim": "the kernel"})
keras_case("gru_biases_exchanged", "gru", gru, lambda w: [w[0], w[1], w[2][::-1]], 3,
           {"code": "verify.likely.bias", "claim": "exchanged"})


def negated(w):
    return [np.concatenate([-a[..., :5], a[..., 5:]], -1) for a in w]


keras_case("gru_update_inverted", "gru", gru, negated, 3, {"code": "verify.likely.update-gate"})
config_case("gru_hard_sigmoid", "gru", gru, lambda c: rnn_config(c).update(recurrent_activation="hard_sigmoid"), 3,
            {"code": "verify.likely.activation", "claim": "is sigmoid"})
config_case("gru_backwards", "gru", gru, lambda c: rnn_config(c).update(go_backwards=True), 3,
            {"code": "verify.likely.direction"})
keras_case("gru_before_order_rzh", "gru_before", before, lambda w: [blocks(a, 3, (1, 0, 2)) for a in w], 4,
           {"code": "verify.likely.gate-order", "found": "blocks r, z, h"})


# reset_after=False, its one bias put into the rows of the other form.
def reset_case():
    model = before()
    fill(model, 4)
    other = gru()
    w = model.get_weights()
    other.set_weights([w[0], w[1], np.stack([w[2], np.zeros_like(w[2])])])
    other.save(os.path.join(out, "gru_reset_flipped.h5"))
    cases.append({"file": "gru_reset_flipped.h5", "golden": "gru_before.golden.npz",
                  "expects": {"code": "verify.likely.reset-placement"}})


reset_case()

# A cell without gates.
simple = lambda: seq(L.SimpleRNN(5, return_sequences=True, name="rnn"))
keras_case("rnn_recurrent_transposed", "rnn", simple, lambda w: [w[0], w[1].T, w[2]], 5,
           {"code": "verify.likely.kernel-transposed", "claim": "the recurrent kernel"})
keras_case("rnn_kernel_transposed", "rnn", simple, lambda w: [w[0].T, w[1], w[2]], 5,
           {"code": "verify.likely.kernel-transposed", "claim": "the kernel"})
keras_case("rnn_bias_doubled", "rnn", simple, lambda w: [w[0], w[1], 2 * w[2]], 5, {"code": "verify.likely.bias"})
config_case("rnn_relu", "rnn", simple, lambda c: rnn_config(c).update(activation="relu"), 5,
            {"code": "verify.likely.activation", "claim": "is tanh"})
config_case("rnn_backwards", "rnn", simple, lambda c: rnn_config(c).update(go_backwards=True), 5,
            {"code": "verify.likely.direction"})

# Stacks and both directions.
stack = lambda: seq(L.LSTM(4, return_sequences=True, name="below"), L.LSTM(4, return_sequences=True, name="rnn"), L.Dense(2), width=4)
keras_case("stack_upper_order_icfo", "stack", stack, lstm_order((0, 2, 1, 3)), 6,
           {"code": "verify.likely.gate-order", "claim": "of 'rnn' are in the order i, c, f, o"})


def whole(name, golden, make, seed, change, expects):
    model = make()
    fill(model, seed)
    if not os.path.exists(os.path.join(out, golden + ".golden.npz")):
        record(golden, model, x(2, 6, model.input_shape[-1]))
    change(model)
    model.save(os.path.join(out, name + ".h5"))
    cases.append({"file": name + ".h5", "golden": golden + ".golden.npz", "expects": expects})


def all_orders(model):
    for name in ("below", "rnn"):
        layer = model.get_layer(name)
        layer.set_weights([blocks(a, 4, (0, 3, 1, 2)) for a in layer.get_weights()])


def exchange(model):
    one, other = model.get_layer("below"), model.get_layer("rnn")
    a, b = one.get_weights(), other.get_weights()
    one.set_weights(b)
    other.set_weights(a)


whole("stack_order_iofc", "stack", stack, 6, all_orders,
      {"code": "verify.likely.gate-order", "claim": "of all LSTM layers are in the order i, o, f, c"})
whole("stack_layers_exchanged", "stack", stack, 6, exchange,
      {"code": "verify.likely.layer-order", "claim": "'below' and 'rnn' are exchanged"})
bi = lambda: seq(L.Bidirectional(L.LSTM(4, return_sequences=True), name="rnn"), L.Dense(2), width=3)
keras_case("bidirectional_exchanged", "bidirectional", bi, lambda w: w[3:] + w[:3], 7,
           {"code": "verify.likely.layer-order", "claim": "two directions of 'rnn'"})
keras_case("bidirectional_order_icfo", "bidirectional", bi, lstm_order((0, 2, 1, 3)), 7,
           {"code": "verify.likely.gate-order", "found": "blocks i, c, f, o"})
keras_case("bidirectional_backward_order", "bidirectional", bi,
           lambda w: w[:3] + [blocks(a, 4, (0, 3, 1, 2)) for a in w[3:]], 7,
           {"code": "verify.likely.gate-order", "claim": "the backward direction of 'rnn'"})
# Two mistakes at once.
two = lstm()
fill(two, 1)
two.get_layer("rnn").set_weights(lstm_order((0, 3, 1, 2))(two.get_layer("rnn").get_weights()))
changed(two, lambda c: rnn_config(c).update(recurrent_activation="hard_sigmoid")).save(os.path.join(out, "lstm_two_mistakes.h5"))
cases.append({"file": "lstm_two_mistakes.h5", "golden": "lstm.golden.npz",
              "expects": {"code": "verify.likely.gate-order", "claim": "; and the recurrent activation of 'rnn' is sigmoid"}})

# What is recorded may be at fault.
masked = lambda: keras.Sequential([L.Input((6, 4)), L.Masking(0.0), L.LSTM(4, return_sequences=True, name="rnn")])
model = masked()
fill(model, 8)
plain = keras.Sequential([L.Input((6, 4)), L.LSTM(4, return_sequences=True, name="rnn")])
plain.set_weights(model.get_weights())
padded = x(2, 6, 4)
padded[0, 4:] = 0
model.save(os.path.join(out, "masked.h5"))
record("unmasked", plain, padded)
cases.append({"file": "masked.h5", "golden": "unmasked.golden.npz", "expects": {"code": "verify.likely.mask", "claim": "without the mask"}})
states = L.Input((6, 4)), L.Input((4,)), L.Input((4,))
stateful = keras.Model(states, L.LSTM(4, return_sequences=True, name="rnn")(states[0], initial_state=list(states[1:])))
fill(stateful, 9)
stateful.save(os.path.join(out, "states.h5"))
inputs = [x(2, 6, 4), x(2, 4, seed=4), x(2, 4, seed=5)]
for golden, given, claim in [("states_ignored", [inputs[0], 0 * inputs[1], 0 * inputs[2]], "states of zeros"),
                             ("states_exchanged", [inputs[0], inputs[2], inputs[1]], "exchanged")]:
    y = stateful.predict(given, verbose=0)
    np.savez(os.path.join(out, golden + ".golden.npz"), in_0=inputs[0], in_1=inputs[1], in_2=inputs[2], out_0=y)
    cases.append({"file": "states.h5", "golden": golden + ".golden.npz",
                  "expects": {"code": "verify.likely.initial-state", "claim": claim}})
recorded = lstm()
fill(recorded, 1)
recorded.save(os.path.join(out, "lstm.h5"))
record("unscaled", recorded, 400 * x(2, 6, 5))  # what a model is given that was trained on scaled input
free = keras.Sequential([L.Input((None, 5)), L.LSTM(5, return_sequences=True, name="rnn")])
free.set_weights(recorded.get_weights())
one = x(4, 1, 5)
np.savez(os.path.join(out, "one_timestep.golden.npz"), in_0=one, out_0=free.predict(one, verbose=0))
free.get_layer("rnn").set_weights(lstm_order((0, 3, 1, 2))(free.get_layer("rnn").get_weights()))
free.save(os.path.join(out, "lstm_free_order_iofc.h5"))
cases.append({"file": "lstm_free_order_iofc.h5", "golden": "one_timestep.golden.npz", "expects": {"code": "verify.ambiguous"}})

# PyTorch.


def torch_case(name, golden, module, declaration, change, expects, call=None, inputs=None):
    g = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(torch.randn(p.shape, generator=g) * 0.5)
        given = torch.from_numpy(x(2, 6, 5)) if inputs is None else inputs
        y = (call or (lambda m, v: m(v)[0]))(module, given)
    if not os.path.exists(os.path.join(out, golden + ".golden.npz")):
        np.savez(os.path.join(out, golden + ".golden.npz"), in_0=given.numpy(), out_0=y.numpy())
    state = {k: v.clone() for k, v in module.state_dict().items()}
    torch.save(change(state), os.path.join(out, name + ".pt"))
    with open(os.path.join(out, name + ".json"), "w") as f:
        f.write(json.dumps(declaration, indent=1) + "\n")
    cases.append({"file": name + ".pt", "architecture": name + ".json", "golden": golden + ".golden.npz", "expects": expects})


def chunks(gates, order):
    return lambda s: {k: torch.cat([v.chunk(gates)[j] for j in order]) for k, v in s.items()}


T = torch.nn.LSTM(5, 4, batch_first=True)
D = {"layers": [{"type": "nn.LSTM", "key": "", "input_size": 5, "hidden_size": 4, "batch_first": True, "select": "output"}]}
torch_case("torch_lstm_order_iofg", "torch_lstm", T, D, chunks(4, (0, 3, 1, 2)),
           {"code": "verify.likely.gate-order", "found": "blocks i, o, f, g", "expected": "blocks i, f, g, o"})
torch_case("torch_lstm_recurrent_transposed", "torch_lstm", T, D,
           lambda s: {k: torch.cat([c.T for c in v.chunk(4)]) if k == "weight_hh_l0" else v for k, v in s.items()},
           {"code": "verify.likely.kernel-transposed", "claim": "the recurrent kernel"})
# nn.LSTM of Keras weights: one bias, and people copy it into both.
merged = torch.nn.LSTM(5, 4, batch_first=True)


def one_bias(s):
    s["bias_hh_l0"] = s["bias_ih_l0"]
    return s


g = torch.Generator().manual_seed(11)
torch_case("torch_lstm_bias_twice", "torch_lstm_merged", merged, D, one_bias,
           {"code": "verify.likely.bias"},
           call=lambda m, v: (m.bias_hh_l0.zero_(), m(v)[0])[1])
U = torch.nn.GRU(5, 4, batch_first=True)
E = {"layers": [{"type": "nn.GRU", "key": "", "input_size": 5, "hidden_size": 4, "batch_first": True, "select": "output"}]}
torch_case("torch_gru_order_zrn", "torch_gru", U, E, chunks(3, (1, 0, 2)),
           {"code": "verify.likely.gate-order", "found": "blocks z, r, n", "expected": "blocks r, z, n"})


def inner_bias(m, v):
    """What a GRU computes whose candidate has one bias in place of two: both added (Core ML)."""
    s = m.state_dict()
    b = s["bias_ih_l0"].clone()
    b[8:] += s["bias_hh_l0"][8:]
    m.bias_ih_l0.copy_(b)
    m.bias_hh_l0[8:] = 0
    y = m(v)[0].clone()
    m.bias_ih_l0.copy_(s_in)
    m.bias_hh_l0.copy_(s_hh)
    return y


with torch.no_grad():
    g = torch.Generator().manual_seed(11)
    for p in U.parameters():
        p.copy_(torch.randn(p.shape, generator=g) * 0.5)
    s_in, s_hh = U.bias_ih_l0.clone(), U.bias_hh_l0.clone()
torch_case("torch_gru_bias_outside", "torch_gru_outside", U, E, lambda s: s,
           {"code": "verify.likely.bias", "claim": "does not pass the reset gate"}, call=inner_bias)
# Recorded with batch_first=True, read as torch has it by default.
torch_case("torch_lstm_axes", "torch_lstm_axes", torch.nn.LSTM(5, 4, batch_first=True),
           {"layers": [{"type": "nn.LSTM", "key": "", "input_size": 5, "hidden_size": 4, "batch_first": False, "select": "output"}]},
           lambda s: s, {"code": "verify.likely.axes"})
with open(os.path.join(out, "cases.json"), "w") as f:
    f.write(json.dumps(cases, indent=1) + "\n")
print(len(cases), "cases")
