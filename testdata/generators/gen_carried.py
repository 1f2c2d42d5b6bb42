"""Layers of unknown classes that pass from file to file: carried_NAME.h5 and .keras.  usage: gen_carried.py keras3|tf_keras OUT

The classes are the generator's own, so the models can be listed, converted and compared, and not run. With `judge RECUR` in place
of OUT, Keras loads what recur converts and compares the outputs.
"""
import os
import subprocess
import sys
import tempfile

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="-1")
import numpy as np


def models(K):
    L = K.layers
    register = (K.utils if K.__name__ == "tf_keras" else K.saving).register_keras_serializable

    @register("mine")
    class Scale(L.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1],), name="w", initializer="random_normal")
            self.c = self.add_weight(shape=(1,), name="c", trainable=False, initializer="ones")
            super().build(shape)

        def call(self, x):
            return x * self.w + self.c

    @register("mine")
    class Block(L.Layer):
        def __init__(self, units=3, **options):
            super().__init__(**options)
            self.units = units
            self.first, self.second = L.Dense(units, name="first"), L.Dense(units, name="second")

        def build(self, shape):
            self.first.build(shape)
            self.second.build((*shape[:-1], self.units))
            super().build(shape)

        def call(self, x):
            return self.second(self.first(x))

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    @register("mine")
    class Two(L.Layer):
        def call(self, x, other=None, factor=1.0):
            return x + factor * other

    x = L.Input((6, 3), name="x")
    y = L.LSTM(3, return_sequences=True, name="before")(x)
    scale = Scale(name="scale")
    image = L.Input((8, 8, 1), name="image")
    return {
        "call": K.Model(x, L.LSTM(2, name="lstm")(Two(name="two")(x, other=y, factor=2.0))),
        "shared": K.Model(x, L.Dense(2, name="fc")(L.LSTM(4, name="lstm")(scale(scale(x))))),
        "nested": K.Model(x, L.Dense(2, name="fc")(L.LSTM(4, name="lstm")(Block(5, name="block")(x)))),
        "built_in": K.Model(image, L.Dense(2, name="fc")(L.Flatten()(L.Conv2D(2, 3, name="conv")(image)))),
    }


def fill(model, seed):
    random = np.random.default_rng(seed)
    model.set_weights([(random.normal(size=w.shape) * 0.5).astype("f4") for w in model.get_weights()])


def judge(K, recur):
    import keras
    import tf_keras
    for seed, (name, model) in enumerate(models(K).items()):
        fill(model, seed)
        x = np.random.default_rng(9).normal(size=(2, *model.inputs[0].shape[1:])).astype("f4")
        wanted = np.asarray(model(x, training=False))
        with tempfile.TemporaryDirectory() as folder:
            for ending in ("h5", "keras"):
                source = f"{folder}/in.{ending}"
                try:
                    model.save(source)
                except ValueError as error:
                    print(K.__name__, name, ending, "is not saved:", error)
                    continue
                for target, options in (("out.keras", []), ("out.h5", []), ("two.h5", ["--to", "keras2-h5"])):
                    result = subprocess.run([recur, "convert", source, f"{folder}/{target}", "--force", "-q", *options], capture_output=True, text=True)
                    if result.returncode:
                        print(K.__name__, name, ending, target, "refused:", result.stderr.splitlines()[0])
                        continue
                    judging = tf_keras if options else keras
                    models(judging)
                    got = np.asarray(judging.models.load_model(f"{folder}/{target}", compile=False)(x, training=False))
                    print(K.__name__, name, ending, target, "right" if np.abs(got - wanted).max() < 1e-5 else "WRONG")


def main():
    K = __import__("keras" if sys.argv[1] == "keras3" else "tf_keras")
    if sys.argv[2] == "judge":
        return judge(K, sys.argv[3])
    for seed, (name, model) in enumerate(models(K).items()):
        fill(model, seed)
        for ending in ("h5", "keras") if K.__name__ == "keras" else ("h5",):
            if name != "nested" or K.__name__ == "keras":
                model.save(os.path.join(sys.argv[2], f"carried_{name}.{ending}"))


main()
