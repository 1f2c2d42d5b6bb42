"""keras_field/: files as people have them, which the plain way of saving a model does not give.

usage: gen_keras_field.py keras213|tf_keras|keras3|rewritten OUT

keras213 runs in an environment with TensorFlow 2.13, tf_keras and keras3 in one with tf_keras and Keras 3. `rewritten` comes last: it
needs h5py and numpy alone, and makes what only another machine or an older version writes from the files of the others: group names with
backslashes as Windows had them, and configs that say the shape of the input somewhere else.
"""
import io
import json
import os
import pickle
import shutil
import sys
import tarfile
import types
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import numpy as np

from common import random_weights, rng

mode, OUT = sys.argv[1:3]
os.makedirs(OUT, exist_ok=True)
if mode == "keras213":
    from tensorflow import keras
elif mode == "tf_keras":
    import tf_keras as keras
elif mode == "keras3":
    import keras
if mode != "rewritten":
    L = keras.layers


def path(name):
    return os.path.join(OUT, name)


def features(*shape, seed=11):
    return rng(seed).standard_normal(shape).astype("float32")


def golden(name, model, *inputs, call=None):
    given = list(inputs)
    out = (call or model)(given if len(given) > 1 else given[0])
    outs = out if isinstance(out, (list, tuple)) else [out]
    np.savez(path(name + ".golden.npz"), **{"in_%d" % i: x for i, x in enumerate(inputs)}, **{"out_%d" % i: np.asarray(y) for i, y in enumerate(outs)})


def doubled():
    """A class that is no class of Keras: nothing but its own code says what comes out of it."""
    @keras.utils.register_keras_serializable(package="field")
    class Doubled(L.Layer):
        def call(self, x):
            return x * 2

        def compute_output_shape(self, shape):
            return shape
    return Doubled


def mixture():
    """Classes of which some layers have weights and some have not, and a model inside the model."""
    i = L.Input((None, 3))
    x = L.Masking()(i)
    x = L.LSTM(4, return_sequences=True)(x)
    x = L.Dropout(.1)(x)
    x = L.TimeDistributed(L.Activation("tanh"))(x)
    x = L.TimeDistributed(L.Dense(3))(x)
    x = keras.Sequential([L.Input((None, 3)), L.LSTM(3, return_sequences=True), L.Dense(3), L.LSTM(2, return_sequences=True)])(x)
    x = L.TimeDistributed(L.Dense(3))(x)
    x = L.Bidirectional(L.GRU(2, return_sequences=True))(x)
    x = L.Bidirectional(L.LSTM(3))(x)
    x = L.BatchNormalization()(x)
    x = L.Dense(2)(L.Dense(3, activation="tanh")(x))
    return keras.Model(i, x)


class Tagger(object if mode == "rewritten" else keras.Model):
    """A class of its own: what it computes is in call() alone."""

    def __init__(self, **options):
        super().__init__(**options)
        self.reader = L.LSTM(4, return_sequences=True)
        self.both = L.Bidirectional(L.GRU(3))
        self.middle = [L.Dense(3, activation="tanh"), L.Dense(4, activation="relu")]
        self.tail = L.Dense(4)

    def call(self, x):
        x = self.both(self.reader(x))
        for layer in self.middle:
            x = layer(x)
        return self.tail(x)


def rebuilt(names):
    i = L.Input((5, 3))
    x = L.LSTM(4, return_sequences=True)(i)
    x = L.Bidirectional(L.GRU(3))(x)
    x = L.Dense(3, activation="tanh")(x)
    x = L.Dense(4, activation="relu", **names[0])(x)
    x = L.Dense(4, **names[1])(x)
    return keras.Model(i, x)


def subclassed(name):
    model, x = Tagger(), features(2, 5, 3)
    model(x)
    random_weights(model, 61)
    model.save(path(name + ".keras"), **({"save_format": "keras"} if mode == "keras213" else {}))
    golden(name, model, x)
    open(path(name + ".json"), "w").write(rebuilt([{}, {}]).to_json())


if mode == "keras213":
    model, x = mixture(), features(2, 5, 3)
    random_weights(model, 60)
    x[1, 3:] = 0
    model.save(path("doubled.keras"), save_format="keras")
    golden("doubled", model, x)
    model.save_weights(path("doubled_alone.weights.h5"))
    open(path("doubled_alone.json"), "w").write(model.to_json())
    shutil.copy(path("doubled.golden.npz"), path("doubled_alone.golden.npz"))
    subclassed("subclassed_2_13")

if mode == "tf_keras":
    model, x = mixture(), features(2, 5, 3)
    random_weights(model, 62)
    x[0, 4:] = 0
    model.save(path("mixture.keras"))
    golden("mixture", model, x)
    model.save_weights(path("mixture.weights.h5"))
    # The arrays as numpy has them: numbered, and by the names of the variables.
    np.savez(path("numbered.npz"), *model.get_weights())
    named = {w.name: v for w, v in zip(model.weights, model.get_weights())}
    assert len(named) == len(model.weights)
    np.savez(path("named_tf_keras.npz"), **named)
    open(path("numbered.json"), "w").write(model.to_json())
    shutil.copy(path("numbered.json"), path("named_tf_keras.json"))
    for name in ("numbered", "named_tf_keras"):
        shutil.copy(path("mixture.golden.npz"), path(name + ".golden.npz"))
    # The axis of a normalization is a number once the layer was built; behind layers nobody knows its place is not known.
    i = L.Input((4, 6, 6, 1))
    y = L.TimeDistributed(L.Conv2D(2, 3))(i)
    y = L.TimeDistributed(L.BatchNormalization())(y)
    y = L.Dense(2)(L.LSTM(3)(L.TimeDistributed(L.Flatten())(y)))
    images = keras.Model(i, y)
    random_weights(images, 63)
    images.save(path("images.h5"))
    images.save(path("images.keras"))
    i = L.Input((6, 6, 1))
    y = L.BatchNormalization()(doubled()()(i))
    y = L.Dense(2)(L.LSTM(3)(L.Reshape((6, 6))(y)))
    picture = keras.Model(i, y)
    random_weights(picture, 64)
    picture.save(path("picture.keras"))
    # Text.
    text = L.TextVectorization(max_tokens=20, output_sequence_length=6)
    text.adapt(["a b c d", "e f g"])
    tokens = L.Input((6,), dtype="int64")
    model = keras.Sequential([keras.Input((1,), dtype="string"), text, L.Embedding(20, 4, mask_zero=True), L.LSTM(3), L.Dense(1)])
    random_weights(model, 65)
    model.save(path("text_tf_keras.keras"))
    y = tokens
    for layer in model.layers[1:]:
        y = layer(y)
    golden("text_tf_keras.start", keras.Model(tokens, y), np.array([[2, 5, 3, 0, 0, 0], [1, 4, 9, 8, 2, 7]]))
    open(path("pickled_tf_keras.pkl"), "wb").write(pickle.dumps(keras.Sequential([L.Input((5, 3)), L.LSTM(4), L.Dense(2)]), 4))
    # TensorFlow 2.4 to 2.11 pickled the files of a SavedModel in a tar archive.
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for member in ("saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"):
            archive.addfile(tarfile.TarInfo(member), io.BytesIO(b""))
    pickle_utils = types.ModuleType("keras.saving.pickle_utils")
    pickle_utils.deserialize_model_from_bytecode = lambda data: data
    pickle_utils.deserialize_model_from_bytecode.__module__ = "keras.saving.pickle_utils"
    pickle_utils.deserialize_model_from_bytecode.__qualname__ = "deserialize_model_from_bytecode"
    for part in ("keras", "keras.saving", "keras.saving.pickle_utils"):
        sys.modules.setdefault(part, types.ModuleType(part))
    sys.modules["keras.saving.pickle_utils"] = pickle_utils

    class Saved:
        def __reduce__(self):
            return pickle_utils.deserialize_model_from_bytecode, (stream.getvalue(),)
    open(path("pickled_saved_model.pkl"), "wb").write(pickle.dumps({"model": Saved()}, 4))

if mode == "keras3":
    subclassed("subclassed_3")
    # Two of its layers have arrays of one shape once the middle one is wider; names tell them apart.
    def twins(name):
        model = Tagger()
        model.middle = [L.Dense(4, activation="tanh"), L.Dense(4, activation="relu")]
        x = features(2, 5, 3, seed=12)
        model(x)
        random_weights(model, 66)
        model.save(path(name + ".keras"))
        if name.startswith("named"):
            golden(name, model, x)
        i = L.Input((5, 3))
        y = L.Bidirectional(L.GRU(3))(L.LSTM(4, return_sequences=True)(i))
        y = L.Dense(4, activation="tanh")(y)
        y = L.Dense(4, activation="relu", name="layers_dense_4" if name.startswith("named") else None)(y)
        y = L.Dense(4, name="layers_dense_2" if name.startswith("named") else None)(y)
        open(path(name + ".json"), "w").write(keras.Model(i, y).to_json())
    twins("ambiguous_twins")
    twins("named_twins")

    class Trainer(keras.Model):
        """Made with inputs and outputs: its config says all that it computes."""

        def train_step(self, *args, **options):
            return super().train_step(*args, **options)

    i = L.Input((5, 3))
    model = Trainer(i, L.Dense(2)(L.LSTM(4)(i)))
    random_weights(model, 67)
    model.save(path("own_functional.keras"))
    golden("own_functional", model, features(2, 5, 3))
    text = L.TextVectorization(max_tokens=20, output_sequence_length=6)
    text.adapt(["a b c d", "e f g"])
    words = L.Input((1,), dtype="string")
    number = L.Input((2,))
    e = L.Embedding(20, 4, mask_zero=True, name="tokens")(text(words))
    model = keras.Model([words, number], L.Dense(1)(L.Concatenate()([L.Bidirectional(L.LSTM(3))(e), number])))
    random_weights(model, 68)
    model.save(path("text_keras3.keras"))
    tokens = L.Input((6,), dtype="int64")
    by_name = {layer.name: layer for layer in model.layers}
    e = by_name["tokens"](tokens)
    y = by_name["dense_%d" % 0] if "dense_0" in by_name else next(l for l in model.layers if isinstance(l, L.Dense))
    y = y(L.Concatenate()([next(l for l in model.layers if isinstance(l, L.Bidirectional))(e), number]))
    golden("text_keras3.start", keras.Model([tokens, number], y), np.array([[2, 5, 3, 0, 0, 0], [1, 4, 9, 8, 2, 7]]), features(2, 2))
    words = L.Input((4,), dtype="string")
    model = keras.Model(words, L.Dense(2)(L.GRU(3)(L.Embedding(8, 4, name="embedding")(L.Hashing(8)(words)))))
    random_weights(model, 70)
    model.save(path("text_hashed.keras"))
    tokens = L.Input((4,), dtype="int64")
    y = tokens
    for layer in model.layers[2:]:
        y = layer(y)
    golden("text_hashed.start", keras.Model(tokens, y), np.array([[2, 1, 3, 0], [1, 4, 0, 7]]))
    lookup = L.StringLookup(vocabulary=["a", "b", "c"], output_mode="int")
    words = L.Input((4,), dtype="string")
    model = keras.Model(words, L.Dense(2)(L.GRU(3)(L.Embedding(5, 4)(lookup(words)))))
    random_weights(model, 69)
    model.save(path("lookup.keras"))
    tokens = L.Input((4,), dtype="int64")
    y = tokens
    for layer in model.layers[2:]:
        y = layer(y)
    golden("lookup.start", keras.Model(tokens, y), np.array([[2, 1, 3, 0], [1, 4, 0, 2]]))
    # Pickles.
    i = L.Input((5, 3))
    model = keras.Model(i, L.Dense(2)(L.Bidirectional(L.LSTM(4))(i)))
    random_weights(model, 70)
    x = features(2, 5, 3)
    open(path("pickled_keras3.pkl"), "wb").write(pickle.dumps(model, 4))
    golden("pickled_keras3", model, x)
    open(path("pickled_protocol2.pkl"), "wb").write(pickle.dumps(model, 2))
    shutil.copy(path("pickled_keras3.golden.npz"), path("pickled_protocol2.golden.npz"))
    other = keras.Sequential([L.Input((5, 3)), L.GRU(2), L.Dense(1)])
    random_weights(other, 71)
    open(path("pickled_two.pkl"), "wb").write(pickle.dumps({"encoder": model, "history": {"loss": [.5, .25]}, "heads": [other]}, 4))
    import joblib  # needs cloudpickle
    joblib.dump({"scaler": np.arange(6, dtype="float32"), "model": model}, path("pickled_joblib.joblib"))
    shutil.copy(path("pickled_keras3.golden.npz"), path("pickled_joblib.golden.npz"))
    np.savez(path("named_keras3.npz"), **{v.path: np.asarray(v) for v in model.weights})
    open(path("named_keras3.json"), "w").write(model.to_json())
    shutil.copy(path("pickled_keras3.golden.npz"), path("named_keras3.golden.npz"))
    np.save(path("objects.npy"), np.array(model.get_weights(), dtype=object), allow_pickle=True)
    np.save(path("numbers.npy"), model.get_weights()[0])


def renamed(data, rename):
    """The HDF5 file with other names of groups."""
    old, buffer = h5py.File(io.BytesIO(data), "r"), io.BytesIO()
    with h5py.File(buffer, "w") as new:
        def visit(name, item):
            parent, _, leaf = name.rpartition("/")
            if isinstance(item, h5py.Dataset):
                made = new.require_group(rename(parent)).create_dataset(leaf, data=item[()])
            else:
                made = new.require_group(rename(name))
            for key, value in item.attrs.items():
                made.attrs[key] = value
        old.visititems(visit)
    return buffer.getvalue()


def windows(name):
    """os.path.join on Windows put backslashes between the parts; "/vars" was appended with a slash."""
    parts = name.split("/")
    tail = [parts.pop()] if parts[-1] == "vars" and len(parts) > 1 else []
    return "/".join(["\\".join(parts)] + tail)


def edited(source, target, config=None, weights=None):
    archive = zipfile.ZipFile(path(source))
    with zipfile.ZipFile(path(target), "w") as out:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "config.json" and config:
                data = json.dumps(config(json.loads(data))).encode()
            if name == "model.weights.h5" and weights:
                data = weights(data)
            out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)


if mode == "rewritten":
    def golden_of(source, target):
        shutil.copy(path(source + ".golden.npz"), path(target + ".golden.npz"))

    for source in ("mixture", "doubled"):
        edited(source + ".keras", "windows_%s.keras" % source, weights=lambda d: renamed(d, windows))
        golden_of(source, "windows_" + source)
    edited("subclassed_2_13.keras", "windows_subclassed.keras", weights=lambda d: renamed(d, windows))
    golden_of("subclassed_2_13", "windows_subclassed")
    shutil.copy(path("subclassed_2_13.json"), path("windows_subclassed.json"))
    open(path("windows_alone.weights.h5"), "wb").write(renamed(open(path("mixture.weights.h5"), "rb").read(), windows))
    shutil.copy(path("numbered.json"), path("windows_alone.json"))
    golden_of("mixture", "windows_alone")

    for name in ("mixture.keras", "mixture.weights.h5", "mixture.golden.npz"):
        os.remove(path(name))

    # The shape of the input: nowhere but in build_config, on the layer inside a wrapper, in the model's build_config, in the kernels.
    keras2 = os.path.join(os.path.dirname(OUT), "keras2")

    def shapes(target, config):
        source = zipfile.ZipFile(os.path.join(keras2, "bilstm_concat.keras"))
        with zipfile.ZipFile(path(target), "w") as out:
            for name in source.namelist():
                data = source.read(name)
                if name == "config.json":
                    data = json.dumps(config(json.loads(data))).encode()
                out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
        shutil.copy(os.path.join(keras2, "bilstm_concat.golden.npz"), path(target.split(".")[0] + ".golden.npz"))

    def sequential(config, build=False, inner=False, model_build=False):
        shape, layers = None, []
        for layer in config["config"]["layers"]:
            shape = shape or layer["config"].get("batch_input_shape")
            layer["config"].pop("batch_input_shape", None)
            layer.get("config", {}).get("layer", {}).get("config", {}).pop("batch_input_shape", None)
            if layer["class_name"] == "InputLayer":
                continue
            kept = {k: v for k, v in layer.items() if k not in ("inbound_nodes", "name", "build_config")}
            layers.append(kept)
        if build:
            layers[0]["build_config"] = {"input_shape": shape}
        if inner:
            layers[0]["config"]["layer"]["config"]["batch_input_shape"] = {"class_name": "__tuple__", "items": shape}
        made = {"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "layers": layers}, "registered_name": None}
        if model_build:
            made["build_config"] = {"input_shape": shape}
        return made

    shapes("shape_in_build_config.keras", lambda c: sequential(c, build=True))
    shapes("shape_in_wrapper.keras", lambda c: sequential(c, inner=True))
    shapes("shape_of_model.keras", lambda c: sequential(c, model_build=True))
    shapes("shape_in_kernels.keras", lambda c: sequential(c))
    # Behind a layer nobody knows, nothing says the shape of what a Dense reads.
    def without_shapes(config):
        for layer in config["config"]["layers"]:
            layer.pop("build_config", None)
        return config
    edited("picture.keras", "picture_without_shapes.keras", config=without_shapes)
    # Keras 2.0.x wrote the type of the tokens into the config of an Embedding.
    target = path("embedding_int32.h5")
    shutil.copy(os.path.join(os.path.dirname(OUT), "keras_2_0_9", "embedding_lstm.h5"), target)
    with h5py.File(target, "r+") as f:
        config = json.loads(f.attrs["model_config"])
        layers = config["config"] if isinstance(config["config"], list) else config["config"]["layers"]
        for layer in layers:
            if layer["class_name"] == "Embedding":
                layer["config"]["dtype"] = "int32"
        f.attrs["model_config"] = json.dumps(config).encode()
    shutil.copy(os.path.join(os.path.dirname(OUT), "keras_2_0_9", "embedding_lstm.golden.npz"), path("embedding_int32.golden.npz"))
