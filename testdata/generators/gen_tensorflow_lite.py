"""Files of TensorFlow Lite with operators that its converter makes of no recurrent layer of Keras, and with windows (tensorflow/lite/).

usage: gen_tensorflow_lite.py TESTDATA [NAME]

With a name, only the file that is called so is written anew.

Written with tensorflow 2.21. `made_*` are put together with TensorFlow's own classes of FlatBuffers; `windows_*` are converted from Keras.
Goldens hold what the interpreter computed: in_N, out_N. Weights are random, biases included.
"""
import os
import sys

os.environ.update(
    TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", TF_USE_LEGACY_KERAS="1", CUDA_VISIBLE_DEVICES="")
import flatbuffers
import numpy as np
import tensorflow as tf
import tf_keras
from tensorflow.lite.python import schema_py_generated as schema

root = os.path.join(sys.argv[1], "tensorflow", "lite")
random = np.random.default_rng(46)


def normal(*shape):
    return random.standard_normal(shape).astype("f4")


class File:
    """A model of one operator."""

    def __init__(self):
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.description = "made by hand"
        self.model.buffers = [schema.BufferT()]
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.model.subgraphs = [self.graph]

    def tensor(self, name, shape, value=None, is_variable=False):
        own = schema.TensorT()
        own.name, own.shape, own.type, own.isVariable, own.buffer = name, list(shape), 0, is_variable, 0
        if value is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(value, "f4").tobytes(), "u1")
            own.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        self.graph.tensors.append(own)
        return len(self.graph.tensors) - 1

    def weight(self, name, *shape):
        return self.tensor(name, shape, 0.5 * normal(*shape))

    def write(self, name, code, kind, options, inputs, outputs, data):
        operator_code = schema.OperatorCodeT()
        operator_code.builtinCode = operator_code.deprecatedBuiltinCode = code
        operator_code.version = 1
        self.model.operatorCodes = [operator_code]
        own = schema.OperatorT()
        own.opcodeIndex, own.inputs, own.outputs = 0, inputs, outputs
        own.builtinOptionsType, own.builtinOptions = kind, options
        self.graph.operators = [own]
        self.graph.inputs, self.graph.outputs = [inputs[0]], outputs
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        save(name, bytes(builder.Output()), [data])


def save(name, content, data):
    path = os.path.join(root, name)
    if sys.argv[2:] and name != sys.argv[2]:
        return
    with open(path + ".tflite", "wb") as file:
        file.write(content)
    interpreter = tf.lite.Interpreter(path + ".tflite")
    interpreter.allocate_tensors()
    for detail, value in zip(interpreter.get_input_details(), data):
        interpreter.set_tensor(detail["index"], value)
    interpreter.invoke()
    arrays = {"in_%d" % i: value for i, value in enumerate(data)}
    arrays.update(("out_%d" % i, interpreter.get_tensor(d["index"])) for i, d in enumerate(interpreter.get_output_details()))
    np.savez_compressed(path + ".golden.npz", **arrays)
    print(name, len(content), [value.shape for value in arrays.values()])


def both_lstm(name, merged, time_major, peepholes=False):
    file, (features, units, timesteps, batch) = File(), (3, 4, 5, 2)
    shape = (timesteps, batch) if time_major else (batch, timesteps)
    inputs = [file.tensor("x", shape + (features,))]
    for way in ("fw", "bw"):
        inputs += [file.weight(way + "/w" + gate, units, features) for gate in "ifco"]
        inputs += [file.weight(way + "/u" + gate, units, units) for gate in "ifco"]
        inputs += [file.weight(way + "/p" + gate, units) if peepholes else -1 for gate in "ifo"]
        inputs += [file.weight(way + "/b" + gate, units) for gate in "ifco"]
        inputs += [-1, -1]
    inputs += [file.tensor("state%d" % i, (batch, units), is_variable=True) for i in range(4)]
    inputs += [-1] * 9
    options = schema.BidirectionalSequenceLSTMOptionsT()
    options.fusedActivationFunction, options.mergeOutputs, options.timeMajor = 4, merged, time_major
    outputs = [file.tensor("y", shape + (2 * units if merged else units,))]
    if not merged:
        outputs.append(file.tensor("y_backward", shape + (units,)))
    file.write(
        name, schema.BuiltinOperator.BIDIRECTIONAL_SEQUENCE_LSTM, schema.BuiltinOptions.BidirectionalSequenceLSTMOptions,
        options, inputs, outputs, normal(*shape, features))


def both_rnn(name):
    file, (features, units, timesteps, batch) = File(), (3, 4, 5, 2)
    inputs = [file.tensor("x", (batch, timesteps, features))]
    for way in ("fw", "bw"):
        inputs += [file.weight(way + "/w", units, features), file.weight(way + "/u", units, units), file.weight(way + "/b", units)]
        inputs.append(file.tensor(way + "/state", (batch, units), is_variable=True))
    inputs += [-1] * 3
    options = schema.BidirectionalSequenceRNNOptionsT()
    options.fusedActivationFunction, options.mergeOutputs, options.timeMajor = 1, True, False
    outputs = [file.tensor("y", (batch, timesteps, 2 * units))]
    file.write(
        name, schema.BuiltinOperator.BIDIRECTIONAL_SEQUENCE_RNN, schema.BuiltinOptions.BidirectionalSequenceRNNOptions,
        options, inputs, outputs, normal(batch, timesteps, features))


def converted(name, layers, shape, batch=1):
    model = tf_keras.Sequential([tf_keras.Input(shape, batch_size=batch)] + layers)
    model.set_weights([0.5 * normal(*w.shape) if "variance" not in v.name else 0.5 + normal(*w.shape) ** 2
                       for v, w in zip(model.weights, model.get_weights())])
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    save(name, converter.convert(), [normal(1, *shape)])


both_lstm("made_bilstm", merged=False, time_major=True, peepholes=True)
both_lstm("made_bilstm_merged", merged=True, time_major=False)
both_rnn("made_birnn")
layers = tf_keras.layers
converted("windows_sequence", [
    layers.Conv1D(4, 3, strides=2, activation="relu"), layers.Conv1D(5, 2, padding="same", dilation_rate=2),
    layers.MaxPooling1D(2), layers.LSTM(3, return_sequences=True), layers.AveragePooling1D(2, padding="same")], (17, 3))
converted("windows_picture", [
    layers.Conv2D(4, (3, 2), padding="same", activation="relu6"), layers.DepthwiseConv2D(3, depth_multiplier=2),
    layers.BatchNormalization(), layers.MaxPooling2D((2, 1)), layers.Reshape((3, -1)), layers.LSTM(3)], (9, 8, 2))
converted("windows_free", [
    layers.Conv1D(4, 3, activation="relu"), layers.Reshape((-1, 2)), layers.GlobalMaxPooling1D(), layers.Dense(2)], (9, 3), None)
