"""Writes a model whose pictures are changed in training, and what `predict` computes (keras3/augmented, tf_keras/augmented).

usage: gen_keras_augmented.py TESTDATA          (Keras 3, tf_keras)
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tf_keras  # noqa: E402

for library, folder in ((keras, "keras3"), (tf_keras, "tf_keras")):
    layers = library.layers
    library.utils.set_random_seed(1)
    x = picture = library.Input((6, 5, 1))
    for change in (layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.2), layers.RandomContrast(0.3),
                   layers.RandomTranslation(0.1, 0.1)):
        x = change(x)
    x = layers.Conv2D(2, 3, activation="relu")(x)
    x = layers.LSTM(3)(layers.Reshape((4, 6))(x))
    model = library.Model(picture, layers.Dense(2)(x))
    pictures = np.random.default_rng(1).uniform(size=(3, 6, 5, 1)).astype("float32")
    path = os.path.join(sys.argv[1], folder, "augmented")
    model.save(path + ".keras")
    np.savez(path + ".golden.npz", in_0=pictures, out_0=model.predict(pictures, verbose=0))
