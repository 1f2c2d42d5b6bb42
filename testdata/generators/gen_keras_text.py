"""Writes models that begin with text (keras3/text_*, tf_keras/text_*), with goldens whose inputs are strings.

usage: gen_keras_text.py TESTDATA          (Keras 3, tf_keras)
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tf_keras  # noqa: E402

root = sys.argv[1]
TEXTS = np.array(["the cat dog  xx", "\u00c4RGER the-cat x.y", "", "The dog, \u00c4rger \u00e4rger!"])
ADAPTED = ["the cat sat", "the dog, \u00c4rger"]
VECTORIZED = {
    "pairs": dict(ngrams=2), "count": dict(output_mode="count", max_tokens=20, pad_to_max_tokens=True),
    "characters": dict(split="character", standardize="lower", output_sequence_length=6)}
LOOKED_UP = {"mask": dict(mask_token="b"), "one_hot": dict(output_mode="one_hot"), "count": dict(output_mode="count")}


def save(library, folder, name, model, texts):
    path = os.path.join(root, folder, name)
    model.save(path + ".keras")
    np.savez(path + ".golden.npz", in_0=texts, out_0=np.array(model(tf.constant(texts if texts.ndim > 1 else texts[:, None]))))


for library, folder in ((keras, "keras3"), (tf_keras, "tf_keras")):
    layers = library.layers
    for name, options in VECTORIZED.items():
        if library is tf_keras and name != "pairs":
            continue
        library.utils.set_random_seed(1)
        x = text = library.Input((1,), dtype="string")
        vectors = layers.TextVectorization(**options)
        vectors.adapt(ADAPTED)
        x = vectors(x)
        if "output_mode" not in options:
            x = layers.LSTM(3)(layers.Embedding(30, 4, mask_zero=True)(x))
        save(library, folder, "text_" + name, library.Model(text, layers.Dense(2)(x)), TEXTS)
    for name, options in LOOKED_UP.items():
        if library is tf_keras and name != "mask":
            continue
        library.utils.set_random_seed(2)
        width = 1 if name == "one_hot" else 3
        text = library.Input((width,), dtype="string")
        x = layers.StringLookup(vocabulary=["a", "c", "d"], **options)(text)
        x = layers.LSTM(3)(layers.Embedding(6, 2)(x)) if name == "mask" else layers.Dense(2)(x)
        save(library, folder, "text_lookup_" + name, library.Model(text, x), np.array([["a", "b", "d"], ["z", "c", "c"]])[:, :width])
