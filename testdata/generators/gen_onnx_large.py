"""Writes a model of ONNX whose weights, 2 GiB, are in a second file that is not written.

usage: gen_onnx_large.py FOLDER    (onnx, numpy)
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

U = 4096


def weight(name, shape, offset):
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
    count = 4 * int(np.prod(shape))
    for key, text in (("location", "large.onnx.data"), ("offset", str(offset)), ("length", str(count))):
        tensor.external_data.add(key=key, value=text)
    return tensor, offset + count


weights, nodes, name, offset = [numpy_helper.from_array(np.array([1]), "one")], [], "x", 0
for layer in range(4):
    for letter, shape in (("W", [1, 4 * U, U]), ("R", [1, 4 * U, U]), ("B", [1, 8 * U])):
        tensor, offset = weight("%s%d" % (letter, layer), shape, offset)
        weights.append(tensor)
    nodes += [helper.make_node("LSTM", [name] + ["%s%d" % (letter, layer) for letter in "WRB"], ["s%d" % layer], hidden_size=U),
              helper.make_node("Squeeze", ["s%d" % layer, "one"], ["y%d" % layer])]
    name = "y%d" % layer
sequence = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["time", "batch", U]) for n in ("x", name)]
graph = helper.make_graph(nodes, "g", sequence[:1], sequence[1:], weights)
os.makedirs(sys.argv[1], exist_ok=True)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), os.path.join(sys.argv[1], "large.onnx"))
print("large.onnx.data has", offset, "bytes")
