"""Graphs of TensorFlow 1 with their weights as constants, and SavedModels of such graphs (tensorflow/graphs/).

usage: gen_tensorflow_graphs.py TESTDATA [NAME]

With a name, only what is called so is written anew.

Written with tensorflow 2.21 and its tf.compat.v1, loops as Enter, Merge, Switch, NextIteration and Exit.
Goldens hold what session.run computed: in_N in the order of the placeholders in the file, out_N. Weights are random, biases included.
Names that begin with `refused_` are graphs that are no models; the tests say what each must produce.
"""
import os
import shutil
import sys
import tarfile

os.environ.update(
    TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", TF_USE_LEGACY_KERAS="1", CUDA_VISIBLE_DEVICES="")
import numpy as np
import tensorflow as tf
import tf_keras

v1 = tf.compat.v1
v1.disable_v2_behavior()
v1.disable_control_flow_v2()
cells = v1.nn.rnn_cell
root = os.path.join(sys.argv[1], "tensorflow", "graphs")
os.makedirs(root, exist_ok=True)
random = np.random.default_rng(20)


def normal(*shape):
    return random.standard_normal(shape).astype("f4")


def x(shape=(None, None, 3), name="x", dtype=tf.float32):
    return v1.placeholder(dtype, shape, name=name)


def variable(name, *shape):
    return v1.get_variable(name, shape)


def dense(value, units, name="dense", function=None):
    width = int(value.shape[-1])
    y = tf.nn.bias_add(tf.matmul(value, variable(name + "/kernel", width, units)), variable(name + "/bias", units))
    return function(y) if function else y


# each: feeds by placeholder, and outputs

def basic_lstm():
    """Dropout behind a placeholder that keeps everything unless told otherwise; the last timestep."""
    data = x()
    outputs, _ = v1.nn.dynamic_rnn(cells.BasicLSTMCell(4, forget_bias=0.5), data, dtype=tf.float32)
    keep = v1.placeholder_with_default(tf.constant(1.0), (), name="keep_prob")
    last = v1.nn.dropout(outputs[:, -1, :], keep_prob=keep)
    return {data: normal(2, 5, 3)}, [tf.nn.softmax(dense(last, 2), name="probabilities")]


def lstm_limits():
    """Peepholes, a projection, limits of the cell and of the projection, lengths, and the last states."""
    data, lengths = x(), x((None,), "lengths", tf.int32)
    cell = cells.LSTMCell(4, use_peepholes=True, num_proj=3, cell_clip=0.3, proj_clip=0.2)
    outputs, state = v1.nn.dynamic_rnn(cell, data, lengths, dtype=tf.float32)
    return {data: 2 * normal(3, 5, 3), lengths: np.array([5, 2, 3], "i4")}, [outputs, state.c, state.h]


def gru_state():
    """A first state that is given, over a fixed number of timesteps."""
    data, state = x((None, 6, 3)), x((None, 4), "state")
    outputs, last = v1.nn.dynamic_rnn(cells.GRUCell(4), data, initial_state=state)
    return {data: normal(2, 6, 3), state: normal(2, 4)}, [tf.reduce_mean(outputs, 1), last]


def stacked():
    """Two cells above each other, timesteps first."""
    data = x((None, None, 3))
    cell = cells.MultiRNNCell([cells.BasicRNNCell(4), cells.GRUCell(3)])
    outputs, _ = v1.nn.dynamic_rnn(cell, data, dtype=tf.float32, time_major=True)
    return {data: normal(5, 2, 3)}, [outputs]


def both_directions():
    """Both directions, up to the lengths of the sequences, and a product with every timestep."""
    data, lengths = x((None, None, 3)), x((None,), "lengths", tf.int32)
    outputs, _ = v1.nn.bidirectional_dynamic_rnn(
        cells.LSTMCell(4), cells.LSTMCell(4), data, lengths, dtype=tf.float32)
    joined = tf.concat(outputs, 2)
    flat = dense(tf.reshape(joined, [-1, 8]), 2)
    return {data: normal(3, 5, 3), lengths: np.array([5, 1, 3], "i4")}, [
        tf.reshape(flat, [tf.shape(data)[0], -1, 2], name="scores")]


def both_limits():
    """Cells above each other in both directions, each with limits of its own."""
    data = x((None, None, 3))

    def cell(limits):
        own = [cells.LSTMCell(4, num_proj=p and 3, cell_clip=c, proj_clip=p) for c, p in limits]
        return cells.MultiRNNCell(own)

    outputs, _ = v1.nn.bidirectional_dynamic_rnn(
        cell([(0.25, 0.125), (0.5, None)]), cell([(0.75, 0.375), (1.5, None)]), data, dtype=tf.float32)
    return {data: normal(2, 5, 3)}, [tf.concat(outputs, 2, name="joined")]


def both_whole():
    """Both directions over whole sequences, and their last states."""
    data = x((None, None, 3))
    outputs, states = v1.nn.bidirectional_dynamic_rnn(
        cells.GRUCell(4), cells.GRUCell(4), data, dtype=tf.float32)
    return {data: normal(2, 5, 3)}, [tf.concat(outputs, 2), tf.concat(states, 1)]


def unrolled():
    """Cells above each other, one copy per timestep, behind a product with all timesteps at once."""
    data = x((None, 6, 3))
    lines = tf.reshape(tf.transpose(data, [1, 0, 2]), [-1, 3])
    steps = tf.split(tf.nn.relu(tf.matmul(lines, variable("w", 3, 4)) + variable("b", 4)), 6, 0)
    cell = cells.MultiRNNCell([cells.BasicLSTMCell(4), cells.BasicLSTMCell(4)])
    outputs, _ = v1.nn.static_rnn(cell, steps, dtype=tf.float32)
    return {data: normal(2, 6, 3)}, [dense(outputs[-1], 2, function=tf.nn.softmax)]


def blocks():
    """Loops that are one operator, in both versions."""
    data = x((4, None, 3))
    zero = tf.zeros([tf.shape(data)[1], 5])
    arguments = dict(
        x=data, cs_prev=zero, h_prev=zero, w=variable("w", 8, 20), wci=variable("wci", 5),
        wcf=variable("wcf", 5), wco=variable("wco", 5), b=variable("b", 20))
    one = tf.raw_ops.BlockLSTM(
        seq_len_max=tf.constant(4, tf.int64), forget_bias=0.5, cell_clip=0.4, use_peephole=True, **arguments)
    other = tf.raw_ops.BlockLSTMV2(seq_len_max=tf.constant(4, tf.int64), cell_clip=0, use_peephole=False, **arguments)
    return {data: normal(4, 2, 3)}, [one.h, one.cs[-1], other.h]


def block_cells():
    """Cells that are one operator, two timesteps."""
    data, state = x((None, 2, 3)), x((None, 5), "state")
    h = c = g = state
    weights = [variable("w", 8, 20)] + [variable(name, 5) for name in ("wci", "wcf", "wco")] + [variable("b", 20)]
    gru = [variable("ru", 8, 10), variable("c", 8, 5), variable("b_ru", 10), variable("b_c", 5)]
    for time in range(2):
        step = tf.raw_ops.LSTMBlockCell(
            x=data[:, time], cs_prev=c, h_prev=h, w=weights[0], wci=weights[1], wcf=weights[2], wco=weights[3],
            b=weights[4], forget_bias=1, cell_clip=-1, use_peephole=True)
        h, c = step.h, step.cs
        g = tf.raw_ops.GRUBlockCell(x=data[:, time], h_prev=g, w_ru=gru[0], w_c=gru[1], b_ru=gru[2], b_c=gru[3]).h
    return {data: normal(2, 2, 3), state: normal(2, 5)}, [h, c, g]


def pictures():
    """Pictures of text: convolutions, what training measured, maxima, columns as timesteps."""
    data = x((None, 8, 12, 1))
    y = v1.nn.conv2d(data, variable("conv", 3, 3, 1, 4), [1, 1, 1, 1], "SAME")
    y, _, _ = v1.nn.fused_batch_norm(
        y, variable("gamma", 4), variable("beta", 4), variable("mean", 4), tf.square(variable("deviation", 4)) + 0.5,
        is_training=False)
    y = tf.nn.max_pool2d(tf.nn.relu6(y), 2, 2, "VALID")
    y = v1.nn.depthwise_conv2d(y, variable("depthwise", 2, 2, 4, 1), [1, 1, 1, 1], "VALID")
    y = tf.nn.avg_pool2d(y, [1, 3, 1, 1], [1, 3, 1, 1], "VALID")
    y = tf.squeeze(y, [1])
    y = tf.nn.conv1d(y, variable("conv1d", 3, 4, 5), 1, "SAME") + variable("bias", 5)
    outputs, _ = v1.nn.dynamic_rnn(cells.GRUCell(4), y, dtype=tf.float32)
    return {data: normal(2, 8, 12, 1)}, [outputs]


def words():
    """Rows of a table, a maximum over timesteps, and a branch for training."""
    data = x((None, 7), "words", tf.int32)
    rows = tf.nn.embedding_lookup(variable("table", 11, 4), data)
    training = v1.placeholder_with_default(False, (), name="training")
    rows = v1.cond(training, lambda: v1.nn.dropout(rows, keep_prob=0.5), lambda: tf.identity(rows))
    outputs, state = v1.nn.dynamic_rnn(cells.BasicLSTMCell(4), rows, dtype=tf.float32)
    both = tf.concat([tf.reduce_max(outputs, 1), state.h], 1)
    return {data: random.integers(0, 11, (2, 7)).astype("i4")}, [tf.sigmoid(dense(both, 3)), tf.argmax(dense(both, 3, "other"), 1)]


def of_keras():
    """Layers of Keras in such a graph: their own loops, hard_sigmoid, biases apart."""
    data = x((None, 5, 3))
    layers = tf_keras.layers
    y = layers.Bidirectional(tf_keras.__internal__.legacy.layers.LSTM(4, return_sequences=True)
                             if hasattr(tf_keras.__internal__, "legacy") and hasattr(tf_keras.__internal__.legacy, "layers")
                             and hasattr(tf_keras.__internal__.legacy.layers, "LSTM")
                             else layers.LSTM(4, return_sequences=True, recurrent_activation="hard_sigmoid"))(data)
    y = layers.GRU(4, return_sequences=True, reset_after=False, recurrent_activation="sigmoid")(y)
    y = layers.SimpleRNN(3)(y)
    return {data: normal(2, 5, 3)}, [layers.Dense(2, activation="softmax")(y)]


def gates_apart():
    """An LSTM written by hand, one product per gate, in a loop written by hand."""
    data = x((None, None, 3))
    rows = tf.transpose(data, [1, 0, 2])
    steps = tf.shape(rows)[0]
    names = "ifgo"
    weights = {n: (variable("w" + n, 3, 4), variable("u" + n, 4, 4), variable("b" + n, 4)) for n in names}
    source = tf.TensorArray(tf.float32, steps).unstack(rows)
    target = tf.TensorArray(tf.float32, steps)
    zero = tf.zeros([tf.shape(data)[0], 4])

    def body(time, h, c, target):
        value = source.read(time)
        i, f, g, o = (tf.matmul(value, w) + tf.matmul(h, u) + b for w, u, b in (weights[n] for n in names))
        c = tf.sigmoid(i) * tf.tanh(g) + c * tf.sigmoid(f)
        h = tf.tanh(c) * tf.sigmoid(o)
        return time + 1, h, c, target.write(time, h)

    _, _, _, target = v1.while_loop(lambda time, *_: time < steps, body, (0, zero, zero, target))
    return {data: normal(2, 5, 3)}, [tf.transpose(target.stack(), [1, 0, 2])]


def refused_cell():
    """A loop that is no cell."""
    data = x()

    class Cell(cells.RNNCell):
        state_size = output_size = property(lambda self: 4)

        def __call__(self, inputs, state, scope=None):
            h = tf.sin(tf.matmul(tf.concat([inputs, state], 1), v1.get_variable("k", (7, 4))))
            return h, h * state

    outputs, _ = v1.nn.dynamic_rnn(Cell(), data, dtype=tf.float32)
    return {data: normal(2, 5, 3)}, [outputs]


def refused_dropout():
    """Dropout whose share is given with every call."""
    data = x()
    outputs, _ = v1.nn.dynamic_rnn(cells.BasicLSTMCell(4), data, dtype=tf.float32)
    keep = v1.placeholder(tf.float32, (), name="keep_prob")
    return {data: normal(2, 5, 3), keep: np.float32(1)}, [v1.nn.dropout(outputs, keep_prob=keep)]


def written(build, is_saved_model=False, uses_resources=False, is_checkpoint=False):
    name = build.__name__ + ("_saved" if is_saved_model else "_checkpoint" if is_checkpoint else "")
    path = os.path.join(root, name)
    if sys.argv[2:] and name != sys.argv[2]:
        return
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        if uses_resources:
            v1.enable_resource_variables()
        v1.set_random_seed(1)
        feeds, outputs = build()
        session.run(v1.global_variables_initializer())
        for own in v1.global_variables():
            own.load(0.5 * normal(*own.shape.as_list()), session)
        values = session.run(outputs, {tensor: value for tensor, value in feeds.items()})
        order = {operation.name: index for index, operation in enumerate(graph.get_operations())}
        inputs = sorted(feeds, key=lambda tensor: order[tensor.op.name])
        arrays = {"in_%d" % i: feeds[t] for i, t in enumerate(t for t in inputs if t.shape.rank)}
        arrays.update(("out_%d" % i, value) for i, value in enumerate(values))
        np.savez_compressed(path + ".golden.npz", **arrays)
        names = [tensor.op.name for tensor in outputs]
        if is_checkpoint:
            shutil.rmtree(path, ignore_errors=True)
            v1.train.Saver().save(session, os.path.join(path, "m"))
            os.remove(os.path.join(path, "checkpoint"))
        elif is_saved_model:
            shutil.rmtree(path, ignore_errors=True)
            v1.saved_model.simple_save(
                session, path, {t.op.name: t for t in inputs}, {"y%d" % i: t for i, t in enumerate(outputs)})
        else:
            frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), names)
            with open(path + ".pb", "wb") as file:
                file.write(frozen.SerializeToString())
        v1.disable_resource_variables()
    print(name, ",".join(tensor.name for tensor in outputs), os.path.getsize(path + ("/saved_model.pb" if is_saved_model else "/m.meta" if is_checkpoint else ".pb")))


for build in (
        basic_lstm, lstm_limits, gru_state, stacked, both_directions, both_whole, unrolled, blocks, block_cells, pictures,
        words, of_keras, gates_apart, refused_cell, refused_dropout):
    written(build)
written(basic_lstm, is_saved_model=True)
written(words, is_saved_model=True, uses_resources=True)
written(lstm_limits, is_checkpoint=True)
written(both_limits, is_checkpoint=True)
folder = os.path.join(root, "basic_lstm_saved")
with tarfile.open(folder + ".tar.gz", "w:gz") as archive:
    archive.add(folder, "export/1", filter=lambda info: info.replace(mtime=0, uid=0, gid=0, uname="", gname="", deep=False))
