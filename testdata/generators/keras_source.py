"""Programs that build models of Keras, weights of their models, and what the models compute.

    python testdata/generators/keras_source.py testdata/keras_source

Needs keras 3, tf_keras and tensorflow. Each program is run as it stands, but for the names that it
takes from data, which are set first, and for what it does with data, which is left out where a line
says "training". Weights and recordings come from the model that is called `model` in the end.
"""

import io
import json
import os
import sys
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf
import tf_keras

SEQUENTIAL = '''
import numpy as np
import pandas as pd
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import *

text = open("corpus.txt").read()  # training
chars = sorted(set(text))  # training
WIDTHS = [6, 5]
CONFIG = {"steps": 7, "rate": 0.2}

model = Sequential()
model.add(Embedding(len(chars), 4, mask_zero=True, input_length=CONFIG["steps"]))
for i, width in enumerate(WIDTHS):
    last = i == len(WIDTHS) - 1
    model.add(Bidirectional(LSTM(width, return_sequences=not last)))
    model.add(Dropout(CONFIG["rate"]))
model.add(Dense(len(chars), activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam")
model.fit(X, y, epochs=20)  # training
'''

CELLS = '''
from tensorflow.keras import layers, models
from tensorflow.keras.layers.wrappers import TimeDistributed  # training

model = models.Sequential()
model.add(layers.Embedding(len(vocabulary), 4))
model.add(layers.RNN([layers.LSTMCell(5), layers.GRUCell(6)], return_sequences=True))
model.add(layers.GRU(4, use_bias=False, return_sequences=True))
model.add(layers.RNN(layers.SimpleRNNCell(units_of(data)), name="last"))
model.add(layers.Dense(2))
'''

REWRAPPED = '''
import tensorflow as tf
from tensorflow.keras import Model, backend as K
from tensorflow.keras.layers import *

def attend(x, axis=1):
    if K.ndim(x) == 2:
        return K.softmax(x)
    e = K.exp(x - K.max(x, axis=axis, keepdims=True))
    return e / K.sum(e, axis=axis, keepdims=True)

model = tf.keras.Sequential([LSTM(4, input_shape=(6, 3), return_sequences=True)])
count = 2
while count > 0:
    model.add(GRU(4, return_sequences=True))
    count -= 1
model.add(Dense(6, name="parts"))
left, right = tf.split(model.output, 2, axis=-1)
weights = Dense(1)(inputs=model.get_layer("parts").input)
weights = Activation(attend)(weights)
left = Dense(3, activation=lambda x: K.exp(-x))(left)
joined = Multiply()([weights, Add()([left, right])])
model = Model(model.input, Activation("softmax")(joined))
'''

FUNCTIONAL = '''
from keras.layers import Input, Dense, GRU, LSTM, Concatenate, Conv1D, GlobalMaxPooling1D, add
from keras.models import Model
from keras import backend as K
from windows import load  # training

X, y = load("signals.csv")  # training

def block(x, filters, kernel=3):
    y = Conv1D(filters, kernel, padding="same", activation="relu")(x)
    if x.shape[-1] != filters:
        x = Conv1D(filters, 1)(x)
    return add([x, y])

def build(n_features, units=5, n_out=2):
    a = Input((None, n_features), name="signal")
    b = Input(shape=(6, 2))
    x = block(block(a, 4), 4)
    out, state = GRU(units, return_state=True, return_sequences=True)(x)
    z = GRU(units)(b, initial_state=state)
    pooled = GlobalMaxPooling1D()(out)
    last = out[:, -1, :]
    h = Concatenate()([pooled, last * 0.5, z])
    return Model([a, b], Dense(n_out, name="head")(h))

model = build(X.shape[2])
'''

NOTEBOOK = [
    "# %matplotlib inline\nimport tensorflow as tf\nfrom tensorflow import keras\nlayers = keras.layers",
    "!pip install something\nn_features = frame.shape[1]  # training",
    "model = keras.Sequential([layers.LSTM(3), layers.Dense(1)])",
    "model = keras.Sequential([\n    layers.Masking(-1.0),\n    layers.GRU(6, return_sequences=True),\n"
    "    layers.BatchNormalization(),\n    layers.GRU(4, recurrent_activation='hard_sigmoid'),\n"
    "    layers.LeakyReLU(0.1),\n    layers.Dense(n_features),\n])\nmodel.build((None, None, n_features))",
    "history = model.fit(train, epochs=3)  # training",
]

LAMBDAS = '''
import tensorflow as tf
from tensorflow.keras import layers, models
from tensorflow.keras import backend as K

def spread(z):
    return (z - K.mean(z, axis=1, keepdims=True)) / (K.std(z, axis=1, keepdims=True) + 1e-3)

model = models.Sequential([
    layers.Lambda(lambda x: tf.expand_dims(x, axis=-1), input_shape=[8]),
    layers.Lambda(spread),
    layers.SimpleRNN(5, return_sequences=True),
    layers.Lambda(lambda x, n=2: x[:, -n:], name="tail"),
    layers.Flatten(),
    layers.Dense(3),
    layers.Lambda(lambda x: x * 10.0),
])
'''

SUBCLASSED = '''
import keras
from keras import layers, ops

class Block(layers.Layer):
    def __init__(self, filters):
        super().__init__()
        self.conv = layers.Conv1D(filters, 3, padding="causal")
        self.norm = layers.LayerNormalization()

    def call(self, x):
        return ops.relu(self.norm(self.conv(x)))

class Net(keras.Model):
    def __init__(self, filters=(4, 6), units=5, n_out=2):
        super().__init__()
        self.blocks = [Block(f) for f in filters]
        self.rnn = layers.LSTM(units, return_sequences=True)
        self.drop = layers.Dropout(0.3)
        self.head = keras.Sequential([layers.Dense(4, activation="tanh"), layers.Dense(n_out)])

    def call(self, inputs, training=None):
        x = inputs
        for block in self.blocks:
            x = block(x)
        x = self.drop(self.rnn(x), training=training)
        weights = ops.softmax(ops.mean(x, axis=-1, keepdims=True), axis=1)
        return self.head(ops.sum(weights * x, axis=1))

model = Net()
'''


def randomize(model, seed):
    generator = np.random.default_rng(seed)
    model.set_weights(
        [
            np.abs(generator.normal(0, 0.4, w.shape)) + 0.1
            if "variance" in v.path or "variance" in getattr(v, "name", "")
            else generator.normal(0, 0.4, w.shape)
            for v, w in zip(model.weights, model.get_weights())
        ]
    )



def run(source, library, names):
    text = "\n".join(line for line in source.splitlines() if "# training" not in line and not line.startswith("!"))
    modules = {}
    if library is tf_keras:
        text = text.replace("tensorflow.keras", "tf_keras").replace("from keras", "from tf_keras")
        text = text.replace("from tensorflow import keras", "import tf_keras as keras")
    text = text.replace("import pandas as pd\n", "")
    scope = dict(names, **modules)
    exec(compile(text, "program", "exec"), scope)
    return scope["model"]


def save(folder, name, source, model, inputs, weights, notebook=None):
    for variable in model.weights:
        if not hasattr(variable, "path"):
            type(variable).path = property(lambda v: v.name)
            break
    randomize(model, len(name))
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    model.save_weights(os.path.join(folder, name + weights))
    arrays = {f"in_{i}": x for i, x in enumerate(inputs)}
    arrays["out_0"] = outputs
    with zipfile.ZipFile(os.path.join(folder, name + ".golden.npz"), "w", zipfile.ZIP_DEFLATED) as archive:
        for key, value in arrays.items():
            data = io.BytesIO()
            np.save(data, value)
            archive.writestr(zipfile.ZipInfo(key + ".npy", (1980, 1, 1, 0, 0, 0)), data.getvalue())
    if notebook is None:
        with open(os.path.join(folder, name + ".py"), "w") as file:
            file.write(source.lstrip("\n"))
    else:
        cells = [
            {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell}
            for cell in notebook
        ]
        with open(os.path.join(folder, name + ".ipynb"), "w") as file:
            json.dump({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, file, indent=1)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    generator = np.random.default_rng(5)

    def normal(*shape):
        return generator.normal(size=shape).astype("float32")

    class Frame:
        shape = (100, 3)

    class Data:
        shape = (100, 9, 3)

    tokens = generator.integers(1, 11, (3, 7)).astype("float32")
    tokens[1, 4:] = 0
    model = run(SEQUENTIAL, tf_keras, {"chars": list("abcdefghijk")})
    save(folder, "sequential", SEQUENTIAL, model, [tokens], ".h5")
    keras.utils.clear_session()
    model = run(SEQUENTIAL.replace("tensorflow.keras", "keras").replace(", input_length=CONFIG[\"steps\"]", ""), keras,
                {"chars": list("abcdefghijk")})
    model(tokens)
    save(folder, "sequential3", SEQUENTIAL.replace(", input_length=CONFIG[\"steps\"]", ""), model, [tokens],
         ".weights.h5")

    model = run(CELLS, tf_keras, {"vocabulary": list(range(11)), "units_of": lambda data: 3, "data": None})
    words = np.random.default_rng(8).integers(0, 11, (2, 5)).astype("float32")
    model(words)
    save(folder, "cells", CELLS, model, [words], ".h5")

    model = run(REWRAPPED.replace("import tensorflow as tf", "import tensorflow as tf; tf.keras = tf_keras"), tf_keras,
                {"tf_keras": tf_keras})
    save(folder, "rewrapped", REWRAPPED, model, [np.random.default_rng(9).normal(size=(2, 6, 3)).astype("float32")], ".h5")

    model = run(FUNCTIONAL, tf_keras, {"X": Data})
    save(folder, "functional", FUNCTIONAL, model, [normal(2, 9, 3), normal(2, 6, 2)], ".h5")

    masked = normal(3, 6, 3)
    masked[2, 4:] = -1
    model = run("\n".join(NOTEBOOK), tf_keras, {"n_features": 3})
    save(folder, "notebook", "", model, [masked], ".h5", NOTEBOOK)

    model = run(LAMBDAS, tf_keras, {})
    x = normal(3, 8)
    save(folder, "lambdas", LAMBDAS, model, [x], ".h5")
    model.save(os.path.join(folder, "whole_lambdas.h5"))

    model = run(SUBCLASSED, keras, {})
    x = normal(2, 6, 3)
    model(x)
    save(folder, "subclassed", SUBCLASSED, model, [x], ".weights.h5")


if __name__ == "__main__":
    main(sys.argv[1])
