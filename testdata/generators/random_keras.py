"""Random Keras models that mix image front ends, attention, recurrent layers and reductions, and their judge.

usage: random_keras.py make FOLDER COUNT [FIRST]      writes COUNT models and goldens, from number FIRST on
       random_keras.py judge RECUR FOLDER             validates each, converts it to Keras and PyTorch, runs both
                                                      frameworks on the golden's inputs, and counts     (Keras 3, torch)

Each golden is what Keras computed before the model was saved. The models kept in random_keras/ are numbers 0 to 23.
"""
import collections
import glob
import importlib.util
import os
import random
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np  # noqa: E402


class Maker:
    """One random model."""

    def __init__(self, number):
        import keras
        self.keras, self.layers, self.ops = keras, keras.layers, keras.ops
        self.random = random.Random(number)
        keras.backend.clear_session()
        keras.utils.set_random_seed(number)
        self.inputs, self.arrays = [], []
        self.numbers = np.random.default_rng(number)

    def pick(self, *options):
        return self.random.choice(options)

    def chance(self, part):
        return self.random.random() < part

    def input(self, shape, dtype="float32", most=None, extents=None):
        tensor = self.keras.Input(shape, dtype=dtype)
        extents = (2,) + (extents or shape)
        self.arrays.append(self.numbers.integers(0, most, extents).astype(dtype) if most else self.numbers.normal(size=extents).astype(dtype))
        self.inputs.append(tensor)
        return tensor

    # Layers that keep rank 4: [batch, height, width, channels].
    def image(self, x):
        layers = self.layers
        for _ in range(self.random.randint(1, 4)):
            height, width = x.shape[1], x.shape[2]
            filters = self.pick(2, 3, 4, 6)
            activation = self.pick("relu", "tanh", "elu", "swish", "gelu", "linear", "leaky_relu", "hard_sigmoid")
            choices = [
                lambda: layers.Conv2D(filters, self.pick(1, 2, 3, (3, 2)), padding=self.pick("same", "same", "valid"), strides=self.pick(1, 1, (2, 1)), activation=activation)(x),
                lambda: layers.Conv2D(filters, 3, padding="same", dilation_rate=2, use_bias=self.chance(0.5))(x),
                lambda: layers.SeparableConv2D(filters, 3, padding="same", depth_multiplier=self.pick(1, 2), activation=activation)(x),
                lambda: layers.DepthwiseConv2D(3, padding="same", depth_multiplier=self.pick(1, 2))(x),
                lambda: layers.Conv2DTranspose(filters, self.pick(2, 3), strides=self.pick(1, 2), padding=self.pick("same", "valid"))(x),
                lambda: layers.MaxPooling2D(self.pick(2, (2, 1)), padding=self.pick("same", "valid"))(x),
                lambda: layers.AveragePooling2D(2, strides=self.pick(None, 1), padding=self.pick("same", "valid"))(x),
                lambda: layers.BatchNormalization(axis=self.pick(-1, -1, 1, 3))(x),
                lambda: layers.LayerNormalization(axis=self.pick(-1, 1, [2, 3], [1, 2, 3]))(x),
                lambda: layers.GroupNormalization(1)(x),
                lambda: layers.PReLU(shared_axes=self.pick(None, [1, 2]))(x),
                lambda: layers.ZeroPadding2D(self.pick(1, ((0, 1), (1, 2))))(x),
                lambda: layers.UpSampling2D(2, interpolation=self.pick("nearest", "bilinear"))(x),
                lambda: layers.Cropping2D(((1, 0), (0, 1)))(x),
                lambda: layers.Dropout(0.3)(layers.SpatialDropout2D(0.2)(x)),
                lambda: layers.Concatenate(axis=self.pick(-1, 1, 2))([x, self.layers.Activation("sigmoid")(x)]),
                lambda: layers.Add()([x, layers.Conv2D(x.shape[-1], 3, padding="same")(x)]),
                lambda: layers.Multiply()([x, layers.Reshape((1, 1, x.shape[-1]))(layers.Dense(x.shape[-1], activation="sigmoid")(layers.GlobalAveragePooling2D()(x)))]),
                lambda: x * self.ops.sigmoid(self.ops.mean(x, axis=[1, 2], keepdims=True)),
                lambda: self.ops.pad(x, [[0, 0], [1, 1], [2, 0], [0, 0]], mode=self.pick("constant", "reflect", "symmetric")),
            ]
            y = self.random.choice(choices)()
            if 2 <= y.shape[1] <= 24 and 2 <= y.shape[2] <= 24 and y.shape[3] <= 16:
                x = y
        return x

    def rows(self, x):
        """An image as a sequence."""
        layers = self.layers
        height, width, channels = x.shape[1:]
        return self.pick(
            lambda: layers.Reshape((height, width * channels))(x),
            lambda: layers.Reshape((-1, channels))(x),
            lambda: layers.TimeDistributed(layers.Flatten())(x),
            lambda: layers.Reshape((width, height * channels))(layers.Permute((2, 1, 3))(x)),
            lambda: self.ops.mean(x, axis=1), lambda: self.ops.max(x, axis=2),
            lambda: layers.Reshape((-1, channels))(layers.Conv2D(channels, 1)(x)))()

    def recurrent(self, x, sequence):
        layers = self.layers
        units = self.pick(2, 3, 4)
        if self.chance(0.12):
            cells = [self.pick(layers.LSTMCell, layers.GRUCell)(units) for _ in range(2)]
            return layers.RNN(cells, return_sequences=sequence)(x)
        kind = self.pick(layers.LSTM, layers.GRU, layers.SimpleRNN)
        options = dict(return_sequences=sequence)
        if self.chance(0.3):
            options["activation"] = self.pick("relu", "tanh", "sigmoid", "softsign")
        if kind is layers.GRU and self.chance(0.4):
            options["reset_after"] = False
        if self.chance(0.2):
            options["go_backwards"] = True
        if self.chance(0.2):
            options["dropout"] = 0.2
        if self.chance(0.4):
            options.pop("go_backwards", None)
            return layers.Bidirectional(kind(units, **options), merge_mode=self.pick("concat", "concat", "sum", "mul", "ave"))(x)
        return kind(units, **options)(x)

    def attention(self, x):
        layers, width = self.layers, x.shape[-1]
        return self.pick(
            lambda: layers.MultiHeadAttention(self.pick(1, 2), self.pick(2, 3), value_dim=self.pick(None, 4))(x, x, use_causal_mask=self.chance(0.3)),
            lambda: layers.Add()([x, layers.MultiHeadAttention(2, 2)(x, x)]),
            lambda: layers.GroupQueryAttention(2, 4, self.pick(1, 2, 4))(x, x),
            lambda: layers.Attention(use_scale=self.chance(0.5), score_mode=self.pick("dot", "concat"))([x, x]),
            lambda: layers.AdditiveAttention(use_scale=self.chance(0.5))([x, layers.Dense(width)(x)]),
            lambda: layers.Dot(axes=(2, 1))([layers.Softmax()(layers.Dot(axes=(2, 2), normalize=self.chance(0.5))([x, x])), x]),
            lambda: x * layers.Softmax(axis=1)(layers.Dense(1, activation="tanh")(x)),
            lambda: self.ops.matmul(self.ops.softmax(self.ops.matmul(x, self.ops.transpose(x, (0, 2, 1))) / np.sqrt(width)), x),
            lambda: self.ops.einsum("bij,bjk->bik", self.ops.softmax(self.ops.einsum("bik,bjk->bij", x, x)), x))()

    # Layers that keep rank 3: [batch, timesteps, features].
    def sequence(self, x, count):
        layers, ops = self.layers, self.ops
        for _ in range(count):
            length, width = x.shape[1], x.shape[2]
            filters = self.pick(2, 3, 4)
            choices = [lambda: self.recurrent(x, True)] * 4 + [lambda: self.attention(x)] * 4 + [
                lambda: layers.Conv1D(filters, self.pick(2, 3), padding=self.pick("same", "causal"), activation=self.pick("relu", "tanh"), dilation_rate=self.pick(1, 2))(x),
                lambda: layers.SeparableConv1D(filters, 3, padding="same")(x),
                lambda: layers.Dense(filters, activation=self.pick("relu", "tanh", "softmax", "selu"))(x),
                lambda: layers.TimeDistributed(layers.Dense(filters, activation="relu"))(x),
                lambda: layers.LayerNormalization(axis=self.pick(-1, -1, [1, 2]) if length else -1)(x),
                lambda: layers.BatchNormalization()(x),
                lambda: layers.RMSNormalization()(x),
                lambda: layers.UnitNormalization(axis=self.pick(-1, 1))(x),
                lambda: layers.EinsumDense("abc,cd->abd", output_shape=(None, filters), bias_axes="d")(x),
                lambda: layers.Concatenate()([x, self.recurrent(x, True)]),
                lambda: layers.MaxPooling1D(2, padding="same")(x),
                lambda: layers.AlphaDropout(0.1)(layers.GaussianNoise(0.1)(x)),
                lambda: ops.cumsum(x, axis=1), lambda: ops.flip(x, axis=1), lambda: ops.tanh(x) + 0.5 * x,
                lambda: ops.concatenate([x, ops.square(x)], axis=-1), lambda: ops.where(ops.greater(x, 0.0), x, 0.1 * x),
                lambda: ops.clip(x, -1.0, 1.0), lambda: x[:, ::-1, :], lambda: x[:, 1:, :] if length and length > 2 else x,
                lambda: ops.take(x, [0, width - 1, 0], axis=2), lambda: ops.repeat(x, 2, axis=2), lambda: ops.tile(x, [1, 1, 2]),
                lambda: ops.sort(x, axis=-1), lambda: ops.top_k(x, min(width, 2))[0],
                lambda: ops.one_hot(ops.argmax(x, axis=-1), width) + x,
                lambda: x - ops.mean(x, axis=1, keepdims=True), lambda: x / (1.0 + ops.std(x, axis=-1, keepdims=True)),
                lambda: ops.pad(x, [[0, 0], [1, 0], [0, 0]]), lambda: layers.ZeroPadding1D(1)(x), lambda: layers.UpSampling1D(2)(x),
            ]
            y = self.random.choice(choices)()
            if len(y.shape) == 3 and y.shape[2] <= 16 and (y.shape[1] is None or 2 <= y.shape[1] <= 64):
                x = y
        return x

    def head(self, x):
        layers, ops = self.layers, self.ops
        pooled = self.pick(
            lambda: self.recurrent(x, False), lambda: self.recurrent(x, False),
            lambda: layers.GlobalAveragePooling1D()(x), lambda: layers.GlobalMaxPooling1D()(x),
            lambda: ops.mean(x, axis=1), lambda: ops.max(x, axis=1), lambda: ops.sum(x, axis=1), lambda: ops.logsumexp(x, axis=1),
            lambda: x[:, -1], lambda: x[:, -1, :], lambda: ops.concatenate([ops.mean(x, axis=1), ops.min(x, axis=1)], axis=-1),
            lambda: layers.TimeDistributed(layers.Dense(3))(x),
            lambda: layers.Flatten()(x) if x.shape[1] else layers.GlobalMaxPooling1D()(x))()
        if self.chance(0.4):
            pooled = layers.Dense(5, activation="relu")(pooled)
        return layers.Dense(self.pick(1, 3), activation=self.pick("linear", "sigmoid", "softmax"))(pooled)

    def body(self):
        layers = self.layers
        kind = self.pick("image", "image", "image", "video", "signal", "signal", "tokens", "two")
        if kind == "image":
            x = self.image(self.input((self.pick(6, 8, 10), self.pick(6, 8), self.pick(1, 2, 3))))
            if self.chance(0.1):
                return layers.Dense(2)(layers.GlobalAveragePooling2D()(x))
            return self.head(self.sequence(self.rows(x), self.random.randint(0, 3)))
        if kind == "video":
            x = self.input((3, 6, 6, 2))
            if self.chance(0.5):
                inner = self.pick(
                    lambda: layers.Conv2D(3, 3, padding=self.pick("same", "valid"), activation="relu"),
                    lambda: layers.MaxPooling2D(2), lambda: layers.SeparableConv2D(3, 3), lambda: layers.BatchNormalization())()
                x = layers.TimeDistributed(inner)(x)
            if self.chance(0.6):
                x = layers.ConvLSTM2D(2, 3, padding=self.pick("same", "valid"), return_sequences=True, go_backwards=self.chance(0.2))(x)
            elif self.chance(0.4):
                frame = self.keras.Input(x.shape[2:])
                x = layers.TimeDistributed(self.keras.Model(frame, layers.GlobalMaxPooling2D()(layers.Conv2D(4, 2, activation="relu")(frame))))(x)
            else:
                x = layers.Conv3D(2, 2, padding="same", activation="relu")(x)
            if len(x.shape) == 5:
                x = self.pick(lambda: layers.TimeDistributed(layers.Flatten())(x), lambda: layers.TimeDistributed(layers.GlobalAveragePooling2D())(x))()
            return self.head(self.sequence(x, self.random.randint(0, 2)))
        if kind == "tokens":
            x = layers.Embedding(9, 4, mask_zero=self.chance(0.4))(self.input((7,), "int32", most=9))
            return self.head(self.sequence(x, self.random.randint(1, 3)))
        shape = (self.pick(None, 6, 8), self.pick(2, 3, 4))
        x = self.input(shape, extents=(shape[0] or 7, shape[1]))
        if self.chance(0.15):
            x = layers.Masking(0.0)(x)
        x = self.sequence(x, self.random.randint(1, 4))
        if kind == "two":
            other = self.image(self.input((6, 6, 2)))
            return self.layers.Dense(2)(layers.Concatenate()([layers.Flatten()(self.head(x)) if len(x.shape) == 2 else self.head(self.recurrent(x, True)[:, -1:]) [:, 0], layers.GlobalMaxPooling2D()(other)]))
        return self.head(x)

    def model(self):
        outputs = self.body()
        model = self.keras.Model(self.inputs, outputs)
        for variable in model.weights:
            value = variable.numpy()
            if "variance" in variable.path:
                variable.assign(self.numbers.uniform(0.5, 1.5, value.shape))
            elif value.dtype.kind == "f":
                variable.assign(value + self.numbers.normal(scale=0.1, size=value.shape))
        return model


def make(folder, count, first):
    os.makedirs(folder, exist_ok=True)
    number = made = 0
    number = first
    while made < count:
        try:
            maker = Maker(number)
            model = maker.model()
            outputs = np.array(model(maker.arrays))
            assert np.isfinite(outputs).all() and model.count_params() < 20000
            path = os.path.join(folder, "random_%03d" % number)
            model.save(path + ".keras")
            np.savez(path + ".golden.npz", out_0=outputs, **{"in_%d" % i: a for i, a in enumerate(maker.arrays)})
            made += 1
        except Exception as error:  # a combination that Keras itself refuses
            print(number, repr(error)[:120].replace("\n", " "), file=sys.stderr)
        number += 1


def run(*arguments):
    process = subprocess.run(arguments, capture_output=True, text=True, errors="replace")
    return process.returncode, process.stdout + process.stderr


def reason(text):
    return next((line for line in text.splitlines() if "error[" in line), text.strip()[-200:])[:230]


def close(found, wanted):
    return found.shape == wanted.shape and np.abs(found - wanted).max() <= 1e-5 * max(1, np.abs(wanted).max())


def in_keras(path, arrays):
    import keras
    return np.array(keras.models.load_model(path)(arrays))


def in_torch(weights, module, arrays):
    import torch
    spec = importlib.util.spec_from_file_location("converted", module)
    code = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(code)
    model = [v for v in vars(code).values() if isinstance(v, type) and issubclass(v, torch.nn.Module) and v.__module__ == "converted"][-1]()
    model.load_state_dict(torch.load(weights))
    model.eval()
    with torch.no_grad():
        return model(*map(torch.from_numpy, arrays)).numpy()


def judge(recur, folder):
    table = collections.Counter()
    for path in sorted(glob.glob(os.path.join(folder, "*.keras"))):
        golden = np.load(path[:-6] + ".golden.npz")
        arrays = [golden["in_%d" % i] for i in range(len(golden.files) - 1)]
        name = os.path.basename(path)
        with tempfile.TemporaryDirectory() as scratch:
            files = [os.path.join(scratch, n) for n in ("o.keras", "o.pt", "o.py")]
            status, text = run(recur, "validate", path, "--golden", path[:-6] + ".golden.npz")
            verdicts = {"validate": "right" if status == 0 else "wrong" if "verify." in text else "refused " + reason(text)}
            for target, arguments, compute in (
                    ("keras", (files[0],), lambda: in_keras(files[0], arrays)),
                    ("torch", (files[1], "--module", files[2]), lambda: in_torch(files[1], files[2], arrays))):
                status, text = run(recur, "convert", path, *arguments)
                if status:
                    verdicts[target] = ("bug " if status not in (1, 2) else "refused ") + reason(text)
                    continue
                try:
                    verdicts[target] = "right" if close(compute(), golden["out_0"]) else "wrong"
                except Exception as error:
                    verdicts[target] = "fails " + repr(error)[:200]
        for target, verdict in verdicts.items():
            table[target, verdict.split()[0]] += 1
            if verdict != "right":
                print(name, target, verdict)
    for (target, verdict), count in sorted(table.items()):
        print("%-9s %-8s %d" % (target, verdict, count))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 0)
    else:
        judge(*sys.argv[2:])
