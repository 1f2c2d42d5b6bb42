"""Records models of ONNX as model zoos do: test_data_set_N/input_0.pb, … and output_0.pb, …

usage: gen_onnx_recordings.py MODEL.onnx FOLDER    (onnx, onnxruntime, numpy)

Two recordings of other batches and lengths; the second one's files name the inputs and are numbered the other
way round.
"""
import os
import sys

import numpy as np
import onnxruntime
from onnx import numpy_helper

model, folder = sys.argv[1:3]
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
inputs = session.get_inputs()
for number, extents in enumerate([(5, 2), (3, 1)]):
    rng = np.random.RandomState(30 + number)
    arrays = {}
    for given in inputs:
        shape = [d if isinstance(d, int) else extents[d == "batch"] for d in given.shape]
        array = rng.standard_normal(shape).astype(np.float32)
        arrays[given.name] = rng.randint(1, extents[0] + 1, shape).astype(np.int32) if "int32" in given.type else array
    own = os.path.join(folder, "test_data_set_%d" % number)
    os.makedirs(own, exist_ok=True)
    named = list(arrays.items())
    if number:
        named.reverse()
    for index, (name, array) in enumerate(named):
        with open(os.path.join(own, "input_%d.pb" % index), "wb") as file:
            file.write(numpy_helper.from_array(array, name if number else "").SerializeToString())
    for index, array in enumerate(session.run(None, arrays)):
        with open(os.path.join(own, "output_%d.pb" % index), "wb") as file:
            file.write(numpy_helper.from_array(array).SerializeToString())
