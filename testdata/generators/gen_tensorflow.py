"""Folders and checkpoints as TensorFlow and TensorFlow.js write them (tensorflow/).

usage: gen_tensorflow.py FLAVOUR TESTDATA

  tf20 tf24 tf212 tf215   tf.keras of TensorFlow 2.0.4, 2.4.4, 2.12.1, 2.15.1
  tf221                   tf_keras 2.21 (TF_USE_LEGACY_KERAS=1);  k3: Keras 3.15.1
  tf115                   tf.train.Saver of TensorFlow 1.15.5
  js                      tensorflowjs 4.22 with TensorFlow 2.15.1

hostile/ holds a checkpoint of an LSTM and a Dense, and web/functional_shards, each with one thing wrong that its name says; the tests name what each must produce.
Goldens in lite/ hold t/GRAPH/TENSOR too, every constant as TensorFlow's own classes of FlatBuffers read it. Goldens hold what the framework computed before it saved: in_N, out_N, w_N, and ck/NAME, every tensor of the checkpoint as the framework reads it.
Weights are random, biases included. `save_traces=False` keeps the folders small; weights do not depend on it.
"""
import os
import sys

flavour, testdata = sys.argv[1:3]
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="")
if flavour == "tf221":
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
import numpy as np

root = os.path.join(testdata, "tensorflow")
SHAPE = (2, 5, 3)


def normal(seed, shape=SHAPE):
    return np.random.default_rng(seed).standard_normal(shape).astype("f4")


def randomize(model, seed):
    random = np.random.default_rng(seed)
    values = []
    for variable, value in zip(model.weights, model.get_weights()):
        if value.dtype.kind == "f":
            new = (0.4 * random.standard_normal(value.shape)).astype(value.dtype)
            value = np.abs(new) + value.dtype.type(0.5) if "variance" in variable.name else new
        values.append(value)
    model.set_weights(values)


def listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def save_golden(path, model, inputs, prefix):
    """What the model computes of `inputs`, its weights, and every tensor of the checkpoint that was written at `prefix`."""
    arrays = {"in_%d" % i: x for i, x in enumerate(listed(inputs))}
    if hasattr(model, "reset_states"):
        model.reset_states()
    arrays.update(("out_%d" % i, np.asarray(y)) for i, y in enumerate(listed(model(inputs, training=False))))
    arrays.update(("w_%d" % i, np.asarray(w)) for i, w in enumerate(model.get_weights()))
    if prefix:
        import tensorflow as tf
        reader = tf.train.load_checkpoint(prefix)
        for name in reader.get_variable_to_shape_map():
            value = reader.get_tensor(name)
            if value.dtype.name == "bfloat16":
                value = value.view("u2")
            if value.dtype.kind not in "OSU":
                arrays["ck/" + name] = value
    np.savez_compressed(path + ".golden.npz", **arrays)


def keras_of_flavour():
    import tensorflow as tf
    if flavour == "k3":
        import keras
    elif flavour == "tf221":
        import tf_keras as keras
    else:
        keras = tf.keras
    return tf, keras


def models(keras):
    """The models of each flavour: what is saved, and with which inputs."""
    layers = keras.layers

    def sequential():
        return keras.Sequential([layers.LSTM(4, recurrent_activation="hard_sigmoid", input_shape=SHAPE[1:]), layers.Dense(1)])

    def two_inputs():
        left, right = keras.Input((5, 3), name="left"), keras.Input((4, 3), name="right")
        y, state = layers.GRU(3, return_sequences=True, return_state=True, name="g_after")(left)
        z = layers.GRU(3, reset_after=False, name="g_before")(right, initial_state=state)
        cells = layers.RNN([layers.LSTMCell(4), layers.GRUCell(2)], name="cells")(y)
        head = layers.Dense(1, name="head")(layers.Concatenate(name="cat")([z, cells]))
        return keras.Model([left, right], [head, state, y], name="two_in")

    def nested():
        x = keras.Input(batch_shape=SHAPE)
        inner = keras.Sequential([layers.Input((5, 3)), layers.Dense(3, name="a_dense"), layers.LSTM(4, return_sequences=True, name="a_lstm")], name="inner_seq")
        y = keras.Input((5, 4))
        function = keras.Model(y, layers.GRU(2, return_sequences=True, name="b_gru")(layers.BatchNormalization(name="b_bn")(y)), name="inner_fn")
        return keras.Model(x, layers.SimpleRNN(3, stateful=True, name="last")(function(inner(x))), name="outer")

    def tagger():
        x = keras.Input((None,), dtype="int32", name="tokens")
        y = layers.Bidirectional(layers.LSTM(4, return_sequences=True), name="bi")(layers.Embedding(10, 3, mask_zero=True, name="emb")(x))
        return keras.Model(x, layers.TimeDistributed(layers.Dense(2), name="td")(y), name="tagger")

    class Scale(layers.Layer):
        def __init__(self, units, **options):
            super().__init__(**options)
            self.units = units
            self.inner = layers.LSTM(units, return_sequences=True)

        def build(self, shape):
            self.gain = self.add_weight(name="gain", shape=(self.units,), initializer="ones")
            super().build(shape)

        def call(self, x):
            return self.inner(x) * self.gain

        def get_config(self):
            return dict(super().get_config(), units=self.units)

    class Tagger(keras.Model):
        def __init__(self, **options):
            super().__init__(**options)
            self.head = layers.Dense(2, name="head")
            self.encoder = layers.LSTM(4, return_sequences=True, name="enc")
            self.blocks = [layers.GRU(3, return_sequences=True, name="g0"), layers.GRU(4, name="g1")]

        def call(self, x):
            x = self.encoder(x)
            for block in self.blocks:
                x = block(x)
            return self.head(x)

        def get_config(self):
            return {"name": self.name}

    def subclassed():
        model = Tagger(name="tagger")
        model(normal(7))
        return model

    def plain():
        return keras.Sequential([keras.Input(SHAPE[1:]), layers.LSTM(4), layers.Dense(2)])

    def custom():
        return keras.Sequential([keras.Input(SHAPE[1:]), Scale(3, name="scale"), layers.Dense(1)])

    tokens = np.array([[3, 1, 4, 0, 0], [5, 2, 6, 9, 3]], dtype="i4")
    pair = [normal(7), normal(8, (2, 4, 3))]
    return {
        "tf212": {"lstm_unsaved_traces": (sequential, normal(7))},
        "tf24": {"gru_rnn_functional": (two_inputs, pair)},
        "tf215": {"nested_stateful": (nested, normal(7)), "embedding_bilstm_td": (tagger, tokens), "custom_layer": (custom, normal(7)), "subclassed": (subclassed, normal(7))},
        "k3": {"export_lstm_dense": (plain, normal(7))},
    }.get(flavour, {})


def write_saved_models():
    tf, keras = keras_of_flavour()
    for index, (name, (make, inputs)) in enumerate(sorted(models(keras).items())):
        keras.backend.clear_session()
        model = make()
        randomize(model, 900 + index)
        path = os.path.join(root, "saved_model", "%s_%s" % (flavour, name))
        if flavour == "k3":
            model.export(path, verbose=False)
        else:
            model.save(path, save_format="tf", **({} if flavour == "tf20" else {"save_traces": False}))
        save_golden(path, model, inputs, os.path.join(path, "variables", "variables"))


def checkpointed(keras):
    """The models whose weights are saved as checkpoints, by flavour: what is saved and with which inputs."""
    layers = keras.layers

    def every():
        x, tokens = keras.Input((5, 3), name="x"), keras.Input((5,), dtype="int32", name="tokens")
        shared = layers.LSTM(4, return_sequences=True, name="shared")
        y = layers.Concatenate(name="cat")([shared(x), shared(layers.Embedding(10, 3, name="emb")(tokens))])
        y = layers.Bidirectional(layers.GRU(2, reset_after=False, return_sequences=True), name="bi")(y)
        y = layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)], return_sequences=True, name="cells")(y)
        return keras.Model([x, tokens], layers.TimeDistributed(layers.Dense(2), name="td")(layers.GRU(3, return_sequences=True, name="g")(y)), name="all")

    def plain():
        return keras.Sequential([keras.Input(SHAPE[1:]), layers.LSTM(4), layers.Dense(2, activation="softmax")])

    def half():
        return keras.Sequential([keras.Input(SHAPE[1:]), layers.LSTM(4, return_sequences=True, dtype="bfloat16"), layers.LSTM(2, dtype="float16")])

    class Tagger(keras.Model):
        def __init__(self, **options):
            super().__init__(**options)
            self.head = layers.Dense(2, name="head")
            self.encoder = layers.Bidirectional(layers.LSTM(2, return_sequences=True), name="enc")
            self.blocks = [layers.GRU(3, return_sequences=True, name="g0"), layers.GRU(4, name="g1")]
            self.table = {"a": layers.Dense(4, name="da")}

        def call(self, x):
            for layer in [self.encoder] + self.blocks + [self.table["a"], self.head]:
                x = layer(x)
            return x

    def subclassed():
        model = Tagger(name="tagger")
        model(normal(7))
        return model

    tokens = np.array([[3, 1, 4, 0, 0], [5, 2, 6, 9, 3]], dtype="i4")
    return {
        "tf20": {"functional_all": (every, [normal(7), tokens])},
        "tf24": {"manager": (plain, normal(7))},
        "tf212": {"weights_sgd_legacy": (plain, normal(7))},
        "tf215": {"nested": (models(keras).get("nested_stateful", (plain,))[0], normal(7)), "subclassed": (subclassed, normal(7)),
                  "half_bfloat16": (half, normal(7)), "callback": (plain, normal(7))},
        "tf221": {"weights_adam": (plain, normal(7))},
        "k3": {"train_checkpoint": (plain, normal(7))},
    }.get(flavour, {})


def write_checkpoints():
    tf, keras = keras_of_flavour()
    for index, (name, (make, inputs)) in enumerate(sorted(checkpointed(keras).items())):
        keras.backend.clear_session()
        model = make()
        folder = os.path.join(root, "checkpoint", "%s_%s" % (flavour, name))
        os.makedirs(folder, exist_ok=True)
        prefix = os.path.join(folder, "ckpt")
        if name in ("manager", "weights_adam", "weights_sgd_legacy"):
            model.compile(keras.optimizers.legacy.SGD(0.01, momentum=0.9) if "sgd" in name else keras.optimizers.Adam(), "mse")
            randomize(model, 300 + index)
            model.train_on_batch(inputs, np.ones((2, 2), "f4"))
        else:
            randomize(model, 300 + index)
        if name == "manager":
            parts = tf.train.Checkpoint(model=model, optimizer=model.optimizer, step=tf.Variable(0))
            prefix = tf.train.CheckpointManager(parts, folder, 3).save()
        elif name == "callback":
            for epoch in (1, 2):
                randomize(model, 300 + epoch)
                prefix = os.path.join(folder, "cp-%02d.ckpt" % epoch)
                model.save_weights(prefix)
        elif name in ("half_bfloat16", "train_checkpoint"):
            prefix = tf.train.Checkpoint(**{"net" if flavour == "k3" else "model": model}).write(os.path.join(folder, "net" if flavour == "k3" else "ckpt"))
        else:
            model.save_weights(prefix)
        save_golden(folder, model, inputs, prefix)
        if flavour != "k3" and "subclassed" not in name and "sgd" not in name:
            with open(folder + ".architecture.json", "w") as f:
                f.write(model.to_json())


def write_partitioned():
    """TensorFlow 1: variables in three parts, on two devices, a data file for each."""
    import tensorflow as tf
    folder = os.path.join(root, "checkpoint", "tf115_partitioned_sharded")
    os.makedirs(folder, exist_ok=True)
    with tf.variable_scope("m", partitioner=tf.fixed_size_partitioner(3), initializer=tf.random_normal_initializer(stddev=0.4, seed=1)):
        with tf.device("/cpu:0"):
            x = tf.placeholder(tf.float32, SHAPE)
            outputs, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(4), x, dtype=tf.float32)
        with tf.device("/cpu:1"):
            tf.get_variable("softmax_w", [4, 2])
            tf.get_variable("softmax_b", [2])
    with tf.Session(config=tf.ConfigProto(device_count={"CPU": 2})) as session:
        session.run(tf.global_variables_initializer())
        prefix = tf.train.Saver(sharded=True).save(session, os.path.join(folder, "model.ckpt"), 100, write_meta_graph=False)
        reader = tf.train.load_checkpoint(prefix)
        arrays = {"ck/" + name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
        np.savez_compressed(folder + ".golden.npz", **arrays)


def write_named_variables():
    """TensorFlow 1: cells under the scopes that tf.train.Saver writes, with what each computes."""
    import tensorflow as tf
    from tensorflow.contrib import cudnn_rnn, rnn as contrib
    cells = tf.nn.rnn_cell

    def dense(h):
        return h @ tf.get_variable("softmax_w", [4, 2]) + tf.get_variable("softmax_b", [2])

    def plain(forget):
        def build(x):
            _, state = tf.nn.dynamic_rnn(cells.BasicLSTMCell(4, forget_bias=forget), x, dtype=tf.float32)
            return [dense(state.h), state.c, state.h]
        return build

    def peepholes(x):
        y, state = tf.nn.dynamic_rnn(cells.LSTMCell(4, use_peepholes=True, num_proj=3, forget_bias=0.5), x, dtype=tf.float32)
        return [y, state.c, state.h]

    def blocks(x):
        y, _ = contrib.LSTMBlockFusedCell(4)(tf.transpose(x, [1, 0, 2]), dtype=tf.float32)
        z, _ = tf.nn.dynamic_rnn(contrib.LSTMBlockCell(3, use_peephole=True), x, dtype=tf.float32)
        return [tf.transpose(y, [1, 0, 2]), z]

    def grus(x):
        return [tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)[0] for cell in (contrib.GRUBlockCellV2(4), contrib.LayerNormBasicLSTMCell(3))]

    def compatible(x):
        outputs = []
        for scope, cell in (("cudnn_lstm", cudnn_rnn.CudnnCompatibleLSTMCell(4)), ("cudnn_gru", cudnn_rnn.CudnnCompatibleGRUCell(3))):
            with tf.variable_scope(scope):
                outputs.append(tf.nn.dynamic_rnn(cells.MultiRNNCell([cell]), x, dtype=tf.float32)[0])
        return outputs

    def both(x):
        ways = [cells.MultiRNNCell([cells.LSTMCell(3), cells.LSTMCell(2)]) for _ in range(2)]
        return list(tf.nn.bidirectional_dynamic_rnn(*ways, x, dtype=tf.float32)[0])

    def mixed(x):
        y, _ = tf.nn.dynamic_rnn(cells.BasicRNNCell(4), x, dtype=tf.float32)
        return [tf.keras.layers.LSTM(3)(y)]

    for name, build in (("basic_lstm_forget0", plain(0.0)), ("lstm_peephole_projection", peepholes), ("lstm_block_fused", blocks), ("gru_block", grus),
                        ("cudnn_compatible", compatible), ("multi_bidirectional", both), ("basic_rnn_keras1", mixed),
                        ("v1_format", plain(1.0)), ("frozen_graph", plain(1.0)), ("saved_model", plain(1.0))):
        tf.reset_default_graph()
        folder = os.path.join(root, "names", "tf115_" + name)
        os.makedirs(folder, exist_ok=True)
        x = tf.placeholder(tf.float32, SHAPE, name="x")
        with tf.variable_scope("", initializer=tf.random_normal_initializer(stddev=0.4, seed=1)):
            outputs = build(x)
        extra = [tf.train.AdamOptimizer().minimize(tf.reduce_sum(outputs[0]))] if "forget0" in name else []
        random = np.random.default_rng(5)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for variable in tf.trainable_variables():
                variable.load((0.4 * random.standard_normal(variable.shape.as_list())).astype("f4"), session)
            for step in extra:
                session.run(step, {x: normal(7)})
            arrays = {"in_0": normal(7)}
            arrays.update(("out_%d" % i, y) for i, y in enumerate(session.run(outputs, {x: normal(7)})))
            np.savez_compressed(folder + ".golden.npz", **arrays)
            if name == "frozen_graph":
                graph = tf.graph_util.convert_variables_to_constants(session, tf.get_default_graph().as_graph_def(), [y.op.name for y in outputs])
                open(os.path.join(folder, "frozen.pb"), "wb").write(graph.SerializeToString())
            elif name == "saved_model":
                os.rmdir(folder)
                tf.saved_model.simple_save(session, folder, {"x": x}, {"y": outputs[0]})
            else:
                version = tf.train.SaverDef.V1 if name == "v1_format" else tf.train.SaverDef.V2
                tf.train.Saver(write_version=version).save(
                    session, os.path.join(folder, "model.ckpt"), 100, write_meta_graph="peephole" in name)


def write_lite_models():
    """What the converter makes of models with a batch of 1; outputs are those of the interpreter's first call."""
    tf, keras = keras_of_flavour()
    layers = keras.layers

    def model(*parts):
        return lambda: keras.Sequential([keras.Input(batch_shape=(1, 5, 3))] + [part() for part in parts])

    def wide(*parts):
        return lambda: keras.Sequential([keras.Input(batch_shape=(1, 5, 32))] + [part() for part in parts])

    dense = lambda: layers.Dense(2)
    lstm, gru = (lambda: layers.LSTM(4)), (lambda: layers.GRU(4))
    f32 = {"lstm_f32": model(lstm, dense), "gru_f32": model(gru, dense)}
    cases = {
        "k3": f32,
        "tf215": dict(
            f32, bilstm_f32=model(lambda: layers.Bidirectional(layers.LSTM(4, return_sequences=True)), dense),
            lstm_backwards=model(lambda: layers.LSTM(3, go_backwards=True, return_sequences=True, use_bias=False)),
            lstm_hard_sigmoid=model(lambda: layers.LSTM(3, recurrent_activation="hard_sigmoid")),
            lstm_unrolled=model(lambda: layers.LSTM(3, unroll=True)), masked_lstm=model(lambda: layers.Masking(0.0), lambda: layers.LSTM(3)),
            simplernn_f32=model(lambda: layers.SimpleRNN(4)), stateful_lstm=model(lambda: layers.LSTM(3, stateful=True)),
            gru_dynamic_int8=model(lambda: layers.GRU(24, reset_after=False), dense), lstm_dynamic_int8=wide(lambda: layers.LSTM(32), dense),
            lstm_int8_full=model(lstm, dense),
            lstm_seq_anybatch=lambda: keras.Sequential([keras.Input((5, 3)), layers.LSTM(4, return_sequences=True), layers.LSTM(3)])),
        "tf221": {"lstm_f16": model(lstm, dense)},
    }.get(flavour, {})
    os.makedirs(os.path.join(root, "lite"), exist_ok=True)
    for index, (name, make) in enumerate(sorted(cases.items())):
        keras.backend.clear_session()
        own = make()
        randomize(own, 700 + index)
        x = normal(7, [d or 1 for d in own.input_shape])
        converter = tf.lite.TFLiteConverter.from_keras_model(own)
        if "int8" in name or "f16" in name:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if "f16" in name:
            converter.target_spec.supported_types = [tf.float16]
        if "full" in name:
            converter.representative_dataset = lambda: ([normal(i, x.shape)] for i in range(50))
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8
        if "anybatch" in name:
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
            converter._experimental_lower_tensor_list_ops = False
        path = os.path.join(root, "lite", "%s_%s" % (flavour, name))
        open(path + ".tflite", "wb").write(converter.convert())
        interpreter = tf.lite.Interpreter(path + ".tflite")
        interpreter.allocate_tensors()
        put, got = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        if put["dtype"] == np.int8:
            scale, zero = put["quantization"]
            x = np.clip(np.round(x / scale) + zero, -128, 127).astype("i1")
        arrays, calls = {}, 2 if "stateful" in name else 1
        for call in range(calls):
            interpreter.set_tensor(put["index"], x)
            interpreter.invoke()
            arrays.update({"in_%d" % call: x, "out_%d" % call: interpreter.get_tensor(got["index"])})
        arrays.update(lite_constants(path + ".tflite"))
        np.savez_compressed(path + ".golden.npz", **arrays)


def lite_constants(path):
    """Every constant as it is stored: t/GRAPH/TENSOR."""
    from tensorflow.lite.python import schema_py_generated as schema
    model = schema.ModelT.InitFromPackedBuf(bytearray(open(path, "rb").read()), 0)
    types = {0: "f4", 1: "f2", 2: "i4", 3: "u1", 4: "i8", 6: "?", 7: "i2", 9: "i1"}
    arrays = {}
    for number, graph in enumerate(model.subgraphs):
        for index, tensor in enumerate(graph.tensors):
            data = model.buffers[tensor.buffer].data if tensor.buffer else None
            if data is not None and len(data) and tensor.type in types:
                shape = [] if tensor.shape is None else list(tensor.shape)
                arrays["t/%d/%d" % (number, index)] = np.frombuffer(bytes(bytearray(data)), types[tensor.type]).reshape(shape)
    return arrays


def write_web_models():
    tf, keras = keras_of_flavour()
    import tensorflowjs
    layers = keras.layers

    def tagger():
        x = keras.Input((5,), dtype="int32", name="tokens")
        y = layers.Bidirectional(layers.LSTM(4, return_sequences=True), name="bi")(layers.Embedding(10, 3, mask_zero=True, name="emb")(x))
        y = layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)], return_sequences=True, name="cells")(y)
        return keras.Model(x, layers.TimeDistributed(layers.Dense(2), name="td")(y), name="tagger")

    def plain(layer):
        return lambda: keras.Sequential([keras.Input(SHAPE[1:]), layer(), layers.Dense(2)])

    tokens = np.array([[3, 1, 4, 0, 0], [5, 2, 6, 9, 3]], dtype="i4")
    lstm, gru, before = (lambda: layers.LSTM(4)), (lambda: layers.GRU(4)), (lambda: layers.GRU(4, reset_after=False))
    for name, make, inputs, options in (
            ("lstm_dense", plain(lstm), normal(7), {}), ("functional_shards", tagger, tokens, {"weight_shard_size_bytes": 300}),
            ("gru_uint8", plain(gru), normal(7), {"quantization_dtype_map": {"uint8": "*"}}),
            ("gru_uint16", plain(before), normal(7), {"quantization_dtype_map": {"uint16": "*"}}),
            ("lstm_float16", plain(lstm), normal(7), {"quantization_dtype_map": {"float16": "*"}})):
        keras.backend.clear_session()
        model = make()
        randomize(model, 500)
        path = os.path.join(root, "web", name)
        tensorflowjs.converters.save_keras_model(model, path, **options)
        save_golden(path, model, inputs, None)


def write_two_models():
    """One checkpoint of two models, as sequence-to-sequence trainings write it."""
    tf, keras = keras_of_flavour()
    parts = {}
    for index, name in enumerate(("encoder", "decoder")):
        parts[name] = keras.Sequential([keras.Input(SHAPE[1:]), keras.layers.LSTM(2, name=name + "_lstm")], name=name)
        randomize(parts[name], 70 + index)
    os.makedirs(os.path.join(root, "checkpoint", "two_models"), exist_ok=True)
    tf.train.Checkpoint(**parts).write(os.path.join(root, "checkpoint", "two_models", "ckpt"))


if __name__ == "__main__":
    if flavour == "js":
        write_web_models()
    elif flavour == "tf115":
        write_partitioned()
        write_named_variables()
    else:
        write_saved_models()
        write_checkpoints()
        write_lite_models()
        if flavour == "tf221":
            write_two_models()
