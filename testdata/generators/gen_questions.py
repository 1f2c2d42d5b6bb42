"""Models and arrays behind docs/questions.md, and what the frameworks say about each mistake.

    TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1 python gen_questions.py OUTPUT_FOLDER

Written with Keras 3.15.1 (TensorFlow), tf_keras 2.21.0 and torch 2.13.0. OUTPUT_FOLDER/frameworks.json
holds, for every mistake, what each framework did: the shapes of its outputs or its error message. Each
repair that recur prints is run too, and must give a result.
"""
import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import numpy as np
import keras
import tf_keras
import torch

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
random = np.random.default_rng(5)
keras.utils.set_random_seed(5)
torch.manual_seed(5)


def path(name):
    return os.path.join(folder, name)


def array(name, *shape):
    x = random.standard_normal(shape).astype("float32")
    np.save(path(name + ".npy"), x)
    return x


# (b) A model that declares ten timesteps of 128 features, and what people give it.
x10, x4 = array("x_10", 1, 10, 128), array("x_4", 1, 4, 128)
x12 = array("x_12", 1, 12, 128)
np.save(path("x_one.npy"), x10[0])
np.save(path("x_exchanged.npy"), x10.swapaxes(1, 2))
np.save(path("x_features.npy"), x10[:, :, :64])
np.save(path("x_trailing.npy"), x10[..., None])
np.save(path("x_empty.npy"), x10[:, :0])
np.save(path("x_nan.npy"), np.where(np.arange(128) == 7, np.nan, x10).astype("float32"))
np.save(path("x_float64.npy"), x10.astype("float64"))
np.save(path("x_3_5.npy"), random.standard_normal((3, 5, 128)).astype("float32"))
np.savez(path("ragged.npz"), in_0=x10, in_1=x4)


def declared(k):
    inputs = k.layers.Input((10, 128), name="x")
    return k.Model(inputs, k.layers.LSTM(4, name="lstm")(inputs), name="declared")


model = declared(keras)
model.save(path("declared.h5"))
# The same with a Masking layer: padded timesteps do not count.
inputs = keras.layers.Input((None, 128), name="x")
masked = keras.Model(inputs, keras.layers.LSTM(4, name="lstm")(keras.layers.Masking(0.0, name="masking")(inputs)))
masked.get_layer("lstm").set_weights(model.get_layer("lstm").get_weights())
masked.save(path("masked.h5"))
old = declared(tf_keras)
# Flatten needs every timestep and no more.
inputs = keras.layers.Input((10, 128), name="x")
flat = keras.Model(
    inputs,
    keras.layers.Dense(2, name="dense")(
        keras.layers.Flatten(name="flatten")(keras.layers.LSTM(2, return_sequences=True, name="lstm")(inputs))))
flat.save(path("flat.h5"))

# (c) every combination of return_sequences and return_state.
free = keras.layers.Input((None, 3), name="x")
outputs = []
for sequences in (False, True):
    for state in (False, True):
        tag = f"{'sequences' if sequences else 'last'}_{'state' if state else 'only'}"
        for kind, layer in [
                ("lstm", keras.layers.LSTM(4, return_sequences=sequences, return_state=state, name=f"lstm_{tag}")),
                ("gru", keras.layers.GRU(4, return_sequences=sequences, return_state=state, name=f"gru_{tag}")),
                ("bi", keras.layers.Bidirectional(
                    keras.layers.LSTM(4, return_sequences=sequences, return_state=state), name=f"bi_{tag}"))]:
            result = layer(free)
            outputs += result if isinstance(result, (list, tuple)) else [result]
returns = keras.Model(free, outputs, name="returns")
returns.save(path("returns.h5"))
x = random.standard_normal((2, 5, 3)).astype("float32")
np.savez(path("returns.golden.npz"), in_0=x,
         **{f"out_{i}": y for i, y in enumerate(returns.predict(x, verbose=0))})
last = keras.Sequential([keras.layers.Input((None, 3)), keras.layers.LSTM(4, name="lstm"), keras.layers.Dense(2)])
last.save(path("last.h5"))
every = keras.Sequential([keras.layers.Input((None, 3)), keras.layers.LSTM(4, return_sequences=True), keras.layers.Dense(2)])
every.set_weights(last.get_weights())
np.savez(path("every.golden.npz"), in_0=x, out_0=every.predict(x, verbose=0))

# Tokens, and a stateful model.
tokens = keras.Sequential([keras.layers.Input((None,)), keras.layers.Embedding(10, 4, name="embedding"), keras.layers.LSTM(4)])
tokens.save(path("tokens.h5"))
np.save(path("tokens_from_1.npy"), np.array([[1, 10, 3]], "int32"))
np.save(path("tokens_negative.npy"), np.array([[1, -1, 3]], "int32"))
np.save(path("tokens_fraction.npy"), np.array([[1.0, 2.5, 3.0]], "float32"))
np.save(path("tokens_one_hot.npy"), np.eye(10, dtype="float32")[None, :3])
np.save(path("tokens_flat.npy"), np.array([1, 2, 3], "int32"))
stateful = keras.Sequential([keras.layers.Input(batch_shape=(2, None, 3)), keras.layers.LSTM(4, stateful=True, name="lstm")])
stateful.save(path("stateful.h5"))
np.save(path("x_2_3.npy"), random.standard_normal((2, 5, 3)).astype("float32"))
np.save(path("x_1_3.npy"), random.standard_normal((1, 5, 3)).astype("float32"))
# A decoder that is given the state of an encoder.
dec, h, c = keras.layers.Input((None, 3), name="x"), keras.layers.Input((4,), name="h"), keras.layers.Input((4,), name="c")
decoder = keras.Model([dec, h, c], keras.layers.LSTM(4, name="lstm")(dec, initial_state=[h, c]))
decoder.save(path("decoder.h5"))
np.save(path("h_2_4.npy"), random.standard_normal((2, 4)).astype("float32"))
np.save(path("h_1_4.npy"), random.standard_normal((1, 4)).astype("float32"))
np.save(path("h_1_2_4.npy"), random.standard_normal((1, 2, 4)).astype("float32"))

# (a) and (d): torch.
lstm = torch.nn.LSTM(128, 4, batch_first=True)
torch.save(lstm.state_dict(), path("lstm.pt"))
pair = torch.nn.LSTM(128, 4, num_layers=2, batch_first=True, bidirectional=True)
cell = torch.nn.LSTMCell(3, 4)
torch.save(cell.state_dict(), path("cell.pt"))
for name, layer in [
        ("lstm", {"type": "nn.LSTM", "key": "", "input_size": 128, "hidden_size": 4, "batch_first": True}),
        ("lstm_time_first", {"type": "nn.LSTM", "key": "", "input_size": 128, "hidden_size": 4}),
        ("cell", {"type": "nn.LSTMCell", "key": "", "input_size": 3, "hidden_size": 4})]:
    with open(path(name + ".json"), "w") as file:
        json.dump({"layers": [layer]}, file, indent=1)
        file.write("\n")
for name, shape in [("s_1_1_4", (1, 1, 4)), ("s_2_1_4", (2, 1, 4)), ("s_1_3_4", (1, 3, 4)), ("s_3_4", (3, 4)),
                    ("s_1_1_5", (1, 1, 5)), ("s_3_1_4", (3, 1, 4))]:
    np.save(path(name + ".npy"), random.standard_normal(shape).astype("float32"))
np.save(path("step_3.npy"), random.standard_normal((3, 3)).astype("float32"))
np.save(path("step_5.npy"), random.standard_normal((5, 3)).astype("float32"))
tensor = torch.from_numpy
words = torch.nn.Embedding(10, 4)

findings = {}


def attempt(name, action):
    try:
        result = action()
        result = result if isinstance(result, (list, tuple)) else [result]
        flat = []
        for part in result:
            flat += part if isinstance(part, (list, tuple)) else [part]
        findings[name] = {"shapes": [list(part.shape) for part in flat]}
    except Exception as error:
        text = str(error).split("Arguments received")[0].replace("\x1b[1m", "").replace("\x1b[0m", "")
        findings[name] = {"error": type(error).__name__, "message": " ".join(text.split())[:400]}


def load(name):
    return np.load(path(name + ".npy"))


for name in ["x_4", "x_12", "x_one", "x_exchanged", "x_features", "x_trailing", "x_empty", "x_float64"]:
    attempt(f"keras {name}", lambda: model(load(name)))
    attempt(f"tf_keras {name}", lambda: old(load(name)))
    attempt(f"torch {name}", lambda: lstm(tensor(load(name))))
sequential = keras.Sequential([keras.layers.Input((10, 128)), keras.layers.LSTM(4)])
attempt("keras sequential x_4", lambda: sequential(x4))
attempt("keras predict x_empty", lambda: keras.Sequential(
    [keras.layers.Input((None, 128)), keras.layers.LSTM(4)]).predict(load("x_empty"), verbose=0))
attempt("numpy stack ragged", lambda: np.stack([x10[0], x4[0]]))
attempt("numpy array ragged", lambda: np.array([x10[0], x4[0]]))
attempt("numpy concatenate ragged", lambda: np.concatenate([x10, x4]))
attempt("torch stack ragged", lambda: torch.stack([tensor(x10[0]), tensor(x4[0])]))
attempt("torch cat ragged", lambda: torch.cat([tensor(x10), tensor(x4)]))
attempt("keras list ragged", lambda: model.predict([x10[0], x4[0]], verbose=0))
for name in ["tokens_from_1", "tokens_negative", "tokens_fraction", "tokens_one_hot", "tokens_flat"]:
    attempt(f"keras {name}", lambda: tokens(load(name)))
    attempt(f"torch {name}", lambda: words(tensor(load(name))))
attempt("keras stateful x_1_3", lambda: stateful(load("x_1_3")))
for name in ["h_2_4", "h_1_4", "h_1_2_4"]:
    attempt(f"keras state {name}", lambda: decoder([load("x_2_3"), load(name), load(name)]))
for name in ["s_1_1_4", "s_2_1_4", "s_1_3_4", "s_3_4", "s_1_1_5", "s_3_1_4"]:
    state = (tensor(load(name)),) * 2
    attempt(f"torch state {name}", lambda: lstm(tensor(load("x_3_5")), state))
attempt("torch cell batch 3", lambda: cell(tensor(load("step_3"))))
attempt("torch cell batch 5", lambda: cell(tensor(load("step_5"))))
attempt("torch cell state of 3 for 5",
        lambda: cell(tensor(load("step_5")), cell(tensor(load("step_3")))))
attempt("torch bidirectional 2 layers", lambda: pair(tensor(load("x_3_5"))))

# What recur tells people to write instead.
repairs = {
    "rank, numpy": lambda: model(load("x_one")[np.newaxis]),
    "rank, keras": lambda: model.predict(load("x_one")[np.newaxis], verbose=0),
    "rank, torch": lambda: lstm(tensor(load("x_one")).unsqueeze(0)),
    "trailing axis": lambda: model(load("x_trailing")[..., 0]),
    "exchanged, keras": lambda: model.predict(np.swapaxes(load("x_exchanged"), 1, 2), verbose=0),
    "exchanged, torch": lambda: lstm(tensor(load("x_exchanged")).transpose(1, 2)),
    "short, pad and mask": lambda: model(
        keras.utils.pad_sequences(x4, maxlen=10, padding="post", dtype="float32"),
        mask=np.arange(10)[np.newaxis] < 4),
    "short, masking model": lambda: masked(
        keras.utils.pad_sequences(x4, maxlen=10, padding="post", dtype="float32")),
    "short, every timestep counts": lambda: flat(np.pad(x4, ((0, 0), (0, 6), (0, 0)))),
    "long, every timestep counts": lambda: flat(x12[:, :10]),
    "long, truncate": lambda: model(keras.utils.pad_sequences(x12, maxlen=10, truncating="post", dtype="float32")),
    "any length, functional": lambda: keras.Sequential([keras.Input((None, 128)), *[
        layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]])(x4),
    "any length, sequential": lambda: keras.Sequential([keras.Input((None, 128)), *[
        layer for layer in sequential.layers if not isinstance(layer, keras.layers.InputLayer)]])(x4),
    "float64": lambda: lstm(tensor(load("x_float64")).to(torch.float32)),
    "one hot": lambda: tokens(load("tokens_one_hot").argmax(axis=-1)),
    "fraction": lambda: tokens(load("tokens_fraction").astype(np.int64)),
    "fraction, torch": lambda: words(tensor(load("tokens_fraction")).long()),
    "unknown token": lambda: tokens(np.where((load("tokens_from_1") >= 0) & (load("tokens_from_1") < 10),
                                             load("tokens_from_1"), 1)),
    "torch pad_sequence": lambda: torch.nn.utils.rnn.pad_sequence([tensor(x10[0]), tensor(x4[0])], batch_first=True),
    "masked batch": lambda: masked(keras.utils.pad_sequences([x10[0], x4[0]], padding="post", dtype="float32")),
}
for name, action in repairs.items():
    attempt("repair " + name, action)
    assert "shapes" in findings["repair " + name], (name, findings["repair " + name])
findings["versions"] = {"keras": keras.__version__, "tf_keras": tf_keras.__version__, "torch": torch.__version__}
with open(path("frameworks.json"), "w") as file:
    json.dump(findings, file, indent=1, sort_keys=True)
    file.write("\n")
