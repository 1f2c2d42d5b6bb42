"""Models of Keras 3 with operations between their layers, and what Keras computed.

usage: gen_keras_operations.py TESTDATA        (TensorFlow backend)

`keras3/NAME.keras` with `keras3/NAME.golden.npz` (in_0, …, out_0, … in call order); `broken/NAME.keras` hold operations
that must be refused by name. All weights are random with a fixed seed.
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import keras
import numpy as np
from keras import ops

L = keras.layers
target = sys.argv[1]
T, B, F, U = 6, 2, 3, 4
random = np.random.default_rng(5)


def normal(*shape):
    return random.standard_normal(shape).astype("float32")


def save(folder, name, inputs, outputs, *values):
    model = keras.Model(inputs, outputs, name=name)
    model.set_weights([0.5 * normal(*w.shape) for w in model.get_weights()])
    path = os.path.join(target, folder, name)
    model.save(path + ".keras")
    if not values:
        return
    values = [np.asarray(v) for v in values]
    results = model(values)
    results = [np.asarray(v) for v in (results if isinstance(results, (list, tuple)) else [results])]
    arrays = {"in_%d" % i: v for i, v in enumerate(values)}
    arrays.update({"out_%d" % i: v for i, v in enumerate(results)})
    np.savez(path + ".golden.npz", **arrays)


def lstm(**options):
    return L.LSTM(U, return_sequences=True, return_state=True, **options)


def states_first():
    """Two layers as torch.nn has them: timesteps first, states [layers, batch, units]."""
    x = keras.Input(batch_shape=(None, None, F), name="x")
    h, c = (keras.Input(batch_shape=(2, None, U), name=n) for n in ("h_0", "c_0"))
    y, h0, c0 = lstm()(ops.transpose(x, (1, 0, 2)), initial_state=[h[0], c[0]])
    y, h1, c1 = lstm()(y, initial_state=[h[-1], c[1]])
    outputs = [ops.swapaxes(y, 0, 1), ops.stack([h0, h1]), ops.stack([c0, c1], axis=-2)]
    save("keras3", "states_first", [x, h, c], outputs, normal(T, B, F), normal(2, B, U), normal(2, B, U))


def elements():
    """Elements along every axis, and axes in another order."""
    x = keras.Input((T, F), name="x")
    y = L.GRU(U, return_sequences=True)(x)
    outputs = [
        y[:, -1], y[:, 0], y[:, 3, :], y[..., -1], y[:, :, 2], ops.transpose(y, (0, 2, 1)), ops.swapaxes(y, 1, 2),
        ops.stack([y, y], axis=1), L.Dense(2)(y[:, -1])]
    save("keras3", "elements", [x], outputs, normal(B, T, F))


def mask_of(x, lengths):
    steps = ops.cumsum(ops.ones_like(x[:, :, 0] if len(x.shape) == 3 else x, dtype="int32"), axis=1)
    return ops.less_equal(steps, ops.expand_dims(lengths, 1))


def last_of(y, lengths):
    position = ops.expand_dims(ops.expand_dims(lengths, 1), 2) - 1
    return ops.take_along_axis(y, position, axis=1)[:, 0]


def lengths():
    """Two bidirectional layers over padded sequences, as torch.nn computes packed ones."""
    x = keras.Input((None, F), name="x")
    n = keras.Input(batch_shape=(None,), name="lengths", dtype="int64")
    mask = mask_of(x, n)
    y = x
    states = []
    for _ in range(2):
        y, *after = L.Bidirectional(lstm(zero_output_for_mask=True))(y, mask=mask)
        states += after[0::2]
    outputs = [y, ops.stack(states), last_of(y, n), L.GlobalAveragePooling1D()(y, mask=mask)]
    save("keras3", "lengths", [x, n], outputs, normal(3, T, F), np.array([6, 2, 4]))


def lengths_of_tokens():
    """Tokens with lengths: the mask counts the tokens themselves."""
    x = keras.Input((None,), name="tokens", dtype="int32")
    n = keras.Input(batch_shape=(None,), name="lengths", dtype="int32")
    y = L.SimpleRNN(U)(L.Embedding(7, F)(x), mask=mask_of(x, n))
    save("keras3", "lengths_of_tokens", [x, n], [y], np.array([[3, 1, 4, 1], [5, 2, 6, 0]]), np.array([4, 3]))


def refused():
    def one(name, make):
        x = keras.Input((T, F), name="x")
        save("broken", name, [x], [make(L.GRU(U, return_sequences=True, name="gru")(x))])

    one("transpose_batch_last", lambda y: ops.transpose(y, (1, 2, 0)))
    one("diff_alone", lambda y: ops.diff(y, axis=1))
    one("reduce_batch", lambda y: ops.mean(y, axis=(0, 1)))
    one("reduce_all", lambda y: ops.max(y))


for function in (states_first, elements, lengths, lengths_of_tokens, refused):
    function()
