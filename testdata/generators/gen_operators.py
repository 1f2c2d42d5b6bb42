"""Models in which every operator stands with several options and shapes, and what the framework computed.

usage: gen_operators.py TESTDATA keras|tf_keras [GROUP]        (TensorFlow backend)

`keras3/operators_GROUP.keras` and `tf_keras/operators.keras`, each with its .golden.npz (in_0, … in call order). A model is
a few inputs of random shapes and one output per operator and choice of options: at least 20 per kind of operator.
"""
import os
import random as choices
import sys
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
if sys.argv[2] == "tf_keras":
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tf_keras as keras
else:
    import keras
    from keras import ops
import numpy as np
import tensorflow as tf

target = sys.argv[1]
random = np.random.default_rng(17)
pick = choices.Random(17)
BATCH = 2


def shrink(path):
    """Compresses the members of the archive, which Keras stores as they are."""
    with zipfile.ZipFile(path) as archive:
        members = [(info, archive.read(info.filename)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in members:
            if info.filename == "metadata.json":
                data = b'{"keras_version": "%s", "date_saved": "2026-11-30@00:00:00"}' % keras.__version__.encode()
            archive.writestr(zipfile.ZipInfo(info.filename), data, zipfile.ZIP_DEFLATED)


class Case:
    """A model that grows: inputs with their numbers, and outputs."""

    def __init__(self):
        self.inputs, self.values, self.outputs = [], [], []

    def input(self, *shape, positive=False):
        value = np.round(random.standard_normal((BATCH,) + shape), 3).astype("float32")
        if positive:
            value = np.abs(value) + np.float32(0.25)
        self.inputs.append(keras.Input(shape, name="x%d" % len(self.inputs)))
        self.values.append(value)
        return self.inputs[-1]

    def save(self, folder, name, ending):
        model = keras.Model(self.inputs, self.outputs, name=name)
        model.set_weights([np.round(0.5 * random.standard_normal(w.shape), 3) for w in model.get_weights()])
        path = os.path.join(target, folder, name)
        model.save(path + ending)
        if ending == ".keras":
            shrink(path + ending)
        results = [np.asarray(r).astype("float32") for r in model(self.values)]
        arrays = {"in_%d" % i: v for i, v in enumerate(self.values)}
        arrays.update({"out_%d" % i: v for i, v in enumerate(results)})
        np.savez_compressed(path + ".golden.npz", **arrays)
        print(path, len(results), os.path.getsize(path + ending), os.path.getsize(path + ".golden.npz"))


def shape(least=1, most=3):
    return tuple(pick.randint(2, 4) for _ in range(pick.randint(least, most)))


def some_axes(rank, most=2):
    return sorted(pick.sample(range(1, rank), pick.randint(1, min(most, rank - 1))))


def broadcast(case):
    """Two values that NumPy combines."""
    own = shape(1, 2)
    other = tuple(1 if pick.random() < 0.3 else n for n in own)
    return case.input(*own, positive=True), case.input(*other, positive=True)


ROUNDS = 7


def elementwise():
    case = Case()
    binary = [ops.add, ops.subtract, ops.multiply, ops.true_divide, ops.floor_divide, ops.mod, ops.power, ops.maximum,
              ops.minimum, ops.equal, ops.not_equal, ops.less, ops.less_equal, ops.greater, ops.greater_equal]
    unary = [ops.expm1, ops.log, ops.log1p, ops.log2, ops.log10, ops.sqrt, ops.rsqrt, ops.square, ops.absolute,
             ops.negative, ops.sign, ops.reciprocal, ops.floor, ops.ceil, ops.round, ops.trunc, ops.sin, ops.cos, ops.tan,
             ops.arctan, ops.sinh, ops.cosh, ops.erf, ops.isnan, ops.isfinite, ops.exp, ops.tanh, ops.sigmoid, ops.relu,
             ops.relu6, ops.silu, ops.softplus, ops.softsign, ops.selu, ops.hard_sigmoid, ops.hard_silu, ops.log_sigmoid]
    for _ in range(ROUNDS):
        a, b = broadcast(case)
        number = round(pick.uniform(0.5, 2.5), 2)
        for f in binary:
            case.outputs += [f(a, b), f(a, number), f(number, a)]
        signed = case.input(*shape(1, 2))
        positive = [ops.log, ops.log1p, ops.log2, ops.log10, ops.sqrt, ops.rsqrt, ops.reciprocal]
        case.outputs += [f(a if f in positive else signed) for f in unary]
        small = signed / 4.0 - 0.1
        case.outputs += [ops.arcsin(ops.clip(small, -0.9, 0.9)), ops.arccos(ops.clip(small, -0.9, 0.9))]
        case.outputs += [ops.leaky_relu(signed, number / 3), ops.elu(signed, number), ops.gelu(signed),
                         ops.gelu(signed, approximate=False)]
        one, other = signed > 0, signed < 0.5
        case.outputs += [ops.logical_and(one, other), ops.logical_or(one, other), ops.logical_xor(one, other),
                         ops.logical_not(one), ops.cast(signed * 3, "int32"), ops.cast(one, "float32") * 2.5,
                         ops.cast(signed, "bool")]
        case.outputs += [ops.where(one, signed, number), ops.where(other, -1.5, signed), ops.where(one, signed, signed * 2),
                         ops.where(one, 1.0, 0.0), ops.clip(signed, -0.5, number), ops.clip(signed, 0, 1),
                         signed + np.round(random.standard_normal(signed.shape[-1:]), 2).astype("float32")]
    case.save("keras3", "operators_elementwise", ".keras")


def reductions():
    case = Case()
    functions = [ops.mean, ops.sum, ops.max, ops.min, ops.prod, ops.any, ops.all, ops.var, ops.std, ops.logsumexp,
                 ops.amax, ops.amin]
    for _ in range(2 * ROUNDS + 6):
        x = case.input(*shape(2, 4))
        rank = len(x.shape)
        for f in functions:
            axes = some_axes(rank)
            y = x > 0.5 if f in (ops.any, ops.all) else x
            case.outputs.append(f(y, axis=axes[0] - rank if len(axes) == 1 else axes, keepdims=pick.random() < 0.5))
        axis = pick.randrange(1, rank)
        case.outputs += [ops.norm(x, ord=1, axis=axis), ops.norm(x, axis=axis, keepdims=True), ops.average(x, axis=axis),
                         ops.softmax(x, axis=axis), ops.log_softmax(x, axis=-axis),
                         keras.layers.Softmax(axis=some_axes(rank))(x)]
    case.save("keras3", "operators_reductions", ".keras")


def bounds(extent):
    """A slice with at least one element."""
    while True:
        start, stop = (pick.choice([None, pick.randint(-extent - 2, extent + 2)]) for _ in range(2))
        step = pick.choice([None, 1, 2, -1, -2])
        if range(*slice(start, stop, step).indices(extent)):
            return slice(start, stop, step)


def shapes():
    case = Case()
    for _ in range(3 * ROUNDS):
        x = case.input(*shape(2, 4))
        rank = len(x.shape)
        for _ in range(3):
            key = [slice(None)] + [pick.choice([bounds(n), bounds(n), pick.randint(-n, n - 1), slice(None)])
                                   for n in x.shape[1:]]
            if pick.random() < 0.4:
                key.insert(pick.randint(1, len(key)), None)
            case.outputs.append(x[tuple(key)])
        case.outputs += [x[..., pick.choice([0, -1])], x[:, ::-1, ..., :1], x[:, None, ..., None]]
        axis = pick.randrange(1, rank)
        first, second = ops.split(x, [1], axis=axis)
        case.outputs += [ops.flip(x, axis=axis), first, second, ops.squeeze(ops.expand_dims(x, axis), axis),
                         ops.moveaxis(x, axis, pick.randrange(1, rank)), ops.concatenate([x, x * 2.0], axis=axis),
                         ops.stack([x, -x], axis=axis), ops.reshape(x, (-1, int(np.prod(x.shape[1:])))),
                         ops.expand_dims(x, -1)]
        case.outputs += ops.split(ops.concatenate([x, x], axis=axis), 2, axis=axis)
    case.save("keras3", "operators_shapes", ".keras")


def products():
    case = Case()
    for _ in range(3 * ROUNDS):
        n, k, m = (pick.randint(1, 4) for _ in range(3))
        front = shape(0, 1)
        a, b = case.input(*front, n, k), case.input(*front, k, m)
        weights = np.round(random.standard_normal((k, m)), 2).astype("float32")
        case.outputs += [ops.matmul(a, b), ops.matmul(a, weights), ops.matmul(weights.T, ops.swapaxes(a, -1, -2))]
    case.save("keras3", "operators_products", ".keras")


def attention():
    """Heads, projections by equations, and categories.

    Heads are at least two wide: TensorFlow 2 does not compute the definition with heads of width 1.
    """
    case = Case()
    layers = keras.layers
    for number in range(20):
        x, y, z = case.input(3, 4), case.input(5, 3), case.input(5, 2)
        options = dict(num_heads=pick.randint(1, 3), key_dim=pick.randint(2, 4), use_bias=pick.random() < 0.7)
        if pick.random() < 0.5:
            options.update(value_dim=pick.randint(2, 4), output_shape=pick.randint(1, 5))
        masked = layers.Masking(mask_value=0.0)(ops.where(ops.abs(y) > 0.4, y, ops.zeros_like(y)))
        case.outputs += [layers.MultiHeadAttention(**options)(x, y), layers.MultiHeadAttention(**options)(x, y, z),
                         layers.MultiHeadAttention(**options)(y, y, use_causal_mask=True),
                         layers.MultiHeadAttention(**options)(x, masked)]
        shared = pick.randint(1, 2)
        case.outputs.append(layers.GroupQueryAttention(
            head_dim=pick.randint(1, 4), num_query_heads=shared * pick.randint(1, 2), num_key_value_heads=shared,
            use_bias=pick.random() < 0.5)(y, y, use_causal_mask=pick.random() < 0.5))
        equation, shape, bias = pick.choice([
            ("abc,cd->abd", (None, 3), "d"), ("abc,cde->abde", (None, 2, 3), "de"), ("abc,bd->adc", (2, 4), "d"),
            ("...x,xy->...y", (3,), "y"), ("abc,bc->ac", (4,), None), ("abc,cd->adb", (3, 3), "db")])
        case.outputs += [layers.EinsumDense(equation, shape, activation=pick.choice([None, "tanh"]), bias_axes=bias)(x),
                         ops.einsum(pick.choice(["btd,bsd->bts", "btd,bsd->bs", "btd,bse->btse", "...d,...d->..."]), x, x)]
        limits = sorted(round(pick.uniform(-2, 2), 2) for _ in range(pick.randint(1, 4)))
        buckets = layers.Discretization(bin_boundaries=limits)(x[:, :, 0])
        case.outputs += [buckets, layers.CategoryEncoding(
            num_tokens=len(limits) + 1, output_mode=pick.choice(["one_hot", "multi_hot", "count"]))(buckets)]
    case.save("keras3", "operators_attention", ".keras")


def tensorflow():
    case = Case()
    for _ in range(3):
        a, b = broadcast(case)
        number = round(pick.uniform(0.5, 2.5), 2)
        for f in (tf.add, tf.subtract, tf.multiply, tf.divide, tf.math.floormod, tf.pow, tf.maximum, tf.minimum, tf.greater,
                  tf.less_equal, tf.not_equal):
            case.outputs += [f(a, b), f(a, number)]
        case.outputs += [a + number, number + a, number - a, number * a, a // number, a % number, -a, abs(a), a ** 2]
        x = case.input(*shape(2, 3))
        rank = len(x.shape)
        axis = pick.randrange(1, rank)
        for f in (tf.reduce_mean, tf.reduce_sum, tf.reduce_max, tf.reduce_min, tf.reduce_prod, tf.math.reduce_variance,
                  tf.math.reduce_std, tf.reduce_logsumexp):
            case.outputs.append(f(x, axis=axis if pick.random() < 0.5 else some_axes(rank), keepdims=pick.random() < 0.5))
        case.outputs += [tf.reduce_any(x > 0, axis=axis), tf.reduce_all(x > -1.0, axis=axis), tf.norm(x, axis=axis),
                         tf.nn.softmax(x, axis=axis), tf.nn.log_softmax(x)]
        for f in (tf.exp, tf.tanh, tf.sigmoid, tf.nn.relu, tf.nn.gelu, tf.nn.elu, tf.nn.selu, tf.nn.silu, tf.nn.softplus,
                  tf.nn.leaky_relu, tf.square, tf.sign, tf.floor, tf.math.ceil, tf.round, tf.sin, tf.math.erf):
            case.outputs.append(f(x))
        case.outputs += [tf.math.log(a), tf.sqrt(a), tf.math.rsqrt(a), tf.math.log1p(a), tf.math.reciprocal(a)]
        case.outputs += [tf.clip_by_value(x, -0.5, number), tf.cast(x > 0, tf.float32) * 2.0, tf.cast(x * 3.0, tf.int32),
                         tf.where(x > 0, x, number), tf.logical_and(x > 0, x < 1), tf.logical_not(x > 0)]
        key = [slice(None)] + [pick.choice([bounds(n), pick.randint(-n, n - 1), slice(None)]) for n in x.shape[1:]]
        parts = tf.split(tf.concat([x, x], axis=axis), 2, axis=axis)
        case.outputs += [x[tuple(key)], x[:, tf.newaxis], x[(slice(None),) * (rank - 1) + (-1,)], tf.reverse(x, [axis]), parts[0], parts[1],
                         tf.squeeze(tf.expand_dims(x, axis), axis=axis), tf.stack([x, x], axis=axis),
                         tf.reshape(x, (-1, int(np.prod(x.shape[1:])))),
                         tf.split(x, [1, x.shape[axis] - 1], axis=axis)[1]]
        y = case.input(pick.randint(1, 3), x.shape[-1])
        z = case.input(pick.randint(1, 3), x.shape[-1])
        case.outputs += [tf.matmul(y, z, transpose_b=True), tf.matmul(y, tf.transpose(z, [0, 2, 1])),
                         tf.matmul(y, tf.ones((x.shape[-1], 2)) * number)]
    case.save("tf_keras", "operators", ".keras")


def positions():
    """Positions of elements, elements at positions, and axes that grow."""
    global random
    random = np.random.default_rng(18)
    pick.seed(18)
    case = Case()
    layers = keras.layers
    for _ in range(3 * ROUNDS):
        x = case.input(*shape(2, 3))
        rank = len(x.shape)
        axis = pick.randrange(1, rank)
        extent = x.shape[axis]
        keep = pick.random() < 0.5
        case.outputs += [ops.argmax(x, axis=axis, keepdims=keep), ops.argmin(x, axis=axis - rank, keepdims=not keep)]
        case.outputs += [ops.cumsum(x, axis=axis), ops.cumprod(x, axis=axis - rank), ops.sort(x, axis=axis), ops.argsort(x, axis=axis)]
        values, places = ops.top_k(x, pick.randint(1, x.shape[-1]))
        case.outputs += [values, places]
        chosen = [pick.randint(-extent, extent - 1) for _ in range(pick.randint(1, 4))]
        case.outputs += [ops.take(x, np.array(chosen), axis=axis), ops.take(x, np.abs(np.array([chosen[:1], chosen[-1:]])) % extent, axis=axis)]
        case.outputs += [ops.take_along_axis(x, ops.argsort(x * -1.0, axis=axis), axis=axis)]
        case.outputs += [ops.one_hot(ops.argmax(x, axis=axis), extent + 1, axis=pick.choice([-1, 1])) for _ in range(2)]
        case.outputs += [ops.repeat(x, pick.randint(2, 3), axis=axis), ops.tile(x, [1] + [pick.randint(1, 2) for _ in x.shape[1:]])]
        for mode in ("constant", "reflect", "symmetric"):
            most = {"constant": lambda n: 3, "reflect": lambda n: n - 1, "symmetric": lambda n: n}[mode]
            width = [[0, 0]] + [[pick.randint(0, most(n)), pick.randint(0, most(n))] for n in x.shape[1:]]
            case.outputs.append(ops.pad(x, width, mode=mode, constant_values=round(pick.uniform(-1, 1), 2) if mode == "constant" and keep else None))
        case.outputs += [ops.tril(x, pick.randint(-1, 1)), ops.triu(x, pick.randint(-1, 1))]
        case.outputs += [layers.RMSNormalization()(x), layers.LayerNormalization(axis=[a for a in range(1, rank)] if keep else axis)(x)]
        picture = x if rank == 4 else ops.expand_dims(x, 1)
        case.outputs.append(layers.UpSampling2D((pick.randint(1, 3), pick.randint(1, 3)), interpolation="bilinear")(picture))
        keys = sorted(pick.sample([-3, -2, 1, 2, 3, 4, 5, 6], 3))
        lookup = layers.IntegerLookup(vocabulary=keys, mask_token=pick.choice([None, 0]), num_oov_indices=pick.randint(1, 3))
        # Numbers have three decimals, so that no product stands at a whole number, where rounding would decide.
        case.outputs.append(lookup(ops.cast(x * 5.0 + 0.002, "int64")))
    case.save("keras3", "operators_positions", ".keras")


def tensorflow_positions():
    """The same as functions of TensorFlow."""
    global random
    random = np.random.default_rng(19)
    pick.seed(19)
    case = Case()
    for _ in range(3):
        x = case.input(*shape(2, 3))
        rank = len(x.shape)
        axis = pick.randrange(1, rank)
        top = tf.math.top_k(x, pick.randint(1, x.shape[-1]))
        case.outputs += [tf.argmax(x, axis=axis), tf.argmin(x, axis=axis), tf.sort(x, axis=axis), tf.argsort(x, axis=axis), top[0], top[1]]
        case.outputs += [tf.cumsum(x, axis=axis, exclusive=e, reverse=r) for e in (False, True) for r in (False, True)]
        case.outputs += [tf.gather(x, [0, x.shape[axis] - 1, 0], axis=axis), tf.one_hot(tf.argmax(x, axis=axis), 4),
                         tf.repeat(x, 2, axis=axis), tf.tile(x, [1] + [2] * (rank - 1)), tf.pad(x, [[0, 0]] + [[1, 0]] * (rank - 1), constant_values=0.5),
                         tf.pad(x, [[0, 0]] + [[0, n - 1] for n in x.shape[1:]], mode="REFLECT")]
    case.save("tf_keras", "operators_positions", ".keras")


GROUPS = (tensorflow, tensorflow_positions) if sys.argv[2] == "tf_keras" else (elementwise, reductions, shapes, products, attention, positions)
for function in GROUPS:
    if len(sys.argv) < 4 or function.__name__ == sys.argv[3]:
        function()
