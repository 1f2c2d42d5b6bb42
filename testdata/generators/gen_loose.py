"""loose/: what people save by hand beside the usual ways, and foreign/own_class.pkl and foreign/compressed_….

usage: gen_loose.py torch|keras3|foreign|rewritten TESTDATA        (torch; Keras 3; NumPy, joblib and lz4, and torch; NumPy)

`parts.pt` is a dictionary of the state dicts of two modules of one model, with its declaration and what the model computed.
"""
import os
import pickle
import sys

import numpy as np

mode, root = sys.argv[1:3]
OUT = os.path.join(root, "loose")
os.makedirs(OUT, exist_ok=True)


def path(name):
    return os.path.join(OUT, name)


def of_torch():
    import json

    import torch
    from torch import nn

    torch.manual_seed(16)
    lstm, fc, x = nn.LSTM(2, 3, batch_first=True), nn.Linear(3, 2), torch.randn(2, 4, 2)
    parts = {"lstm": lstm.state_dict(), "fc": fc.state_dict()}
    torch.save(parts, path("parts.pt"))
    with torch.no_grad():
        np.savez(path("parts.golden.npz"), in_0=x.numpy(), out_0=fc(lstm(x)[0][:, -1]).numpy())
    with open(path("parts.json"), "w") as file:
        json.dump({"layers": [{"type": "nn.LSTM", "key": "lstm", "batch_first": True, "select": "last"},
                              {"type": "nn.Linear", "key": "fc"}]}, file)
        file.write("\n")
    torch.save(parts, path("parts_undeclared.pt"))
    # 'model' is plainly the model, unless a declaration names both.
    torch.save({"model": lstm.state_dict(), "head": fc.state_dict()}, path("parts_of_model.pt"))
    torch.save({("a", 1): torch.ones(2), ("b", 2): torch.ones(3)}, path("tuple_keys.pt"))
    torch.save({"weight": [[1.5, 2.5], [3.5, 4.5]], "bias": [1.0, 2.0]}, path("lists.pt"))
    torch.save({"seen": {1, 2, 3}, "weights": {torch.ones(2), torch.zeros(3)}, "lstm": lstm.state_dict()}, path("sets.pt"))
    torch.save({"array": np.ones((2, 3)), "one": {"a": 1}, "state_dict": lstm.state_dict()}, path("beside.pt"))
    half = nn.Linear(3, 2)
    half.weight.data = half.weight.data.half()
    model = nn.ModuleDict({"lstm": lstm, "norm": nn.BatchNorm1d(3), "fc": fc})
    torch.save(model.state_dict(), path("batch_norm.pt"))
    torch.save({"stray": torch.ones(2), **{"fc." + k: v for k, v in half.state_dict().items()},
                **{"lstm." + k: v for k, v in lstm.state_dict().items()}}, path("two_types.pt"))


def of_keras3():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    from keras import layers

    keras.utils.set_random_seed(16)

    def model(*tail):
        return keras.Sequential([keras.Input((4, 2)), layers.LSTM(3, name="lstm"), layers.Dense(3, name="dense"), *tail])

    quantized = model(layers.Dense(2, name="head"))
    quantized.quantize("int8")
    quantized.save(path("int8.keras"))
    adapted = model(layers.Dense(2, name="head"))
    adapted.get_layer("dense").enable_lora(2)
    adapted.save(path("lora.keras"))


def foreign():
    import joblib
    import torch
    from torch import nn

    def other(name):
        return os.path.join(root, "foreign", name)

    class Cell:
        def __init__(self):
            self.kernel = np.arange(6, dtype="f4").reshape(2, 3)
            self.parts = {"bias": np.zeros(3, "f4")}
            self.title = "cell"

    # A class of a module that nobody else has.
    Cell.__module__, Cell.__qualname__ = "own.cells", "Cell"
    sys.modules["own"] = sys.modules["own.cells"] = type(sys)("own.cells")
    sys.modules["own.cells"].Cell = Cell
    with open(other("own_class.pkl"), "wb") as file:
        pickle.dump(Cell(), file, protocol=2)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(2))

    Net.__module__, Net.__qualname__ = "own.cells", "Net"
    sys.modules["own.cells"].Net = Net
    with open(other("own_module.pkl"), "wb") as file:
        pickle.dump(Net(), file, protocol=2)
    for how in ("zlib", "gzip", "bz2", "lzma", "xz", "lz4"):
        joblib.dump({"kernel": np.ones((2, 3), "f4")}, other(f"compressed_{how}.joblib"), compress=(how, 3))


def rewritten():
    """An axis that is counted from the end behind a layer whose output has no known shape."""
    import json
    import zipfile

    with zipfile.ZipFile(os.path.join(root, "keras_field", "picture_without_shapes.keras")) as archive:
        entries = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path("axis_from_end.keras"), "w") as archive:
        for info, content in entries:
            if info.filename == "config.json":
                config = json.loads(content)
                for layer in config["config"]["layers"]:
                    if layer["class_name"] == "BatchNormalization":
                        layer["config"]["axis"] = -2
                content = json.dumps(config).encode()
            archive.writestr(zipfile.ZipInfo(info.filename), content)


{"torch": of_torch, "keras3": of_keras3, "foreign": foreign, "rewritten": rewritten}[mode]()
