"""Writes models of ONNX in which every row of a batch takes elements of its own, and elements are put
at known positions, with what ONNX Runtime computes.

usage: gen_onnx_rows.py FOLDER    (onnx, onnxruntime, numpy)
"""
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
rng = np.random.RandomState(19)
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
F, U, BATCH, TIME = 3, 4, 3, 5


def numbers(*shape):
    return (rng.standard_normal(shape) * 0.5).astype(np.float32)


def weights(name, *shape):
    return numpy_helper.from_array(numbers(*shape), name)


def whole(name, values):
    return numpy_helper.from_array(np.asarray(values, np.int64), name)


def value(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


def save(name, nodes, inputs, outputs, initializers, arrays):
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializers)
    m = helper.make_model(graph, producer_name="gen_onnx_rows", ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    onnx.checker.check_model(m)
    path = os.path.join(folder, name + ".onnx")
    onnx.save(m, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    results = session.run(None, {i.name: a for i, a in zip(session.get_inputs(), arrays)})
    golden = {"in_%d" % i: a for i, a in enumerate(arrays)}
    golden.update({"out_%d" % i: a for i, a in enumerate(results)})
    np.savez_compressed(os.path.join(folder, name + ".golden.npz"), **golden)


def lstm(source, result, directions=1):
    """Reads and puts out sequences with time first."""
    attributes = {"direction": "bidirectional"} if directions == 2 else {}
    return [node("LSTM", source + " W R B", result + "4 h c", hidden_size=U, **attributes), node("Squeeze", result + "4 one", result)]


def cell(directions=1):
    return [weights("W", directions, 4 * U, F), weights("R", directions, 4 * U, U), weights("B", directions, 8 * U), whole("one", [1])]


sequence = numbers(BATCH, TIME, F)
lengths = np.array([5, 2, 3])
x, steps = value("x", ["batch", "time", F]), value("x", ["time", "batch", F])
given = value("lengths", ["batch"], INT64)

# Sequences turned around by their lengths, in front of a layer and behind it.
save("reversed_time_first",
     [node("ReverseSequence", "x lengths", "back", time_axis=0, batch_axis=1)] + lstm("back", "s")
     + [node("ReverseSequence", "s lengths", "y", time_axis=0, batch_axis=1)],
     [steps, given], [value("y", ["time", "batch", U])], cell(), [sequence.transpose(1, 0, 2).copy(), lengths])
save("reversed_batch_first",
     [node("ReverseSequence", "x lengths", "back", time_axis=1, batch_axis=0), node("Transpose", "back", "steps", perm=[1, 0, 2])]
     + lstm("steps", "s") + [node("Transpose", "s", "y", perm=[1, 0, 2])],
     [x, given], [value("y", ["batch", "time", U])], cell(), [sequence, lengths])

# The element of every row at its length less 1: by pairs of numbers, and by one number in joined rows, as torch's exporter writes it.
rows = [node("Shape", "s", "shape"), node("Gather", "shape first", "count"), node("Range", "first count next", "row"),
        node("Sub", "lengths next", "last")]
plain = [whole("first", 0), whole("next", 1), whole("end", [-1]), whole("joined", [-1, U])]
pairs = [node("Unsqueeze", "row end", "row1"), node("Unsqueeze", "last end", "last1")]
save("last_by_pairs",
     [node("Transpose", "x", "steps", perm=[1, 0, 2])] + lstm("steps", "t") + [node("Transpose", "t", "s", perm=[1, 0, 2])] + rows + pairs
     + [node("Concat", "row1 last1", "places", axis=1), node("GatherND", "s places", "y")],
     [x, given], [value("y", ["batch", U])], cell() + plain, [sequence, lengths])
columns = [node("Shape", "s", "shape"), node("Gather", "shape next", "count"), node("Range", "first count next", "row"),
           node("Sub", "lengths next", "last")]
save("last_by_pairs_time_first",
     lstm("x", "s") + columns + pairs + [node("Concat", "last1 row1", "places", axis=1), node("GatherND", "s places", "y")],
     [steps, given], [value("y", ["batch", U])], cell() + plain, [sequence.transpose(1, 0, 2).copy(), lengths])
save("last_in_joined_rows",
     [node("Transpose", "x", "steps", perm=[1, 0, 2])] + lstm("steps", "t") + [node("Transpose", "t", "s", perm=[1, 0, 2])] + rows
     + [node("Gather", "shape next", "long"), node("Mul", "row long", "starts"), node("Add", "starts last", "places"),
        node("Reshape", "s joined", "vectors"), node("Gather", "vectors places", "y", axis=0)],
     [x, given], [value("y", ["batch", U])], cell() + plain, [sequence, lengths])
save("last_in_joined_columns",
     lstm("x", "s") + columns
     + [node("Mul", "last count", "starts"), node("Add", "row starts", "places"), node("Reshape", "s joined", "vectors"),
        node("Gather", "vectors places", "y", axis=0)],
     [steps, given], [value("y", ["batch", U])], cell() + plain, [sequence.transpose(1, 0, 2).copy(), lengths])

# The final states of both directions, added, and the larger ones.
save("final_states_merged",
     [node("Transpose", "x", "steps", perm=[1, 0, 2])] + lstm("steps", "s", 2)[:1]
     + [node("ReduceSum", "h axis", "y", keepdims=0), node("ReduceMax", "c", "z", axes=[0], keepdims=0)],
     [x], [value("y", ["batch", U]), value("z", ["batch", U])], cell(2) + [whole("axis", [0])], [sequence])

# Across the batch, which Keras has as axis 0.
save("sum_of_batch",
     [node("Transpose", "x", "steps", perm=[1, 0, 2])] + lstm("steps", "s") + [node("ReduceSum", "h axes", "y", keepdims=0)],
     [x], [value("y", [U])], cell() + [whole("axes", [0, 1])], [sequence])
save("counted_timesteps",
     [node("Shape", "x", "shape"), node("Gather", "shape at", "count"), node("Range", "first count at", "place"),
      node("Cast", "place", "number", to=FLOAT), node("Unsqueeze", "number ends", "column"), node("Add", "x column", "y")],
     [x], [value("y", ["batch", "time", F])], [whole("at", 1), whole("first", 0), whole("ends", [1])], [sequence])

# Elements at known positions: a part of an axis, rows in any order, single elements, sums; a table of 3 072 positions.
part = np.stack(np.meshgrid(np.arange(1), np.arange(16), np.arange(4, 10), np.arange(32), indexing="ij"), -1)
odd = np.stack(np.meshgrid(np.arange(2), np.arange(9, 3, -2), np.arange(3), indexing="ij"), -1)
save("placed",
     [node("ScatterND", "a part u", "y0"), node("ScatterND", "b odd w", "y1"), node("ScatterND", "b odd w", "y2", reduction="add"),
      node("ScatterND", "x corner row", "y3"), node("ScatterElements", "k places v", "y4", axis=1),
      node("ScatterElements", "k places v", "y5", axis=1, reduction="add"), node("ScatterElements", "k twice v", "y6", axis=1, reduction="add")],
     [value("a", [1, 16, 16, 32]), value("u", [1, 16, 6, 32]), value("x", [3, TIME, F]), value("row", [1, TIME, F]), value("k", [2, 5]),
      value("v", [2, 2]), value("b", [2, 10, 3]), value("w", [2, 3, 3])],
     [value("y%d" % i, s) for i, s in enumerate([[1, 16, 16, 32]] + [[2, 10, 3]] * 2 + [[3, TIME, F]] + [[2, 5]] * 3)],
     [whole("part", part), whole("odd", odd), whole("corner", [[-2]]), whole("places", [[-1, 0], [2, 1]]), whole("twice", [[3, 3], [0, 1]])],
     [numbers(1, 16, 16, 32).round(1), numbers(1, 16, 6, 32).round(1), numbers(3, TIME, F), numbers(1, TIME, F), numbers(2, 5),
      numbers(2, 2), numbers(2, 10, 3), numbers(2, 3, 3)])

# Whole numbers as vectors; those below 0 count from the end, and those outside have no position.
save("one_hot",
     [node("OneHot", "tokens depth zero_one", "y0"), node("OneHot", "tokens depth off_on", "y1", axis=1),
      node("Transpose", "y0", "steps", perm=[1, 0, 2])] + lstm("steps", "y2"),
     [value("tokens", ["batch", "time"], INT64)],
     [value("y0", ["batch", "time", F]), value("y1", ["batch", F, "time"]), value("y2", ["time", "batch", U])],
     cell() + [whole("depth", F), numpy_helper.from_array(np.array([0, 1], np.float32), "zero_one"),
               numpy_helper.from_array(np.array([-0.5, 2], np.float32), "off_on")],
     [np.array([[0, 1, 2, -1, -3], [2, 2, 1, 0, 7], [1, -4, 0, 2, 1]])])
