"""Models of every layer and option beyond the LSTM, by Keras 3 and tf.keras 2, with what the framework computed.

usage: gen_keras_layers.py keras3|tf_keras OUTPUT_DIR [CASE …]        (TensorFlow backend)

One model holds many layers of a kind, each with its own output, so that files stay few. Every case is NAME.golden.npz
(in_0, …, out_0, … in the framework's call order) and NAME in the containers the case names: `.h5`, `.keras`,
`.weights.h5`, `_weights.h5` (the weights-only HDF5 of Keras 2) and `.json` (`to_json()`). All weights are random with
a fixed seed: biases, scales and moving statistics included.
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
flavour, target = sys.argv[1], sys.argv[2]
K3 = flavour == "keras3"
if K3:
    import keras
else:
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tf_keras as keras
import numpy as np

L = keras.layers
T, F, B = 6, 3, 2
CASES = {}


def case(*containers):
    def register(function):
        CASES[function.__name__] = (function, containers or ("h5",))
        return function
    return register


def plain(width=F, steps=T, seed=7):
    return np.random.default_rng(seed).standard_normal((B, steps, width)).astype("float32")


def padded():
    """Row 0 is right padded; row 1 has a gap and a masked first step."""
    x = plain()
    x[0, 4:] = -1.0
    x[1, 0] = -1.0
    x[1, 3] = -1.0
    return x


def padded_elsewhere():
    x = plain(seed=8)
    x[0, 0] = -1.0
    x[1, 4:] = -1.0
    return x


def flat(width, seed=9):
    return np.random.default_rng(seed).standard_normal((B, width)).astype("float32")


def tokens():
    return np.array([[3, 1, 4, 1, 0, 0], [5, 0, 2, 6, 9, 3]], dtype="int32")


def sequence(width=F, steps=T, **options):
    return keras.Input((steps, width), **options)


def every(x, layers):
    """The outputs of all layers on one input, in order."""
    outputs = []
    for layer in layers:
        y = layer(x)
        outputs += list(y) if isinstance(y, (list, tuple)) else [y]
    return outputs


# ---- recurrent layers

@case("keras")
def gru_variants():
    x = sequence()
    return keras.Model(x, every(x, [
        L.GRU(4, return_sequences=True, return_state=True),
        L.GRU(4, reset_after=False, return_sequences=True, return_state=True),
        L.GRU(3, use_bias=False, go_backwards=True, return_sequences=True),
        L.GRU(3, reset_after=False, use_bias=False),
        L.GRU(3, activation="softsign", recurrent_activation="hard_sigmoid"),
        L.GRU(3, reset_after=False, activation="elu", recurrent_activation="hard_sigmoid", go_backwards=True),
        L.GRU(3, unroll=True, dropout=0.2, recurrent_dropout=0.2)])), [plain()]


@case("h5")
def simple_rnn_variants():
    x = sequence()
    return keras.Model(x, every(x, [
        L.SimpleRNN(4, return_sequences=True, return_state=True),
        L.SimpleRNN(3, activation="relu", use_bias=False, go_backwards=True, return_sequences=True),
        L.SimpleRNN(3, activation="softmax", unroll=True)])), [plain()]


@case("h5", "weights.h5")
def rnn_cells():
    x = sequence()
    return keras.Model(x, every(x, [
        L.RNN(L.LSTMCell(4, use_bias=False), return_sequences=True, return_state=True),
        L.RNN(L.GRUCell(4, reset_after=False), go_backwards=True, return_sequences=True),
        L.RNN(L.SimpleRNNCell(3, activation="softsign")),
        L.RNN([L.LSTMCell(4), L.GRUCell(3), L.SimpleRNNCell(2), L.GRUCell(3, reset_after=False)],
              return_sequences=True, return_state=True)])), [plain()]


@case("keras")
def stacked_cells_initial_state():
    x, h, c, g = sequence(), keras.Input((4,)), keras.Input((4,)), keras.Input((3,))
    y = L.RNN([L.LSTMCell(4), L.GRUCell(3)], return_state=True)(x, initial_state=[[h, c], g] if K3 else [[h, c], [g]])
    return keras.Model([x, h, c, g], leaves(y)), [plain(), flat(4, 1), flat(4, 2), flat(3, 3)]


@case()
def recurrent_activations():
    x = sequence()
    layers = []
    for name in ["relu", "exponential", "silu", "softmax", "leaky_relu", "squareplus", "sparse_sigmoid", "sparsemax"]:
        try:
            keras.activations.get(name)
        except ValueError:
            continue
        layers.append(L.GRU(3, activation="tanh" if name == "exponential" else name,
                            recurrent_activation="softmax" if name == "exponential" else "sigmoid"))
    return keras.Model(x, every(x, layers)), [plain() * 0.5]


@case()
def bidirectional_modes():
    x = sequence()
    layers = []
    for mode in ["concat", "sum", "mul", "ave", None]:
        layers.append(L.Bidirectional(L.GRU(3, return_sequences=mode != "sum"), merge_mode=mode))
    layers.append(L.Bidirectional(L.LSTM(2, use_bias=False), merge_mode=None))
    layers.append(L.Bidirectional(L.SimpleRNN(3, return_sequences=True)))
    layers.append(L.Bidirectional(L.RNN(L.GRUCell(3, reset_after=False), return_sequences=True)))
    # The wrapped layer reads backwards itself.
    layers.append(L.Bidirectional(L.GRU(3, go_backwards=True, return_sequences=True),
                                  backward_layer=L.GRU(3, return_sequences=True)))
    return keras.Model(x, every(x, layers)), [plain()]


@case()
def bidirectional_states():
    x = sequence()
    states = [keras.Input((3,)) for _ in range(4)]
    outputs = every(x, [
        L.Bidirectional(L.LSTM(3, return_sequences=True, return_state=True)),
        L.Bidirectional(L.GRU(3, return_state=True), merge_mode="sum"),
        L.Bidirectional(L.GRU(3, return_sequences=True, return_state=True), merge_mode=None),
        L.Bidirectional(L.LSTM(3, return_sequences=True),
                        backward_layer=L.LSTM(3, activation="softsign", go_backwards=True, return_sequences=True,
                                              use_bias=False)),
        L.Bidirectional(L.GRU(3), backward_layer=L.LSTM(2, go_backwards=True))])
    outputs.append(L.Bidirectional(L.LSTM(3))(x, initial_state=states))
    outputs += L.Bidirectional(L.GRU(3, return_sequences=True, return_state=True), merge_mode="ave")(
        x, initial_state=states[:2])
    return keras.Model([x] + states, outputs), [plain()] + [flat(3, 20 + i) for i in range(4)]


@case()
def bidirectional_masked():
    x = sequence()
    m = L.Masking(-1.0)(x)
    outputs = every(m, [
        L.Bidirectional(L.LSTM(3, return_sequences=True)),
        L.Bidirectional(L.GRU(3)),
        L.Bidirectional(L.GRU(3, reset_after=False, return_sequences=True, return_state=True), merge_mode="mul"),
        L.Bidirectional(L.SimpleRNN(3, return_state=True), merge_mode="sum")])
    # The mask goes on through a bidirectional layer, merged or not.
    y = L.Bidirectional(L.GRU(2, return_sequences=True))(m)
    outputs.append(L.LSTM(3)(y))
    forward, backward = L.Bidirectional(L.GRU(2, return_sequences=True), merge_mode=None)(m)
    outputs += [L.GRU(3)(forward), L.GRU(3)(backward)]
    return keras.Model(x, outputs), [padded()]


@case()
def recurrent_masked():
    x = sequence()
    m = L.Masking(-1.0)(x)
    return keras.Model(x, every(m, [
        L.GRU(4, return_sequences=True, return_state=True),
        L.GRU(4, reset_after=False, return_sequences=True, zero_output_for_mask=True),
        L.GRU(3, go_backwards=True, return_sequences=True),
        L.SimpleRNN(3, return_sequences=True),
        L.SimpleRNN(3, zero_output_for_mask=True),
        L.RNN([L.GRUCell(3), L.LSTMCell(2)], return_sequences=True),
        L.RNN([L.LSTMCell(2), L.SimpleRNNCell(3)], return_state=True)])), [padded()]


@case()
def initial_states():
    x, h, g = sequence(), keras.Input((4,)), keras.Input((3,))
    outputs = [L.GRU(4, return_sequences=True)(x, initial_state=h), L.GRU(4, reset_after=False)(x, initial_state=[h]),
               L.SimpleRNN(3, go_backwards=True)(x, initial_state=g)]
    encoded = L.GRU(3, return_state=True)(x)
    outputs.append(L.GRU(3, return_sequences=True)(L.Masking(-1.0)(x), initial_state=encoded[1]))
    return keras.Model([x, h, g], outputs), [padded(), flat(4), flat(3)]


@case()
def stateful_gru_bidirectional():
    """Three calls; every layer keeps its states."""
    x = keras.Input((T, F), batch_size=B)
    m = L.Masking(-1.0)(x)
    y = L.GRU(4, stateful=True, return_sequences=True)(m)
    z = L.Bidirectional(L.GRU(3, stateful=True, return_sequences=True))(y)
    outputs = [y, z, L.Bidirectional(L.LSTM(2, stateful=True), merge_mode="sum")(z), L.SimpleRNN(3, stateful=True)(z),
               L.RNN(L.GRUCell(2, reset_after=False), stateful=True)(x)]
    if not K3:
        outputs.append(L.RNN([L.LSTMCell(2), L.GRUCell(3)], stateful=True)(x))
    return keras.Model(x, outputs), [padded(), plain(seed=5), padded()[::-1].copy()]


@case()
def mixed_precision():
    x = sequence()
    policy = {"dtype": "mixed_float16"}
    y = L.GRU(4, return_sequences=True, **policy)(x)
    z = L.Bidirectional(L.LSTM(3, return_sequences=True, **policy), **policy)(y)
    outputs = [L.GRU(3, reset_after=False, **policy)(z), L.LayerNormalization(**policy)(z),
               L.Conv1D(3, 3, padding="same", activation="gelu", **policy)(z),
               L.BatchNormalization(**policy)(z), L.SimpleRNN(3, **policy)(x)]
    return keras.Model(x, outputs + [L.Dense(2, dtype="float32")(z)]), [plain()]


@case()
def float64_layers():
    x = sequence(dtype="float64")
    policy = {"dtype": "float64"}
    y = L.GRU(4, return_sequences=True, recurrent_activation="hard_sigmoid", **policy)(x)
    z = L.Bidirectional(L.GRU(3, reset_after=False, return_sequences=True, **policy), **policy)(y)
    return keras.Model(x, [y, z, L.BatchNormalization(**policy)(z), L.Conv1D(2, 2, **policy)(z)]), [
        plain().astype("float64")]


@case()
def time_distributed():
    x, deep = sequence(), keras.Input((4, T, F))
    outputs = every(x, [
        L.TimeDistributed(L.Dense(4, activation="tanh")),
        L.TimeDistributed(L.BatchNormalization()),
        L.TimeDistributed(L.LayerNormalization()),
        L.TimeDistributed(L.Activation("softmax")),
        L.TimeDistributed(L.RepeatVector(2)),
        L.TimeDistributed(L.Dropout(0.5))])
    outputs += every(deep, [
        L.TimeDistributed(L.LSTM(3)),
        L.TimeDistributed(L.GRU(3, return_sequences=True)),
        L.TimeDistributed(L.Bidirectional(L.GRU(2))),
        L.TimeDistributed(L.Conv1D(2, 3, padding="same")),
        L.TimeDistributed(L.MaxPooling1D(2)),
        L.TimeDistributed(L.GlobalAveragePooling1D()),
        L.TimeDistributed(L.Flatten()),
        L.TimeDistributed(L.Reshape((-1, 2)))])
    return keras.Model([x, deep], outputs), [
        plain(), np.random.default_rng(3).standard_normal((B, 4, T, F)).astype("float32")]


@case()
def embedding_variants():
    x = keras.Input((T,), dtype="int32")
    masked = L.Embedding(10, 3, mask_zero=True)(x)
    outputs = [L.Bidirectional(L.GRU(3, return_sequences=True))(masked), L.GRU(4)(masked),
               L.Bidirectional(L.LSTM(3))(L.Embedding(10, 4)(x)), L.SimpleRNN(3)(L.SpatialDropout1D(0.3)(masked)),
               L.TimeDistributed(L.Dense(2))(masked)]
    return keras.Model(x, outputs), [tokens()]


# ---- activations

ACTIVATIONS = ["linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "sigmoid", "hard_sigmoid", "log_sigmoid",
               "tanh", "hard_tanh", "tanh_shrink", "softmax", "log_softmax", "softplus", "softsign", "soft_shrink",
               "hard_shrink", "exponential", "silu", "swish", "hard_silu", "hard_swish", "gelu", "mish", "squareplus",
               "glu", "sparsemax", "sparse_plus", "sparse_sigmoid"]


@case()
def activation_names():
    """Every name that this Keras knows."""
    x = sequence(4)
    outputs = []
    for name in ACTIVATIONS:
        try:
            keras.activations.get(name)
        except ValueError:
            continue
        outputs.append(L.Activation(name, name="act_" + name)(x))
    return keras.Model(x, outputs), [plain(4) * 2]


@case()
def activation_layers():
    x = sequence(4)
    layers = [
        L.ReLU(), L.ReLU(max_value=1.5), L.ReLU(max_value=6.0), L.ReLU(negative_slope=0.25), L.ReLU(threshold=0.3),
        L.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.2), L.LeakyReLU(), L.LeakyReLU(0.05),
        L.ELU(), L.ELU(alpha=0.7), L.Softmax(), L.Softmax(axis=-1), L.PReLU(), L.PReLU(shared_axes=[1]),
        L.PReLU(shared_axes=[1, 2]), L.PReLU(shared_axes=[2])]
    if not K3:
        layers += [L.ThresholdedReLU(theta=0.4)]
    # A layer where others write a name.
    layers += [L.Dense(3, activation=L.LeakyReLU(0.1)), L.Conv1D(3, 2, activation=L.ReLU(max_value=1.0)),
               L.Dense(3, activation=L.ELU(alpha=0.5)), L.Activation(L.LeakyReLU(0.15)),
               L.GRU(3, activation=L.LeakyReLU(0.1), return_sequences=True)]
    return keras.Model(x, every(x, layers)), [plain(4) * 2]


# ---- layers over features

@case("h5")
def normalizations():
    x, v = sequence(4), keras.Input((5,))
    outputs = every(x, [
        L.BatchNormalization(), L.BatchNormalization(epsilon=1e-2, center=False),
        L.BatchNormalization(scale=False), L.BatchNormalization(scale=False, center=False, axis=2),
        L.LayerNormalization(), L.LayerNormalization(epsilon=1e-2, center=False),
        L.LayerNormalization(scale=False), L.LayerNormalization(scale=False, center=False),
        L.BatchNormalization(trainable=False)])
    outputs += every(v, [L.BatchNormalization(), L.LayerNormalization(axis=[1] if not K3 else 1)])
    return keras.Model([x, v], outputs), [plain(4), flat(5)]


@case()
def convolutions():
    x = sequence(4)
    return keras.Model(x, every(x, [
        L.Conv1D(3, 3), L.Conv1D(3, 3, padding="same"), L.Conv1D(3, 3, padding="causal"),
        L.Conv1D(3, 2, strides=2), L.Conv1D(3, 3, strides=2, padding="same"),
        L.Conv1D(3, 4, padding="same"), L.Conv1D(3, 2, strides=2, padding="causal"),
        L.Conv1D(3, 3, dilation_rate=2), L.Conv1D(3, 2, dilation_rate=3, padding="same"),
        L.Conv1D(3, 3, dilation_rate=2, padding="causal", activation="relu"),
        L.Conv1D(6, 3, groups=2, padding="same"), L.Conv1D(4, 2, groups=4, use_bias=False),
        L.Conv1D(3, 1, activation="softmax", use_bias=False)])), [plain(4)]


@case()
def poolings():
    x = sequence()
    outputs = every(x, [
        L.MaxPooling1D(2), L.MaxPooling1D(3, strides=1), L.MaxPooling1D(4, padding="same"),
        L.MaxPooling1D(3, strides=2, padding="same"), L.AveragePooling1D(2), L.AveragePooling1D(4, padding="same"),
        L.AveragePooling1D(3, strides=2, padding="same"), L.AveragePooling1D(4, strides=3),
        L.GlobalMaxPooling1D(), L.GlobalAveragePooling1D(), L.GlobalMaxPooling1D(keepdims=True),
        L.GlobalAveragePooling1D(keepdims=True)])
    m = L.Masking(-1.0)(x)
    outputs += every(m, [L.GlobalAveragePooling1D(), L.GlobalMaxPooling1D(), L.GlobalAveragePooling1D(keepdims=True)])
    outputs.append(L.GlobalAveragePooling1D()(L.GRU(3, return_sequences=True)(m)))
    return keras.Model(x, outputs), [padded()]


@case()
def shapes():
    x, v = sequence(4), keras.Input((5,))
    outputs = every(x, [
        L.Flatten(), L.Reshape((12, 2)), L.Reshape((-1, 8)), L.Reshape((3, -1)), L.Reshape((2, 3, 4)),
        L.Permute((2, 1)), L.ZeroPadding1D(), L.ZeroPadding1D((0, 3)), L.Cropping1D(), L.Cropping1D((2, 1)),
        L.UpSampling1D(), L.UpSampling1D(3)])
    outputs += [L.RepeatVector(3)(v), L.GRU(3)(L.RepeatVector(4)(v)), L.LSTM(3)(L.Reshape((5, 1))(v)),
                L.GRU(2)(L.Permute((2, 1))(x)), L.Dense(2)(L.Flatten()(L.ZeroPadding1D(1)(x)))]
    return keras.Model([x, v], outputs), [plain(4), flat(5)]


@case("keras")
def preprocessing():
    x = sequence(4)
    adapted = L.Normalization()
    adapted.adapt(plain(4, seed=12) * 3 + 1)
    layers = [
        L.Rescaling(0.5), L.Rescaling(1 / 127.5, offset=-1), L.Normalization(mean=0.5, variance=4.0),
        L.Normalization(mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 3.0, 0.25]), adapted,
        L.Normalization(mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 3.0, 0.25], invert=True),
        L.Normalization(axis=None, mean=0.25, variance=2.25, invert=True)]
    outputs = every(x, layers)
    return keras.Model(x, outputs + [L.GRU(3)(outputs[-3])]), [plain(4)]


@case()
def only_at_training():
    x = sequence(4)
    return keras.Model(x, every(x, [
        L.Dropout(0.5), L.SpatialDropout1D(0.5), L.GaussianNoise(0.3), L.GaussianDropout(0.3),
        L.ActivityRegularization(l2=0.01)] + ([L.AlphaDropout(0.3)] if hasattr(L, "AlphaDropout") else [])
        + [L.GRU(3, kernel_regularizer="l2", recurrent_constraint="max_norm", bias_initializer="ones")])), [plain(4)]


# ---- several inputs

@case()
def merges():
    a, b, v = sequence(), sequence(), keras.Input((3,))
    outputs = []
    for layer in (L.Add, L.Multiply, L.Average, L.Maximum, L.Minimum):
        outputs.append(layer()([a, b]))
        outputs.append(layer()([a, b, L.Dense(1)(a)]))
        outputs.append(layer()([a, v]))
    outputs += [L.Subtract()([a, b]), L.Subtract()([a, L.Dense(1)(b)]), L.GRU(3)(L.Add()([a, L.Dense(3)(b)]))]
    return keras.Model([a, b, v], outputs), [plain(), plain(seed=8), flat(3)]


@case()
def concatenations():
    a, b = sequence(), sequence()
    m, n = L.Masking(-1.0)(a), L.Masking(-1.0)(b)
    d = L.Dense(3)(b)
    outputs = [L.Concatenate()([a, b]), L.Concatenate(axis=1)([a, b]), L.Concatenate(axis=2)([a, d]),
               L.Concatenate(axis=-2)([a, b, d])]
    for axis in (-1, 1):
        # Both masked, one masked: the mask shows in the recurrent layer above.
        outputs.append(L.GRU(3, return_sequences=True)(L.Concatenate(axis=axis)([m, n])))
        if K3 or axis == -1:  # Keras 2 can't concatenate half a mask in time
            outputs.append(L.LSTM(3, return_sequences=True)(L.Concatenate(axis=axis)([m, d])))
            outputs.append(L.LSTM(3, return_sequences=True)(L.Concatenate(axis=axis)([d, m])))
    return keras.Model([a, b], outputs), [padded(), padded_elsewhere()]


@case()
def masks_through_merges():
    a, b = sequence(), sequence()
    m, n, d = L.Masking(-1.0)(a), L.Masking(-1.0)(b), L.Dense(3)(b)
    outputs = []
    probe = L.SimpleRNN(2, return_sequences=True)
    # Multiply, Maximum and Minimum of Keras 3.15 change masked timesteps: refused_merges.
    for layer in (L.Add, L.Average) if K3 else (L.Add, L.Multiply, L.Average, L.Maximum, L.Minimum):
        outputs.append(probe(layer()([m, n])))
        outputs.append(probe(layer()([m, d])))
    outputs.append(probe(L.Subtract()([m, n])))
    return keras.Model([a, b], outputs), [padded(), padded_elsewhere()]


@case("h5")
def masks_through_layers():
    """Which layers hand a mask on: a recurrent layer above each shows it."""
    x = sequence()
    m = L.Masking(-1.0)(x)
    layers = [
        L.Dense(3), L.Activation("tanh"), L.ReLU(), L.LeakyReLU(0.1), L.ELU(), L.PReLU(), L.Activation("softmax"), L.Dropout(0.3),
        L.SpatialDropout1D(0.3), L.GaussianNoise(0.3), L.GaussianDropout(0.3), L.ActivityRegularization(l2=0.01),
        L.BatchNormalization(), L.LayerNormalization(), L.Rescaling(0.5), L.Normalization(mean=0.5, variance=4.0),
        L.TimeDistributed(L.Dense(3)), L.GRU(3, return_sequences=True), L.Bidirectional(L.GRU(3, return_sequences=True), merge_mode="ave"),
        L.RNN(L.GRUCell(3), return_sequences=True)]
    if K3:
        layers.append(L.Identity())
    probe = L.SimpleRNN(2, return_sequences=True)
    return keras.Model(x, [probe(layer(m)) for layer in layers]), [padded()]


@case()
def masks_end():
    """Layers behind which no mask is left."""
    x = sequence(4)
    m = L.Masking(-1.0)(x)
    v = plain(4)
    v[0, 4:] = -1.0
    v[1, 0] = -1.0
    layers = [L.Conv1D(3, 3, padding="same"), L.MaxPooling1D(2), L.AveragePooling1D(2), L.ZeroPadding1D(1),
              L.Cropping1D(1), L.UpSampling1D(2), L.Permute((2, 1)), L.Reshape((4, 6)), L.Reshape((6, 4))]
    if not K3:
        # Keras 3 refuses these masks or hands them on from version to version.
        layers.append(L.Identity())
    outputs, probes = [], {}
    for layer in layers:
        try:
            y = layer(m)
            probe = probes.setdefault(y.shape[-1], L.SimpleRNN(2))
            outputs.append(probe(y))
        except (TypeError, ValueError) as error:
            print("left out", layer.name, str(error)[:80])
    return keras.Model(x, outputs), [v]


@case()
def dots():
    a, b, v, w = sequence(4), sequence(4, 5), keras.Input((4,)), keras.Input((4,))
    return keras.Model([a, b, v, w], [
        L.Dot(axes=2)([a, b]), L.Dot(axes=-1)([v, w]), L.Dot(axes=1, normalize=True)([v, w]),
        L.Dot(axes=(2, 1))([a, v]), L.Dot(axes=2, normalize=True)([a, b]), L.Dot(axes=(2, 1))([a, L.Permute((2, 1))(b)]),
        L.GRU(2)(L.Dot(axes=2)([a, b]))]), [plain(4), plain(4, 5, 8), flat(4, 1), flat(4, 2)]


@case("weights.h5", "json")
def attentions():
    q, v, k = sequence(4, 5), sequence(4), sequence(4)
    outputs = [
        L.Attention()([q, v]), L.Attention(use_scale=True)([q, v, k]),
        L.Attention(score_mode="concat")([q, v]), L.Attention(score_mode="concat", use_scale=True)([q, v, k]),
        L.Attention()([v, k], use_causal_mask=True), L.AdditiveAttention()([q, v]),
        L.AdditiveAttention(use_scale=False)([q, v, k]), L.AdditiveAttention()([v, k], use_causal_mask=True),
        L.Attention(dropout=0.3)([q, v])]
    encoded, decoded = L.GRU(4, return_sequences=True)(v), L.LSTM(4, return_sequences=True)(q)
    outputs.append(L.Dense(2)(L.Concatenate()([decoded, L.Attention()([decoded, encoded])])))
    return keras.Model([q, v, k], outputs), [plain(4, 5, 6), plain(4), plain(4, seed=8)]


@case()
def attentions_masked():
    a, b = sequence(), sequence()
    m, n = L.Masking(-1.0)(a), L.Masking(-1.0)(b)
    x, y = L.GRU(4, return_sequences=True)(m), L.GRU(4, return_sequences=True)(n)
    outputs = [L.Attention()([x, y]), L.AdditiveAttention()([x, y]), L.Attention()([x, L.GRU(4, return_sequences=True)(b)]),
               L.Attention()([L.GRU(4, return_sequences=True)(a), y]), L.Attention()([x, y], use_causal_mask=True),
               L.Attention(use_scale=True, score_mode="concat")([x, y]),
               L.SimpleRNN(3, return_sequences=True)(L.Attention()([x, y]))]
    return keras.Model([a, b], outputs), [padded(), padded_elsewhere()]


# ---- models

def inner_model(name, frozen=False):
    i = keras.Input((T, 3))
    y = L.BatchNormalization(name="normalize")(i)
    dense = L.Dense(3, activation="tanh", name="dense")
    dense.trainable = not frozen
    y = L.GRU(3, return_sequences=True, name="gru")(dense(y))
    return keras.Model(i, L.BatchNormalization(name="again")(y), name=name)


@case("h5", "weights.h5", "_weights.h5")
def nested_frozen():
    """Models inside models with moving statistics and frozen layers; one is called twice."""
    x, z = sequence(), sequence()
    frozen, twice = inner_model("frozen", True), inner_model("twice")
    chain = keras.Sequential([keras.Input((T, 3)), L.Dense(4, name="widen"), L.BatchNormalization(name="norm"),
                              keras.Sequential([keras.Input((T, 4)), L.LSTM(3, return_sequences=True, name="deep")],
                                               name="innermost"), L.LayerNormalization(name="layernorm")],
                             name="chain")
    y = twice(twice(frozen(x)))
    return keras.Model([x, z], [L.GRU(2, name="last")(chain(y)), twice(z), L.Dense(1, name="head")(y)]), [
        plain(), plain(seed=8)]


@case()
def nested_inputs_outputs():
    """A model of several inputs and outputs inside another, with masks into it and out of it."""
    a, s = keras.Input((T, 3)), keras.Input((4,))
    y, h = L.GRU(4, return_sequences=True, return_state=True)(a, initial_state=s)
    inner = keras.Model([a, s], [L.Dense(3)(y), h], name="inner")
    x, v = sequence(), keras.Input((5,))
    first, state = inner([x, L.Dense(4)(v)])
    second, _ = inner([first, state])
    return keras.Model([x, v], [second, L.LSTM(2)(first), state]), [plain(), flat(5)]


@case()
def shared_layers():
    a, b = sequence(), sequence(steps=None)
    gru, both, dense = L.GRU(4, return_sequences=True), L.Bidirectional(L.LSTM(2, return_sequences=True)), L.Dense(3)
    embedding = L.Embedding(10, 3, mask_zero=True)
    t = keras.Input((T,), dtype="int32")
    return keras.Model([a, b, t], [gru(a), gru(dense(b)), both(a), both(dense(a)),
                                   gru(embedding(t)), dense(embedding(t))]), [plain(), plain(seed=8)[:, :4], tokens()]


@case("h5", "json")
def unknown_length():
    x = sequence(steps=None)
    y = L.Conv1D(4, 3, padding="same", activation="relu")(x)
    y = L.Bidirectional(L.GRU(3, return_sequences=True))(y)
    return keras.Model(x, [L.TimeDistributed(L.Dense(2))(y), L.GlobalMaxPooling1D()(y), L.UpSampling1D(2)(y)]), [plain()]


@case("keras", "json", "weights.h5", "_weights.h5")
def sequential_mixture():
    return keras.Sequential([
        keras.Input((T, F)), L.Masking(-1.0), L.Conv1D(4, 2, padding="causal", activation="selu"), L.BatchNormalization(),
        L.GRU(3, reset_after=False, return_sequences=True), L.Bidirectional(L.LSTM(2, return_sequences=True)),
        L.TimeDistributed(L.Dense(3)), L.LeakyReLU(0.2), L.Flatten(), L.Dense(2, activation="softmax")]), [padded()]


# ---- models that must be refused, each by name; nothing is recorded of them

def refused_merges():
    a, b = sequence(), sequence()
    m, n = L.Masking(-1.0)(a), L.Masking(-1.0)(b)
    return keras.Model([a, b], [layer()([m, n]) for layer in (L.Multiply, L.Maximum, L.Minimum)]), None


if K3:
    refused_merges = case()(refused_merges)


@case()
def opaque_layer():
    """A class of the user's own: its tensors are carried, the model can't be run."""
    @keras.utils.register_keras_serializable("mine")
    class WeightedAverage(L.Layer):
        def build(self, shape):
            self.weight = self.add_weight(shape=(shape[-1], 1), name="weight")
            super().build(shape)

        def call(self, x):
            return x[:, 0] * self.weight[:, 0]

    x = sequence()
    return keras.Model(x, L.Dense(2)(WeightedAverage(name="average")(L.LSTM(4, return_sequences=True)(x)))), None


@case()
def opaque_lambda():
    """The code of a Lambda layer is Python bytecode, which is never run."""
    x = sequence()
    y = L.Lambda(lambda y: y[:, -1], name="last_step")(L.LSTM(4, return_sequences=True)(x))
    return keras.Model(x, L.Dense(2)(y)), None


@case()
def opaque_slice():
    """An index on a tensor becomes an operation layer."""
    x = sequence()
    return keras.Model(x, L.Dense(2)(L.LSTM(4, return_sequences=True)(x)[:, -1])), None


def leaves(values):
    if not isinstance(values, (list, tuple)):
        return [values]
    return [leaf for value in values for leaf in leaves(value)]


def compute(model, inputs):
    outputs = []
    width = len(model.inputs)
    for call in range(len(inputs) // width):
        given = inputs[call * width:(call + 1) * width]
        results = model(given[0] if width == 1 else given, training=False)
        outputs += [np.asarray(y) for y in leaves(results)]
    return outputs


def randomize(model, seed):
    random = np.random.default_rng(seed)
    values = []
    for variable, old in zip(model.weights, model.get_weights()):
        name = getattr(variable, "path", variable.name)
        # What Normalization was adapted to is remembered outside its variables, too.
        adapted = "normalization" in name and name.split("/")[-1].split(":")[0] in ("mean", "variance")
        if adapted or old.dtype.kind != "f" and old.dtype.name != "bfloat16":
            values.append(old)
        elif "variance" in name:
            values.append((np.abs(random.standard_normal(old.shape)) * 0.4 + 0.5).astype(old.dtype))
        else:
            values.append((random.standard_normal(old.shape) * 0.4).astype(old.dtype))
    model.set_weights(values)


@case()
def group_normalizations():
    x, v = sequence(6), keras.Input((6,))
    normalized = L.GroupNormalization(2)(x)
    outputs = every(x, [
        L.GroupNormalization(3, epsilon=1e-2, center=False), L.GroupNormalization(-1, scale=False),
        L.GroupNormalization(1, scale=False, center=False), L.GroupNormalization(6, axis=2),
        L.TimeDistributed(L.GroupNormalization(2))])
    outputs += [normalized, L.GRU(3)(normalized), L.GroupNormalization(3)(v)]
    return keras.Model([x, v], outputs), [plain(6), flat(6)]


@case()
def unit_normalizations():
    x, v = sequence(), flat(5)
    v[1] = 0  # a vector without a direction
    w = keras.Input((5,))
    normalized = L.UnitNormalization()(x)
    outputs = every(x, [
        L.UnitNormalization(axis=1), L.UnitNormalization(axis=[1, 2]), L.UnitNormalization(axis=2),
        L.TimeDistributed(L.UnitNormalization())])
    outputs += [normalized, L.LSTM(3)(normalized), L.UnitNormalization()(w)]
    return keras.Model([x, w], outputs), [plain(), v]


# A few models of tf.keras in every container are enough: the layers are the same.
if not K3:
    EVERYWHERE = {"nested_frozen", "sequential_mixture", "stacked_cells_initial_state"}
    CASES = {name: (build, containers if name in EVERYWHERE else ("h5",)) for name, (build, containers) in CASES.items()}


def save(model, name, container):
    path = os.path.join(target, name + (container if container.startswith("_") else "." + container))
    try:
        if container in ("h5", "keras"):
            model.save(path)
        elif container == "json":
            text = json.loads(model.to_json())
            with open(path, "w") as f:
                f.write(json.dumps(text, indent=None))
        elif container == "_weights.h5" and K3:
            return
        else:
            model.save_weights(path)
    except Exception as error:  # which container a Keras can't write is worth seeing
        print("can't save", path, type(error).__name__, str(error)[:120])
        if os.path.exists(path):
            os.remove(path)


def main():
    os.makedirs(target, exist_ok=True)
    for index, (name, (build, containers)) in enumerate(CASES.items()):
        if sys.argv[3:] and name not in sys.argv[3:]:
            continue
        keras.backend.clear_session()
        keras.utils.set_random_seed(index)
        model, inputs = build()
        randomize(model, 300 + index)
        for container in sorted(containers, key=lambda c: c == "h5") if inputs is None else ():
            save(model, name, container)
        if inputs is None:
            continue
        outputs = compute(model, inputs)
        arrays = {"in_%d" % i: x for i, x in enumerate(inputs)}
        arrays.update({"out_%d" % i: y if y.dtype.name != "bfloat16" else y.astype("float32") for i, y in enumerate(outputs)})
        np.savez_compressed(os.path.join(target, name + ".golden.npz"), **arrays)
        # Keras 3 changes the model's compile config while it writes HDF5, so that goes last.
        for container in sorted(containers, key=lambda c: c == "h5"):
            save(model, name, container)
    print(flavour, keras.__version__, "numpy", np.__version__)


main()
