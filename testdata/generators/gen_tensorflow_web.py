"""What quantized models of TensorFlow.js compute with the numbers that their files stand for (tensorflow/web/).

usage: gen_tensorflow_web.py TESTDATA

The goldens beside these models are of the models before they were quantized. `NAME.dequantized.golden.npz` has what tf_keras 2.21 computes of the same input with
value * scale + min of every weight, as TensorFlow.js does when it loads them.
"""
import json
import os
import sys

os.environ.update(
    TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", TF_USE_LEGACY_KERAS="1", CUDA_VISIBLE_DEVICES="")
import numpy as np
import tf_keras as keras

root = os.path.join(sys.argv[1], "tensorflow", "web")
for name, reset_after in (("gru_uint8", True), ("gru_uint16", False)):
    folder = os.path.join(root, name)
    with open(os.path.join(folder, "model.json")) as file:
        manifest = json.load(file)["weightsManifest"]
    weights = {}
    for group in manifest:
        content = b"".join(open(os.path.join(folder, path), "rb").read() for path in group["paths"])
        offset = 0
        for own in group["weights"]:
            rule = own["quantization"]
            stored = np.frombuffer(content, rule["dtype"], int(np.prod(own["shape"])), offset)
            offset += stored.nbytes
            real = stored.astype("f4") * np.float32(rule["scale"]) + np.float32(rule["min"])
            weights[own["name"]] = real.reshape(own["shape"])
    data = np.load(os.path.join(root, name + ".golden.npz"))["in_0"]
    model = keras.Sequential(
        [keras.Input(data.shape[1:]), keras.layers.GRU(4, reset_after=reset_after), keras.layers.Dense(2)])
    model.set_weights([weights["gru/gru_cell/" + part] for part in ("kernel", "recurrent_kernel", "bias")]
                      + [weights["dense/kernel"], weights["dense/bias"]])
    np.savez_compressed(
        os.path.join(root, name + ".dequantized.golden.npz"), in_0=data, out_0=model(data).numpy())
