"""Runs the lines of docs/goldens.md in the frameworks.  usage: gen_goldens.py keras|torch|onnx|tensorflow|tf_keras OUT

Writes `OUT/NAME.…` and `OUT/NAME.golden.npz` for a small model of each; the goldens are what the lines of the page wrote.
"""
import os
import re
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
import numpy as np

kind, out = sys.argv[1], os.path.abspath(sys.argv[2])
os.makedirs(out, exist_ok=True)
page = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/goldens.md")).read()
lines = dict(re.findall(r"```python ([\w-]+)\n(.*?)```", page, re.S))
features = 4
scope = {"features": features}


def fill(model):
    r = np.random.RandomState(5)
    model.set_weights([(r.standard_normal(w.shape) * 0.5).astype("float32") for w in model.get_weights()])


def keras_model(keras, masks=True):
    L = keras.layers
    model = keras.Sequential(
        [L.InputLayer(**({"shape": (None, features)} if keras.__version__[0] == "3" else {"input_shape": (None, features)}))]
        + ([L.Masking(0.0, name="mask")] if masks else [])
        + [L.LSTM(5, return_sequences=True, name="below"), L.GRU(3, name="above"), L.Dense(2, name="head")])
    fill(model)
    return model


os.chdir(out)
if kind in ("keras", "tf_keras"):
    keras = __import__(kind)
    scope.update(model=keras_model(keras), keras=keras)
    scope["model"].save(kind + ".h5")
    code = lines["keras"].replace("np.savez", lines["keras-traces"] + "np.savez")
elif kind == "torch":
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = torch.nn.LSTM(features, 5, 2, batch_first=True, bidirectional=True)
            self.head = torch.nn.Linear(10, 2)

        def forward(self, x):
            return self.head(self.rnn(x)[0])

    torch.manual_seed(5)
    scope.update(model=Net(), torch=torch)
    torch.save(scope["model"].state_dict(), "torch.pt")
    with open("torch.json", "w") as f:
        f.write('{"layers": [{"type": "nn.LSTM", "key": "rnn", "input_size": 4, "hidden_size": 5, "num_layers": 2, "bidirectional": true, '
                '"batch_first": true, "select": "output"}, {"type": "nn.Linear", "key": "head", "in_features": 10, "out_features": 2}]}\n')
    code = lines["torch"].replace("np.savez", lines["torch-traces"] + "np.savez")
elif kind == "onnx":
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = torch.nn.GRU(features, 5, batch_first=True)
            self.head = torch.nn.Linear(5, 2)

        def forward(self, x):
            return self.head(self.rnn(x)[0])

    torch.manual_seed(6)
    x = torch.zeros(2, 6, features)
    torch.onnx.export(Net().eval(), (x,), "model.onnx", input_names=["x"], output_names=["y"], dynamo=False,
                      dynamic_axes={"x": {0: "batch", 1: "steps"}, "y": {0: "batch", 1: "steps"}})
    code = lines["onnx"]
else:
    import tensorflow as tf
    import tf_keras

    tf.saved_model.save(keras_model(tf_keras, masks=False), "saved_model")
    code = lines["tensorflow"]
exec(compile(code, "docs/goldens.md", "exec"), scope)
os.replace("golden.npz", kind + ".golden.npz")
if kind == "onnx":
    os.replace("model.onnx", "onnx.onnx")
