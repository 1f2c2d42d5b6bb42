"""Adaptive pooling over one to three axes and the middle of pictures, in front of an LSTM (keras3/pictures).

usage: gen_keras_pictures.py TESTDATA          (Keras 3.12 or later)

pictures.keras and its golden; uneven.keras, whose windows have several sizes.
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402
import numpy as np  # noqa: E402

layers = keras.layers
keras.utils.set_random_seed(3)
line, picture, volume = keras.Input((12, 4)), keras.Input((8, 6, 3)), keras.Input((4, 4, 6, 2))
middle = layers.CenterCrop(5, 3)(picture)
pooled = layers.AdaptiveAveragePooling2D((4, 2))(picture)
outputs = [
    layers.LSTM(3)(layers.AdaptiveMaxPooling1D(4)(line)), layers.AdaptiveAveragePooling1D(3)(line),
    layers.LSTM(3)(layers.Reshape((4, 6))(pooled)), layers.AdaptiveMaxPooling2D(2)(picture), middle,
    layers.AdaptiveAveragePooling3D((2, 4, 3))(volume), layers.AdaptiveMaxPooling3D((2, 2, 3))(volume)]
model = keras.Model([line, picture, volume], outputs)
random = np.random.default_rng(3)
arrays = [random.standard_normal((2,) + tuple(x.shape[1:])).astype("float32") for x in model.inputs]
results = model.predict(arrays, verbose=0)
path = os.path.join(sys.argv[1], "keras3", "pictures")
model.save(path + ".keras")
named = {"in_%d" % i: a for i, a in enumerate(arrays)} | {"out_%d" % i: np.asarray(y) for i, y in enumerate(results)}
np.savez(path + ".golden.npz", **named)
keras.Model(line, layers.LSTM(3)(layers.AdaptiveAveragePooling1D(5)(line))).save(os.path.join(sys.argv[1], "keras3", "uneven.keras"))
