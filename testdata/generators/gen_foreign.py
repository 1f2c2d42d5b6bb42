"""Small files of formats that recur names and does not read (foreign/).

usage: gen_foreign.py TESTDATA        (tensorflow, onnx, coremltools, flax, torch, numpy)

TensorFlow.js and the formats of audio plug-ins are JSON that is written here as their loaders document it; everything else is written by the
framework itself. `judge_foreign.py` runs the lines that recur gives for each.
"""
import json
import os
import pickle
import shutil
import sys
import types
import warnings

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")
root = os.path.join(sys.argv[1], "foreign")
shutil.rmtree(root, ignore_errors=True)
os.makedirs(root)
weights = np.arange(6, dtype="f4").reshape(2, 3) / 8


def path(name):
    return os.path.join(root, name)


def text(name, value):
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    with open(path(name), "w") as f:
        json.dump(value, f)
        f.write("\n")


# --- TensorFlow
import tensorflow as tf  # noqa: E402


class Module(tf.Module):
    def __init__(self):
        self.kernel = tf.Variable(weights, name="kernel")

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    def __call__(self, x):
        return x @ self.kernel


module = Module()
tf.saved_model.save(module, path("saved_model"))
tf.train.Checkpoint(model=module).write(path("tf_checkpoint"))
concrete = module.__call__.get_concrete_function()
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # noqa: E402
graph = convert_variables_to_constants_v2(concrete).graph.as_graph_def()
open(path("frozen.pb"), "wb").write(graph.SerializeToString())
converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
open(path("model.tflite"), "wb").write(converter.convert())
text("tfjs/model.json", {"format": "layers-model", "modelTopology": {"class_name": "Sequential", "config": []}, "weightsManifest": [
    {"paths": ["group1-shard1of1.bin"], "weights": [{"name": "dense/kernel", "shape": [2, 3], "dtype": "float32"}]}]})
weights.tofile(path("tfjs/group1-shard1of1.bin"))

# --- graphs
import onnx  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

node = helper.make_node("MatMul", ["x", "kernel"], ["y"])
graph = helper.make_graph([node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])],
                          [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])], [numpy_helper.from_array(weights, "kernel")])
onnx.save(helper.make_model(graph, producer_name="gen_foreign", opset_imports=[helper.make_opsetid("", 13)]), path("model.onnx"))

# --- Core ML
import coremltools as ct  # noqa: E402
from coremltools.converters.mil import Builder as mb  # noqa: E402
from coremltools.models import datatypes, neural_network  # noqa: E402


@mb.program(input_specs=[mb.TensorSpec(shape=(1, 16))])
def program(x):
    return mb.linear(x=x, weight=np.ones((8, 16), "f4"), bias=np.zeros(8, "f4"))


ct.convert(program, convert_to="mlprogram", compute_precision=ct.precision.FLOAT32).save(path("model.mlpackage"))
builder = neural_network.NeuralNetworkBuilder([("x", datatypes.Array(2))], [("y", datatypes.Array(3))])
builder.add_inner_product("dense", weights.T, np.zeros(3), 2, 3, True, "x", "y")
ct.utils.save_spec(builder.spec, path("model.mlmodel"))

# --- torch
import torch  # noqa: E402
import torch.distributed.checkpoint as dcp  # noqa: E402
from torch.package import PackageExporter  # noqa: E402

torch.manual_seed(1)
dcp.save({"fc.weight": torch.tensor(weights)}, checkpoint_id=path("distributed"))
with PackageExporter(path("package.pt")) as exporter:
    exporter.extern("torch.**")
    exporter.save_pickle("network", "model.pkl", torch.nn.Linear(2, 1))
with open(path("state_dict.pkl"), "wb") as f:
    pickle.dump({"fc.weight": torch.tensor(weights)}, f)
for name in ("darts", "darts.models"):
    sys.modules[name] = types.ModuleType(name)
RNNModel = type("RNNModel", (), {"__module__": "darts.models"})
sys.modules["darts.models"].RNNModel = RNNModel
model = RNNModel()
model.input_chunk_length = 12
torch.save(model, path("wrapper.pt"))

# --- arrays
with open(path("arrays.pkl"), "wb") as f:
    pickle.dump({"kernel": weights}, f)
