"""Calls of attention that ask for its scores, and layers that need a shape behind a Lambda.

usage: gen_keras_calls.py TESTDATA          (Keras 3, tf_keras)

keras3 and tf_keras: scores_unused.keras and its golden; scores_used.keras; behind_lambda.keras.
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tf_keras  # noqa: E402

for library, folder in ((keras, "keras3"), (tf_keras, "tf_keras")):
    layers = library.layers

    def save(name, x, y):
        library.utils.set_random_seed(7)
        model = library.Model(x, y)
        for weight in model.weights:
            weight.assign(np.random.default_rng(len(weight.shape)).normal(scale=0.5, size=weight.shape))
        path = os.path.join(sys.argv[1], folder, name)
        model.save(path + ".keras")
        return model, path

    def attended():
        x = library.Input((6, 3))
        return x, layers.LSTM(4, return_sequences=True)(x)

    x, y = attended()
    several, _ = layers.MultiHeadAttention(2, 3)(y, y, return_attention_scores=True)
    one, _ = layers.Attention()([y, y], return_attention_scores=True)
    model, path = save("scores_unused", x, layers.Dense(1)(layers.Concatenate()([several, one])))
    sequence = np.random.default_rng(1).standard_normal((2, 6, 3)).astype("float32")
    np.savez(path + ".golden.npz", in_0=sequence, out_0=model.predict(sequence, verbose=0))

    x, y = attended()
    several, scores = layers.MultiHeadAttention(2, 3)(y, y, return_attention_scores=True)
    save("scores_used", x, [layers.Dense(1)(several), scores])

    x, y = attended()
    last = layers.Lambda(lambda t: t[:, -1, :], output_shape=(4,), name="last")(y)
    weights = layers.Activation("softmax")(layers.Dot([1, 2])([last, layers.Dense(4)(y)]))
    context = layers.Dot([1, 1])([y, weights])
    save("behind_lambda", x, layers.Dense(5)(layers.Concatenate()([context, last])))
