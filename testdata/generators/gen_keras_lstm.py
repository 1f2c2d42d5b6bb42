"""LSTM models of Keras 3 and tf.keras 2 with the outputs the framework computed, as full .h5 models.

usage: gen_keras_lstm.py keras3|tf_keras OUTPUT_DIR        (TensorFlow backend)

Every case is NAME.h5 and NAME.golden.npz (in_0, …, out_0, … in the framework's call order). Weights
are random with a fixed seed, biases included: zero biases would hide mistakes. The cases cover each
option that changes inference, and combinations that a reader can get wrong.
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
flavour, target = sys.argv[1], sys.argv[2]
if flavour == "tf_keras":
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tf_keras as keras
else:
    import keras
import numpy as np

L = keras.layers
T, F, B = 6, 3, 2
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def plain():
    return np.random.default_rng(7).standard_normal((B, T, F)).astype("float32")


def padded():
    """Row 0 is right padded; row 1 has a gap and a masked first step."""
    x = plain()
    x[0, 4:] = -1.0
    x[1, 0] = -1.0
    x[1, 3] = -1.0
    return x


def tokens():
    return np.array([[3, 1, 4, 1, 0, 0], [5, 0, 2, 6, 9, 3]], dtype="int32")


def functional(build, **options):
    x = keras.Input((T, F), **options)
    return keras.Model(x, build(x))


def chain(*layers):
    return keras.Sequential([keras.Input((T, F))] + list(layers))


@case
def masked_state_zero():
    """A mask, all outputs, zeros where masked (functional: Keras 3 writes NotEqual and Any)."""
    return functional(lambda x: L.LSTM(4, return_sequences=True, return_state=True,
                                       zero_output_for_mask=True)(L.Masking(-1.0)(x))), [padded()]


@case
def masked_last_zero():
    """The last output of a sequence that ends masked is zero with zero_output_for_mask."""
    return chain(L.Masking(-1.0), L.LSTM(4, zero_output_for_mask=True)), [padded()]


@case
def masked_backwards():
    return chain(L.Masking(-1.0), L.LSTM(4, go_backwards=True, return_sequences=True)), [padded()]


@case
def masked_backwards_last_zero():
    return chain(L.Masking(-1.0), L.LSTM(4, go_backwards=True, zero_output_for_mask=True)), [padded()]


@case
def masked_stack():
    """The mask goes through an LSTM with sequences, Dense, Activation and Dropout to the next LSTM."""
    return chain(L.Masking(-1.0), L.LSTM(4, return_sequences=True), L.Dense(3, activation="relu"),
                 L.Activation("softsign"), L.Dropout(0.3), L.LSTM(4), L.Dense(2)), [padded()]


@case
def masked_functional_stack():
    def build(x):
        y = L.LSTM(4, return_sequences=True, name="one")(L.Masking(-1.0)(x))
        return L.LSTM(3, name="two")(L.Dense(3)(y))
    return functional(build), [padded()]


@case
def embedding_functional_mask():
    """mask_zero in a functional model: Keras 3 writes NotEqual without Any."""
    x = keras.Input((T,), dtype="int32")
    y = L.LSTM(4, return_sequences=True)(L.Embedding(10, 3, mask_zero=True)(x))
    return keras.Model(x, L.LSTM(3)(y)), [tokens()]


@case
def explicit_mask_input():
    """A mask given as a second input of the model."""
    x, m = keras.Input((T, F)), keras.Input((T,), dtype="bool")
    mask = np.array([[1, 1, 0, 1, 0, 0], [0, 1, 1, 1, 1, 1]], dtype=bool)
    return keras.Model([x, m], L.LSTM(4, return_sequences=True)(x, mask=m)), [plain(), mask]


@case
def initial_state_inputs():
    """h and c are inputs of the model."""
    x, h, c = keras.Input((T, F)), keras.Input((4,)), keras.Input((4,))
    y = L.LSTM(4, return_sequences=True, return_state=True)(x, initial_state=[h, c])
    r = np.random.default_rng(11)
    return keras.Model([x, h, c], y), [plain()] + [r.standard_normal((B, 4)).astype("float32") for _ in "hc"]


@case
def initial_state_dense():
    """The state comes from a Dense layer; the sequence is masked and read backwards."""
    x, v = keras.Input((T, F)), keras.Input((5,))
    h, c = L.Dense(4, activation="tanh", name="to_h")(v), L.Dense(4, name="to_c")(v)
    y = L.LSTM(4, go_backwards=True)(L.Masking(-1.0)(x), initial_state=[h, c])
    return keras.Model([x, v], y), [padded(), np.random.default_rng(12).standard_normal((B, 5)).astype("float32")]


@case
def shared_twice():
    """One LSTM applied to two inputs; both results are outputs."""
    a, b = keras.Input((T, F)), keras.Input((None, F))
    lstm = L.LSTM(4, name="shared")
    return keras.Model([a, b], [lstm(a), lstm(b)]), [plain(), plain()[:, :3] * 2]


@case
def order_of_layers():
    """Layer names whose alphabetical order is not the model's order, and more than nine layers."""
    return chain(*[L.LSTM(2, return_sequences=True, name="lstm_%d" % i) for i in range(12, 0, -1)],
                 L.Dense(1, name="a")), [plain()]


@case
def odd_names():
    """Names that Python or torch.nn.Module would trip over."""
    return chain(L.LSTM(3, return_sequences=True, name="train"), L.LSTM(3, return_sequences=True, name="lstm-2.x"),
                 L.Dense(2, name="1st"), L.Activation("softmax", name="softmax"), L.Dense(2, name="lambda")), [plain()]


@case
def square_kernel():
    """As many units as inputs: each gate's transposed kernel has the same shape."""
    return chain(L.LSTM(3, return_sequences=True)), [plain()]


@case
def dense_before():
    return chain(L.Dense(5, activation="elu"), L.LSTM(4, return_sequences=True, use_bias=False),
                 L.Dense(2, use_bias=False, activation="gelu")), [plain()]


@case
def float64_masked():
    x = keras.Input((T, F), dtype="float64")
    y = L.Masking(0.1, dtype="float64")(x)
    y = L.LSTM(4, dtype="float64", activation="softsign", recurrent_activation="hard_sigmoid", return_sequences=True)(y)
    v = plain().astype("float64")
    v[0, 4:] = 0.1
    return keras.Model(x, L.Dense(2, dtype="float64")(y)), [v]


@case
def mask_value_inexact():
    """0.1 is not a float32: the comparison happens in the layer's precision."""
    v = plain()
    v[:, 3:] = 0.1
    return chain(L.Masking(0.1), L.LSTM(4, return_sequences=True)), [v]


@case
def stateful_masked():
    """Three consecutive calls of a stateful model with masks and two stateful layers."""
    x = keras.Input((T, F), batch_size=B)
    y = L.LSTM(4, stateful=True, return_sequences=True)(L.Masking(-1.0)(x))
    model = keras.Model(x, [L.LSTM(3, stateful=True)(y), y])
    return model, [padded(), plain(), padded()[::-1].copy()]


@case
def one_timestep():
    return keras.Sequential([keras.Input((1, F)), L.LSTM(4)]), [plain()[:, :1]]


@case
def wide_values():
    """Large inputs: saturated gates, outputs above one through a linear activation."""
    return chain(L.LSTM(4, activation="linear", return_sequences=True)), [plain() * 3]


@case
def batch_of_one_variable():
    return keras.Sequential([keras.Input((None, F)), L.LSTM(4, return_sequences=True), L.Dense(1)]), [plain()[:1, :5]]


ACTIVATIONS = ["relu", "elu", "selu", "softplus", "softsign", "exponential", "linear", "sigmoid", "swish", "gelu",
               "hard_sigmoid", "mish", "leaky_relu", "relu6", "log_softmax", "softmax", "silu", "celu", "hard_silu",
               "hard_tanh", "tanh_shrink", "soft_shrink", "hard_shrink", "squareplus", "log_sigmoid"]


@case
def every_activation():
    """One Dense layer per activation that this Keras knows, all on one LSTM; many outputs."""
    x = keras.Input((T, F))
    y = L.LSTM(4, return_sequences=True)(x)
    outputs = []
    for name in ACTIVATIONS:
        try:
            keras.activations.get(name)
        except ValueError:
            continue
        outputs.append(L.Dense(3, activation=name, name="dense_" + name)(y))
        outputs.append(L.Activation(name, name="act_" + name)(L.Dense(3, name="pre_" + name)(y)))
    return keras.Model(x, outputs), [plain() * 2]


@case
def lstm_activations():
    """Activations inside the cell."""
    x = keras.Input((T, F))
    outputs = [L.LSTM(3, activation=a, recurrent_activation=r, return_sequences=True, name="lstm_" + a)(x)
               for a, r in [("softsign", "hard_sigmoid"), ("elu", "sigmoid"), ("linear", "tanh"), ("gelu", "softsign"),
                            ("tanh", "linear")]]
    return keras.Model(x, outputs), [plain()]


@case
def unicode_names():
    """HDF5 stores a group in another way as soon as one of its members has a name beyond ASCII."""
    return chain(L.LSTM(3, return_sequences=True, name="étage"), L.LSTM(2, name="层"), L.Dense(1, name="head")), [plain()]


@case
def stateful_initial_state():
    """Two calls: Keras 2 prefers the state it kept, Keras 3 the state it is given."""
    x, h, c = keras.Input((T, F), batch_size=B), keras.Input((3,), batch_size=B), keras.Input((3,), batch_size=B)
    y = L.LSTM(3, stateful=True)(x, initial_state=[h, c])
    r = np.random.default_rng(13)
    states = [r.standard_normal((B, 3)).astype("float32") for _ in range(4)]
    return keras.Model([x, h, c], y), [plain(), *states[:2], plain() * 0.5, *states[2:]]


@case
def identity_mask():
    """Keras 2 loses a mask in Identity, Keras 3 does not."""
    return chain(L.Masking(-1.0), L.Identity(), L.LSTM(3)), [padded()]


@case
def mask_float16():
    """0.1 in float16: Keras 2 compares in float16, Keras 3 with a float32."""
    v = plain()
    v[:, 3:] = 0.1
    x = keras.Input((T, F))
    y = L.LSTM(3)(L.Masking(0.1, dtype="float16")(x))
    return keras.Model(x, y), [v]


@case
def half_precision_between():
    """Layers without weights that compute in 16 bits, between layers that do not."""
    return chain(L.LSTM(3, return_sequences=True), L.Activation("tanh", dtype="bfloat16"), L.Dropout(0.1, dtype="float16"),
                 L.Dense(2)), [plain()]


def main():
    os.makedirs(target, exist_ok=True)
    for index, (name, build) in enumerate(CASES.items()):
        keras.backend.clear_session()
        try:
            model, inputs = build()
        except (TypeError, ValueError) as error:
            print("skipped", name, str(error)[:80])
            continue
        random = np.random.default_rng(100 + index)
        model.set_weights([(random.standard_normal(w.shape) * 0.4).astype(w.dtype) for w in model.get_weights()])
        calls = len(inputs) // len(model.inputs)
        outputs = []
        for call in range(calls):
            given = inputs[call * len(model.inputs):(call + 1) * len(model.inputs)]
            results = model(given[0] if len(given) == 1 else given, training=False)
            outputs += [np.asarray(y) for y in (results if isinstance(results, (list, tuple)) else [results])]
        model.save(os.path.join(target, name + ".h5"))
        arrays = {"in_%d" % i: x for i, x in enumerate(inputs)}
        arrays.update({"out_%d" % i: y for i, y in enumerate(outputs)})
        np.savez(os.path.join(target, name + ".golden.npz"), **arrays)
    print(flavour, keras.__version__, "numpy", np.__version__)


main()
