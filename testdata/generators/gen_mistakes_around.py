"""Mistakes with the layers around recurrent layers, as gen_mistakes.py makes those of recurrent layers.  usage: gen_mistakes_around.py OUT

Runs after gen_mistakes.py, into whose cases.json it puts its own cases. Needs Keras 3, tensorflow, numpy.
"""
import json
import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
import keras
import numpy as np
from keras import layers as L

out = sys.argv[1]
cases = []


def fill(model, seed):
    r = np.random.RandomState(seed)
    for w in model.weights:
        value = r.standard_normal(w.shape) * 0.5
        # The moments differ from those of x in every channel, and all are positive.
        w.assign(np.abs(value) * 0.1 + 0.02 if "moving" in w.path else value)


def picture(epsilon=1e-3):
    return keras.Sequential([
        L.Input((6, 4, 2)), L.Conv2D(3, 3, padding="same", name="conv"), L.BatchNormalization(epsilon=epsilon, name="norm"),
        L.TimeDistributed(L.Conv1D(2, 3, padding="same"), name="rows"), L.Reshape((6, 8)), L.LSTM(4, return_sequences=True, name="rnn"),
        L.Flatten(), L.Dense(3, name="head")])


def film():
    return keras.Sequential([L.Input((3, 4, 4, 1)), L.ConvLSTM2D(2, 3, padding="same", name="rnn")])


def case(name, golden, make, layer, change, **expects):
    model = make()
    fill(model, 21)
    x = np.random.RandomState(3).standard_normal((2,) + model.input_shape[1:]).astype("float32")
    np.savez(os.path.join(out, golden + ".golden.npz"), in_0=x, out_0=model.predict(x, verbose=0))
    model.get_layer(layer).set_weights(change(model.get_layer(layer).get_weights()))
    model.save(os.path.join(out, name + ".h5"))
    cases.append({"file": name + ".h5", "golden": golden + ".golden.npz", "expects": expects})


def p(name, layer, change, code, claim):
    case("picture_" + name, "picture", picture, layer, change, code="verify.likely." + code, claim=claim)


p("kernel_turned", "conv", lambda w: [w[0][::-1, ::-1], w[1]], "kernel-turned", "the kernel of 'conv' is turned around")
p("rows_turned", "rows", lambda w: [w[0][::-1], w[1]], "kernel-turned", "the kernel of 'rows' is turned around")
p("axes_exchanged", "conv", lambda w: [w[0].transpose(1, 0, 2, 3), w[1]], "kernel-transposed", "the two axes of the windows of 'conv'")
p("moments_exchanged", "norm", lambda w: [w[0], w[1], w[3], w[2]], "normalization", "the mean and the variance of 'norm'")
p("scale_exchanged", "norm", lambda w: [w[1], w[0], w[2], w[3]], "normalization", "the scale and the shift of 'norm'")
p("deviation", "norm", lambda w: [w[0], w[1], w[2], np.sqrt(w[3])], "normalization", "the variance of 'norm' is a standard deviation")
p("flatten_order", "head", lambda w: [w[0].reshape(6, 4, 3).transpose(1, 0, 2).reshape(24, 3), w[1]], "flatten-order",
  "the kernel of 'head' takes [4, 6] flattened, not [6, 4]")
case("film_order_iofc", "film", film, "rnn", lambda w: [np.concatenate([np.split(a, 4, -1)[k] for k in (0, 3, 1, 2)], -1) for a in w],
     code="verify.likely.gate-order", claim="the gate blocks of 'rnn' are in the order i, o, f, c")
# The same weights with the epsilon of torch.
model, other = picture(), picture(1e-5)
fill(model, 21)
other.set_weights(model.get_weights())
other.save(os.path.join(out, "picture_epsilon.h5"))
cases.append({"file": "picture_epsilon.h5", "golden": "picture.golden.npz",
              "expects": {"code": "verify.likely.normalization", "claim": "the epsilon of 'norm' is 0.001"}})
path = os.path.join(out, "cases.json")
own = {c["file"] for c in cases}
with open(path) as f:
    cases = [c for c in json.load(f) if c["file"] not in own] + cases
with open(path, "w") as f:
    f.write(json.dumps(cases, indent=1) + "\n")
print(len(own), "cases added")
