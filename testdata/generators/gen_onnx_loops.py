"""Writes models of ONNX with loops over free timesteps, computed positions and free extents, and what
ONNX Runtime computes with them.

usage: gen_onnx_loops.py FOLDER    (onnx, onnxruntime, numpy)

NAME.onnx with NAME.golden.npz are read; those in FOLDER/refused are not, each for one reason.
"""
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

folder = sys.argv[1]
os.makedirs(os.path.join(folder, "refused"), exist_ok=True)
rng = np.random.RandomState(11)
FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
F, U, BATCH, TIME = 3, 4, 2, 5


def weights(name, *shape):
    return numpy_helper.from_array((rng.standard_normal(shape) * 0.5).astype(np.float32), name)


def whole(name, values):
    return numpy_helper.from_array(np.asarray(values, np.int64), name)


def value(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def graph(nodes, inputs, outputs, initializers=()):
    return helper.make_graph(nodes, "g", inputs, outputs, list(initializers))


def save(name, own, arrays, opset=17):
    m = helper.make_model(own, producer_name="gen_onnx_loops", ir_version=8, opset_imports=[helper.make_opsetid("", opset)])
    onnx.checker.check_model(m)
    path = os.path.join(folder, name + ".onnx")
    onnx.save(m, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    results = session.run(None, {i.name: a for i, a in zip(session.get_inputs(), arrays)})
    golden = {"in_%d" % i: a for i, a in enumerate(arrays)}
    golden.update({"out_%d" % i: a for i, a in enumerate(results)})
    np.savez(os.path.join(folder, name + ".golden.npz"), **golden)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


sequence = rng.standard_normal((BATCH, TIME, F)).astype(np.float32)
state = rng.standard_normal((BATCH, U)).astype(np.float32)
x = value("x", ["batch", "time", F])


def gru_step(after):
    """z and r are parts of one sum of products; the candidate's product of h passes the gate, or h does."""
    nodes = [node("MatMul", "x_t W", "a"), node("Add", "a b", "ab"), node("Split", "ab", "az ar an", axis=-1)]
    if after:
        nodes += [node("MatMul", "h R", "m"), node("Add", "m b2", "mb"), node("Split", "mb", "hz hr hn", axis=-1)]
    else:
        nodes += [node("MatMul", "h Rg", "m"), node("Split", "m", "hz hr", axis=-1)]
    nodes += [node("Add", "az hz", "sz"), node("Sigmoid", "sz", "z"), node("Add", "ar hr", "sr"), node("Sigmoid", "sr", "r")]
    if after:
        nodes += [node("Mul", "r hn", "gated")]
    else:
        nodes += [node("Mul", "r h", "rh"), node("MatMul", "rh Rn", "gated")]
    return nodes + [
        node("Add", "an gated", "sn"), node("Tanh", "sn", "n"), node("Sub", "one z", "rest"), node("Mul", "z h", "kept"),
        node("Mul", "rest n", "new"), node("Add", "kept new", "h_next")]


# As tf2onnx writes it: counters, conditions in float32, weights that are handed on, time first.
loop = graph(
    [node("Gather", "steps time", "x_t")] + gru_step(True) + [
        node("Add", "time first", "time_next"), node("Cast", "time_next", "t1", to=FLOAT), node("Cast", "rounds", "t2", to=FLOAT),
        node("Less", "t1 t2", "l1"), node("Cast", "round", "t3", to=FLOAT), node("Less", "t3 t2", "l2"), node("And", "l1 l2", "more"),
        node("Identity", "h_next", "y_t")],
    [value("round", [], INT64), value("going", [], BOOL), value("time", [], INT64), value("h", ["batch", U]), value("W", [F, 3 * U])],
    [value("more", [], BOOL), value("time_next", [], INT64), value("h_next", ["batch", U]), value("W", [F, 3 * U]), value("y_t", ["batch", U])],
    [whole("first", 1)])
save("loop_gru", graph(
    [node("Transpose", "x", "steps", perm=[1, 0, 2]), node("Shape", "steps", "shape"), node("Gather", "shape zero", "rounds"),
     node("Gather", "shape second", "rows"), node("Unsqueeze", "rows at", "rows1"), node("Concat", "rows1 units", "start_shape", axis=0),
     node("ConstantOfShape", "start_shape", "start"), node("Cast", "rounds", "limit", to=FLOAT), node("Less", "nought limit", "going0"),
     helper.make_node("Loop", ["rounds", "going0", "zero", "start", "Wx"], ["ends", "last", "kept_W", "all"], body=loop),
     node("Transpose", "all", "y", perm=[1, 0, 2])],
    [x], [value("y", ["batch", "time", U]), value("last", ["batch", U]), value("ends", [], INT64)],
    [weights("Wx", F, 3 * U), weights("R", U, 3 * U), weights("b", 3 * U), weights("b2", 3 * U), whole("zero", 0), whole("second", 1),
     whole("at", [0]), whole("units", [U]), numpy_helper.from_array(np.float32(0), "nought"), numpy_helper.from_array(np.float32(1), "one")]),
    [sequence])

# A scan from the last timestep to the first, with the gate before the product and a given state.
scan = graph(gru_step(False) + [node("Identity", "h_next", "y_t")],
             [value("h", ["batch", U]), value("x_t", ["batch", F])], [value("h_next", ["batch", U]), value("y_t", ["batch", U])])
save("scan_gru", graph(
    [helper.make_node("Scan", ["h0", "x"], ["last", "y"], body=scan, num_scan_inputs=1, scan_input_axes=[1], scan_output_axes=[1],
                      scan_input_directions=[1], scan_output_directions=[1])],
    [x, value("h0", ["batch", U])], [value("y", ["batch", "time", U]), value("last", ["batch", U])],
    [weights("W", F, 3 * U), weights("Rg", U, 2 * U), weights("Rn", U, U), weights("b", 3 * U),
     numpy_helper.from_array(np.float32(1), "one")]), [sequence, state])

# An LSTM whose products of x were computed for all timesteps before.
scan = graph(
    [node("MatMul", "h R", "m"), node("Add", "m p_t", "s"), node("Split", "s", "i g f o", axis=1), node("Sigmoid", "i", "si"),
     node("Tanh", "g", "tg"), node("Sigmoid", "f", "sf"), node("Sigmoid", "o", "so"), node("Mul", "si tg", "new"),
     node("Mul", "c sf", "kept"), node("Add", "new kept", "c_next"), node("Tanh", "c_next", "tc"), node("Mul", "tc so", "h_next"),
     node("Identity", "h_next", "y_t")],
    [value("c", ["batch", U]), value("h", ["batch", U]), value("p_t", ["batch", 4 * U])],
    [value("c_next", ["batch", U]), value("h_next", ["batch", U]), value("y_t", ["batch", U])])
save("scan_lstm", graph(
    [node("MatMul", "x W", "xW"), node("Add", "xW b", "p"),
     helper.make_node("Scan", ["c0", "h0", "p"], ["c_last", "h_last", "y"], body=scan, num_scan_inputs=1, scan_input_axes=[1])],
    [x, value("h0", ["batch", U]), value("c0", ["batch", U])],
    [value("y", ["time", "batch", U]), value("h_last", ["batch", U]), value("c_last", ["batch", U])],
    [weights("W", F, 4 * U), weights("R", U, 4 * U), weights("b", 4 * U)]), [sequence, state, state[::-1].copy()])

# Positions that are computed.
save("positions", graph(
    [node("Shape", "x", "shape"), node("Gather", "shape zero", "rows"), node("Gather", "shape second", "count"),
     node("Range", "zero rows second", "row"), node("Unsqueeze", "row end", "row1"), node("Sub", "lengths second", "last"),
     node("Unsqueeze", "last end", "last1"), node("Concat", "row1 last1", "places", axis=1), node("GatherND", "x places", "y0"),
     node("Gather", "x order", "y1"), node("ReverseSequence", "x lengths", "y2", batch_axis=0, time_axis=1),
     node("ScatterElements", "row order row", "y3", axis=0), node("ScatterND", "x places y0", "y4", reduction="add"),
     node("Mul", "row count", "starts"), node("Add", "starts last", "flat"), node("Reshape", "x joined", "vectors"),
     node("Gather", "vectors flat", "y5"), node("Cast", "count", "number", to=FLOAT), node("Mul", "x number", "y6"),
     node("GatherND", "x last1", "y7", batch_dims=1)],
    [x, value("lengths", ["batch"], INT64), value("order", ["batch"], INT64)],
    [value("y0", ["batch", F]), value("y1", ["batch", "time", F]), value("y2", ["batch", "time", F]), value("y3", ["batch"], INT64),
     value("y4", ["batch", "time", F]), value("y5", ["batch", F]), value("y6", ["batch", "time", F]), value("y7", ["batch", F])],
    [whole("zero", 0), whole("second", 1), whole("end", [-1]), whole("joined", [-1, F])]),
    [-np.abs(sequence), np.array([3, 5]), np.array([1, 0])])

# Shapes of several free extents, and constants that have them.
save("extents", graph(
    [node("Shape", "x", "shape"), node("Gather", "shape second", "count"), node("Unsqueeze", "count at", "count1"),
     node("Slice", "table at count1 at", "rows"), node("Add", "x rows", "placed"), node("Reshape", "placed joined", "vectors"),
     node("Softmax", "vectors", "soft", axis=0), node("Slice", "shape at two", "both"), node("Concat", "both width", "again", axis=0),
     node("Reshape", "soft again", "y0"), node("Concat", "count1 count1", "square", axis=0), node("Expand", "one square", "ones"),
     node("Trilu", "ones", "lower", upper=0), node("MatMul", "lower x", "y1"),
     node("ReduceMean", "x", "mean", axes=[0, 2], keepdims=0), node("Mul", "mean mean", "var"), node("Expand", "one count1", "scale"),
     node("BatchNormalization", "x scale mean mean var", "y2", epsilon=0.5)],
    [x], [value("y0", ["batch", "time", F]), value("y1", ["batch", "time", F]), value("y2", ["batch", "time", F])],
    [weights("table", 8, F), whole("second", 1), whole("at", [0]), whole("two", [2]), whole("joined", [-1, F]), whole("width", [F]),
     numpy_helper.from_array(np.float32([1]), "one")]), [sequence])

# No cell: the state is squared.
scan = graph([node("Mul", "h h", "hh"), node("Add", "hh x_t", "h_next"), node("Identity", "h_next", "y_t")],
             [value("h", ["batch", F]), value("x_t", ["batch", F])], [value("h_next", ["batch", F]), value("y_t", ["batch", F])])
m = helper.make_model(graph(
    [helper.make_node("Scan", ["h0", "x"], ["last", "y"], body=scan, num_scan_inputs=1, scan_input_axes=[1])],
    [x, value("h0", ["batch", F])], [value("y", ["time", "batch", F])]), ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
onnx.save(m, os.path.join(folder, "refused", "no_cell.onnx"))

# A loop without a number of rounds: it goes on while its counter is below a number that it carries.
body = graph(
    [node("Gather", "steps time", "x_t"), node("MatMul", "x_t W", "a"), node("Add", "a b", "ab"), node("MatMul", "h R", "m"),
     node("Add", "ab m", "s"), node("Tanh", "s", "h_next"), node("Add", "time first", "time_next"),
     node("Cast", "time_next", "t1", to=FLOAT), node("Cast", "count", "t2", to=FLOAT), node("Less", "t1 t2", "more"),
     node("Identity", "h_next", "y_t")],
    [value("round", [], INT64), value("going", [], BOOL), value("time", [], INT64), value("h", ["batch", U]), value("count", [], INT64)],
    [value("more", [], BOOL), value("time_next", [], INT64), value("h_next", ["batch", U]), value("count", [], INT64),
     value("y_t", ["batch", U])],
    [whole("first", 1)])
save("loop_while", graph(
    [node("Transpose", "x", "steps", perm=[1, 0, 2]), node("Shape", "steps", "shape"), node("Gather", "shape zero", "rounds"),
     node("Gather", "shape second", "rows"), node("Unsqueeze", "rows at", "rows1"), node("Concat", "rows1 units", "start_shape", axis=0),
     node("ConstantOfShape", "start_shape", "start"), node("Cast", "rounds", "limit", to=FLOAT), node("Less", "nought limit", "going0"),
     helper.make_node("Loop", ["", "going0", "zero", "start", "rounds"], ["ends", "last", "kept", "all"], body=body),
     node("Transpose", "all", "y", perm=[1, 0, 2])],
    [x], [value("y", ["batch", "time", U]), value("last", ["batch", U]), value("ends", [], INT64)],
    [weights("W", F, U), weights("R", U, U), weights("b", U), whole("zero", 0), whole("second", 1), whole("at", [0]),
     whole("units", [U]), numpy_helper.from_array(np.float32(0), "nought")]), [sequence])

# Lengths that are sorted before an LSTM reads them, and weights that are normalized rows.
save("sorted_lengths", graph(
    [node("Shape", "lengths", "rows"), node("TopK", "lengths rows", "sorted order"), node("Gather", "x order", "x1"),
     node("Transpose", "x1", "steps", perm=[1, 0, 2]), node("Cast", "sorted", "lens", to=TensorProto.INT32),
     node("ReduceL2", "V", "norms", axes=[2], keepdims=1), node("Div", "V norms", "rows1"), node("Mul", "rows1 g", "W"),
     node("LSTM", "steps W R B lens", "y4 h3", hidden_size=U), node("Squeeze", "h3 at", "h")],
    [x, value("lengths", ["batch"], INT64)], [value("h", ["batch", U])],
    [weights("V", 1, 4 * U, F), weights("g", 1, 4 * U, 1), weights("R", 1, 4 * U, U), weights("B", 1, 8 * U), whole("at", [0])]),
    [sequence, np.array([3, 5])])

# A cell that a program calls in a loop, as torch's exporter writes it: the operator over one timestep, outputs that are collected in a
# sequence of arrays, and a condition that is handed on.
body = graph(
    [node("Gather", "x t", "x_t", axis=0), node("Unsqueeze", "x_t at", "x1"), node("Unsqueeze", "h at", "h1"), node("Unsqueeze", "c at", "c1"),
     helper.make_node("LSTM", ["x1", "W", "R", "B", "", "h1", "c1"], ["y1", "h2", "c2"], hidden_size=U), node("Squeeze", "h2 at", "h_next"),
     node("Squeeze", "c2 at", "c_next"), node("SequenceInsert", "list h_next", "more"), node("Identity", "going", "goes")],
    [value("t", [], INT64), value("going", [], BOOL), value("c", ["batch", U]), value("h", ["batch", U]),
     helper.make_tensor_sequence_value_info("list", FLOAT, None)],
    [value("goes", [], BOOL), value("c_next", ["batch", U]), value("h_next", ["batch", U]),
     helper.make_tensor_sequence_value_info("more", FLOAT, None)])
save("loop_operator", graph(
    [node("Shape", "x", "shape"), node("Gather", "shape zero", "rounds"), node("Slice", "shape first two", "rows"),
     node("Concat", "rows units", "start_shape", axis=0), node("ConstantOfShape", "start_shape", "start"),
     helper.make_node("SequenceEmpty", [], ["none"], dtype=FLOAT),
     helper.make_node("Loop", ["rounds", "yes", "start", "start", "none"], ["c_last", "h_last", "all"], body=body),
     node("ConcatFromSequence", "all", "y", axis=0, new_axis=1), node("ConcatFromSequence", "all", "z", axis=0)],
    [value("x", ["time", "batch", F])], [value("y", ["time", "batch", U]), value("h_last", ["batch", U]), value("z", ["rows", U])],
    [weights("W", 1, 4 * U, F), weights("R", 1, 4 * U, U), weights("B", 1, 8 * U), whole("at", [0]), whole("zero", 0), whole("first", [1]),
     whole("two", [2]), whole("units", [U]), numpy_helper.from_array(np.array(True), "yes")]), [sequence.transpose(1, 0, 2).copy()])

# Sequences of arrays without a loop.
save("collected", graph(
    [helper.make_node("SequenceEmpty", [], ["none"], dtype=FLOAT), node("SequenceInsert", "none x", "one"), node("Neg", "x", "less"),
     node("SequenceInsert", "one less zero", "both"), node("ConcatFromSequence", "both", "y0", axis=-1), node("ConcatFromSequence", "both", "y1", axis=1, new_axis=1),
     node("SequenceConstruct", "x less x", "three"), node("SequenceAt", "three last", "y2")],
    [x], [value("y0", ["batch", "time", 2 * F]), value("y1", ["batch", 2, "time", F]), value("y2", ["batch", "time", F])],
    [whole("zero", 0), whole("last", -2)]), [sequence])

# Timesteps first and a batch that is a number: the free extent is that of the timesteps.
scan = graph(
    [node("MatMul", "h R", "m"), node("MatMul", "x_t W", "p"), node("Add", "m p", "mp"), node("Add", "mp b", "s"), node("Tanh", "s", "h_next"),
     node("Identity", "h_next", "y_t")],
    [value("h", [BATCH, U]), value("x_t", [BATCH, F])], [value("h_next", [BATCH, U]), value("y_t", [BATCH, U])])
save("scan_time_first", graph(
    [helper.make_node("Scan", ["h0", "x"], ["last", "y"], body=scan, num_scan_inputs=1)],
    [value("x", ["time", BATCH, F]), value("h0", [BATCH, U])], [value("y", ["time", BATCH, U]), value("last", [BATCH, U])],
    [weights("W", F, U), weights("R", U, U), weights("b", U)]), [sequence.transpose(1, 0, 2).copy(), state])

# One sequence, whose product with the state has no axis of the batch.
body = graph(
    [node("Gather", "steps time", "x_t"), node("MatMul", "h R", "m1"), node("Squeeze", "m1 at", "m"), node("Gemm", "x_t W m", "s"), node("Add", "s b", "sb"),
     node("Split", "sb", "i f g o", axis=1), node("Sigmoid", "i", "si"), node("Sigmoid", "f", "sf"), node("Tanh", "g", "tg"),
     node("Sigmoid", "o", "so"), node("Mul", "si tg", "new"), node("Mul", "sf c", "kept"), node("Add", "kept new", "c_next"),
     node("Tanh", "c_next", "tc"), node("Mul", "so tc", "h_next"), node("Add", "time first", "time_next"), node("Identity", "going", "goes"),
     node("Identity", "h_next", "y_t")],
    [value("round", [], INT64), value("going", [], BOOL), value("time", [], INT64), value("h", [1, U]), value("c", [1, U])],
    [value("goes", [], BOOL), value("time_next", [], INT64), value("h_next", [1, U]), value("c_next", [1, U]), value("y_t", [1, U])],
    [whole("first", 1)])
save("loop_one_sequence", graph(
    [node("Reshape", "x turned", "steps"),
     helper.make_node("Loop", ["rounds", "yes", "zero", "start", "start"], ["ends", "h_last", "c_last", "all"], body=body),
     node("Reshape", "all back", "y")],
    [value("x", [1, TIME, F])], [value("y", [1, TIME, U])],
    [weights("W", F, 4 * U), weights("R", U, 4 * U), weights("b", 4 * U), whole("at", [0]), whole("turned", [TIME, 1, F]), whole("back", [1, TIME, U]),
     whole("rounds", TIME), whole("zero", 0), numpy_helper.from_array(np.array(True), "yes"),
     numpy_helper.from_array(np.zeros((1, U), np.float32), "start")]), [sequence[:1]])

# A decoder that begins every sequence with the same token and goes on with its own.
steps = [node("Gather", "table token0", "e0")]
for t in range(3):
    steps += [node("MatMul", "e%d W" % t, "p%d" % t), node("MatMul", "h%d R" % t, "m%d" % t), node("Add", "p%d m%d" % (t, t), "s%d" % t),
              node("Tanh", "s%d" % t, "h%d" % (t + 1)), node("MatMul", "h%d V" % (t + 1), "y%d" % t),
              node("ArgMax", "y%d" % t, "token%d" % (t + 1), axis=1, keepdims=0), node("Gather", "table token%d" % (t + 1), "e%d" % (t + 1))]
save("greedy", graph(
    [node("Shape", "h0", "shape"), node("Slice", "shape at first", "rows"), helper.make_node(
        "ConstantOfShape", ["rows"], ["token0"], value=helper.make_tensor("value", INT64, [1], [2]))] + steps,
    [value("h0", ["batch", U])], [value("y%d" % t, ["batch", 7]) for t in range(3)],
    [weights("table", 7, F), weights("W", F, U), weights("R", U, U), weights("V", U, 7), whole("at", [0]), whole("first", [1])]), [state])
