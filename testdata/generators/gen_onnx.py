"""Writes models of ONNX and what ONNX Runtime computes with them.

usage: gen_onnx.py FOLDER    (onnx, onnxruntime, numpy)

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
rng = np.random.RandomState(7)
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def weights(*shape, scale=0.5):
    return (rng.standard_normal(shape) * scale).astype(np.float32)


def tensor(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def value(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, inputs, outputs, initializers, opset=17, functions=(), domains=()):
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializers)
    sets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
    return helper.make_model(graph, producer_name="gen_onnx", ir_version=8, opset_imports=sets, functions=list(functions))


def save(name, m, arrays, check=True):
    path = os.path.join(folder, name + ".onnx")
    if check:
        onnx.checker.check_model(m)
    onnx.save(m, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    results = session.run(None, {i.name: a for i, a in zip(session.get_inputs(), arrays)})
    golden = {"in_%d" % i: a for i, a in enumerate(arrays)}
    golden.update({"out_%d" % i: a for i, a in enumerate(results)})
    np.savez(os.path.join(folder, name + ".golden.npz"), **golden)


def refused(name, m):
    onnx.save(m, os.path.join(folder, "refused", name + ".onnx"))


def recurrent(kind, directions, f, u):
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
    return [tensor("W", weights(directions, gates * u, f)), tensor("R", weights(directions, gates * u, u)),
            tensor("B", weights(directions, 2 * gates * u))]


x = weights(5, 2, 3, scale=1)
last = [tensor("minus", np.array([-1], np.int64)), tensor("end", np.array([2 ** 63 - 1], np.int64)), tensor("zero", np.array([0], np.int64))]

# Timesteps first, both directions joined, the last timestep of a sequence of free length.
save("bilstm_last", model(
    [helper.make_node("LSTM", ["x", "W", "R", "B"], ["y"], "/lstm/LSTM", hidden_size=4, direction="bidirectional"),
     helper.make_node("Transpose", ["y"], ["t"], perm=[0, 2, 1, 3]),
     helper.make_node("Reshape", ["t", "shape"], ["s"]),
     helper.make_node("Slice", ["s", "minus", "end", "zero"], ["p"]),
     helper.make_node("Squeeze", ["p", "zero"], ["q"]),
     helper.make_node("Gemm", ["q", "K", "c"], ["out"], "/head/Gemm", transB=1)],
    [value("x", ["time", "batch", 3])], [value("out", ["batch", 2])],
    recurrent("LSTM", 2, 3, 4) + last + [tensor("shape", np.array([0, 0, -1], np.int64)), tensor("K", weights(2, 8)), tensor("c", weights(2))]), [x])

# A reversed GRU whose sequences end early, with both forms of the reset gate, and its states.
for name, after in (("gru_reverse_lens", 1), ("gru_before", 0)):
    save(name, model(
        [helper.make_node("GRU", ["x", "W", "R", "B", "lens", "h"], ["y", "y_h"], hidden_size=4, direction="reverse", linear_before_reset=after,
                          activations=["HardSigmoid", "Softsign"], activation_alpha=[0.3], activation_beta=[0.4])],
        [value("x", ["time", "batch", 3]), value("lens", ["batch"], TensorProto.INT32), value("h", [1, "batch", 4])],
        [value("y", ["time", 1, "batch", 4]), value("y_h", [1, "batch", 4])], recurrent("GRU", 1, 3, 4)),
        [x, np.array([5, 3], np.int32), weights(1, 2, 4)])

# Peepholes, coupled gates, a state of zeros made by shape arithmetic.
save("lstm_coupled", model(
    [helper.make_node("Shape", ["x"], ["s"]), helper.make_node("Gather", ["s", "one"], ["b"]),
     helper.make_node("Unsqueeze", ["b", "zero"], ["b1"]), helper.make_node("Concat", ["front", "b1", "back"], ["hs"], axis=0),
     helper.make_node("ConstantOfShape", ["hs"], ["h"]),
     helper.make_node("LSTM", ["x", "W", "R", "B", "", "h", "h", "P"], ["y", "", "y_c"], hidden_size=4, input_forget=1)],
    [value("x", ["time", "batch", 3])], [value("y", ["time", 1, "batch", 4]), value("y_c", [1, "batch", 4])],
    recurrent("LSTM", 1, 3, 4) + [last[2], tensor("P", weights(1, 12)), tensor("one", np.array(1, np.int64)),
                                  tensor("front", np.array([1], np.int64)), tensor("back", np.array([4], np.int64))]), [x])

# Weights behind operators: torch's order of gates sliced and joined, int8 numbers with a scale, a half as float16.
torch_r = weights(16, 4)
quantized = rng.randint(-100, 100, (1, 16, 3)).astype(np.int8)
parts = [helper.make_node("Slice", ["hh", "a%d" % i, "e%d" % i, "zero"], ["g%d" % i]) for i in (0, 3, 1, 2)]
save("weights_behind_operators", model(
    parts + [helper.make_node("Concat", ["g0", "g3", "g1", "g2"], ["r"], axis=0), helper.make_node("Unsqueeze", ["r", "zero"], ["R"]),
             helper.make_node("DequantizeLinear", ["q", "scale"], ["W"]), helper.make_node("Cast", ["b16"], ["B"], to=FLOAT),
             helper.make_node("LSTM", ["x", "W", "R", "B"], ["y"], hidden_size=4)],
    [value("x", ["time", "batch", 3])], [value("y", ["time", 1, "batch", 4])],
    [tensor("hh", torch_r), tensor("q", quantized), tensor("scale", np.array(0.01, np.float32)), tensor("b16", weights(1, 32).astype(np.float16)), last[2]]
    + [tensor("a%d" % i, np.array([4 * i], np.int64)) for i in range(4)] + [tensor("e%d" % i, np.array([4 * i + 4], np.int64)) for i in range(4)]), [x])

# A loop over timesteps whose body is a cell, as tf2onnx writes it.
body = helper.make_graph(
    [helper.make_node("Gather", ["x", "i"], ["xt"], axis=0), helper.make_node("MatMul", ["xt", "K"], ["a"]),
     helper.make_node("Add", ["a", "bias"], ["ab"]), helper.make_node("MatMul", ["h_in", "U"], ["r"]),
     helper.make_node("Add", ["ab", "r"], ["z"]), helper.make_node("Tanh", ["z"], ["h_out"]),
     helper.make_node("Identity", ["h_out"], ["scan"]), helper.make_node("Identity", ["go_in"], ["go_out"])],
    "body", [value("i", [], INT64), value("go_in", [], TensorProto.BOOL), value("h_in", ["batch", 4])],
    [value("go_out", [], TensorProto.BOOL), value("h_out", ["batch", 4]), value("scan", ["batch", 4])])
save("loop_rnn", model(
    [helper.make_node("Loop", ["trips", "go", "h0"], ["h", "y"], body=body)],
    [value("x", [5, "batch", 3]), value("h0", ["batch", 4])], [value("h", ["batch", 4]), value("y", [5, "batch", 4])],
    [tensor("trips", np.array(5, np.int64)), tensor("go", np.array(True)), tensor("K", weights(3, 4)), tensor("U", weights(4, 4)), tensor("bias", weights(4))]),
    [x, weights(2, 4)])

# A branch chosen by a constant, and a function that is written in place of its call.
function = helper.make_function("own", "Twice", ["v"], ["w"], [helper.make_node("Add", ["v", "v"], ["w"])], [helper.make_opsetid("", 17)])
branch = [helper.make_graph([helper.make_node(kind, ["m"], ["r"])], "b", [], [value("r", None)]) for kind in ("Relu", "Tanh")]
save("branch_and_function", model(
    [helper.make_node("Twice", ["x"], ["m"], domain="own"), helper.make_node("If", ["yes"], ["o"], then_branch=branch[0], else_branch=branch[1]),
     helper.make_node("RNN", ["o", "W", "R", "B"], ["y"], hidden_size=4, activations=["Relu"])],
    [value("x", ["time", "batch", 3])], [value("y", ["time", 1, "batch", 4])],
    recurrent("RNN", 1, 3, 4) + [tensor("yes", np.array(True))], functions=[function], domains=["own"]), [x])

# Channels behind the batch, and what stands around recurrent layers.
save("front", model(
    [helper.make_node("Conv", ["x", "K", "c"], ["a"], pads=[1, 1]), helper.make_node("BatchNormalization", ["a", "s", "c", "m", "v"], ["n"]),
     helper.make_node("Relu", ["n"], ["r"]), helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[2], strides=[2]),
     helper.make_node("Transpose", ["p"], ["t"], perm=[2, 0, 1]), helper.make_node("GRU", ["t", "W", "R", "B"], ["y"], hidden_size=4),
     helper.make_node("Squeeze", ["y", "one"], ["q"]), helper.make_node("ReduceMean", ["q"], ["mean"], axes=[0], keepdims=0),
     helper.make_node("LogSoftmax", ["mean"], ["out"], axis=-1)],
    [value("x", ["batch", 2, 8])], [value("out", ["batch", 4])],
    recurrent("GRU", 1, 4, 4) + [tensor("K", weights(4, 2, 3)), tensor("c", weights(4)), tensor("s", weights(4)), tensor("m", weights(4)),
                                 tensor("v", np.abs(weights(4)) + 0.5), tensor("one", np.array([1], np.int64))]), [weights(2, 2, 8, scale=1)])

# Numbers in another file, and in the fields of their type.
external = onnx.load(os.path.join(folder, "gru_before.onnx"))
onnx.save(external, os.path.join(folder, "external.onnx"), save_as_external_data=True, location="external.onnx.data", size_threshold=0)
np.savez(os.path.join(folder, "external.golden.npz"), **np.load(os.path.join(folder, "gru_before.golden.npz")))
typed = onnx.load(os.path.join(folder, "gru_before.onnx"))
for t in typed.graph.initializer:
    array = numpy_helper.to_array(t)
    t.ClearField("raw_data")
    t.float_data.extend(array.reshape(-1).tolist())
onnx.save(typed, os.path.join(folder, "typed.onnx"))
np.savez(os.path.join(folder, "typed.golden.npz"), **np.load(os.path.join(folder, "gru_before.golden.npz")))

# Weights of 8 bits: computed with floating-point inputs, which ONNX Runtime rounds to 8 bits too.
q = {k: rng.randint(-120, 120, shape).astype(np.int8) for k, shape in (("W", (1, 3, 16)), ("R", (1, 4, 16)))}
scales = {"W": np.array([0.008], np.float32), "R": np.abs(weights(1, 16, scale=0.01)) + 0.002}
zeros = {"W": np.array([3], np.int8), "R": np.zeros((1, 16), np.int8)}
full = {k: (q[k].astype(np.float32) - zeros[k].reshape(1, 1, -1)) * scales[k].reshape(1, 1, -1) for k in "WR"}
bias = tensor("B", weights(1, 32))
ends = ([value("x", ["time", "batch", 3])], [value("y", ["time", 1, "batch", 4])])
plain = model([helper.make_node("LSTM", ["x", "W", "R", "B"], ["y"], hidden_size=4)], *ends,
              [tensor(k, full[k].transpose(0, 2, 1).copy()) for k in "WR"] + [bias])
save("quantized", plain, [x])
onnx.save(model([helper.make_node("DynamicQuantizeLSTM", ["x", "W", "R", "B", "", "", "", "", "Ws", "Wz", "Rs", "Rz"], ["y"], "/lstm/LSTM_quant",
                                  domain="com.microsoft", hidden_size=4)], *ends,
                [tensor("W", q["W"]), tensor("R", q["R"]), bias] + [tensor(k + "s", scales[k]) for k in "WR"] + [tensor(k + "z", zeros[k]) for k in "WR"],
                domains=["com.microsoft"]), os.path.join(folder, "quantized.onnx"))

# Refused, each for one reason.
simple = dict(inputs=[value("x", ["time", "batch", 3])], outputs=[value("y", None)])
refused("unknown_operator", model([helper.make_node("NonZero", ["x"], ["y"])], simple["inputs"], simple["outputs"], []))
refused("old_operators", model([helper.make_node("Relu", ["x"], ["y"])], simple["inputs"], simple["outputs"], [], opset=6))
refused("unknown_attribute", model([helper.make_node("RNN", ["x", "W", "R", "B"], ["y"], hidden_size=4, surprise=1)], simple["inputs"], simple["outputs"], recurrent("RNN", 1, 3, 4)))
refused("hidden_size", model([helper.make_node("RNN", ["x", "W", "R", "B"], ["y"], hidden_size=5)], simple["inputs"], simple["outputs"], recurrent("RNN", 1, 3, 4)))
refused("undefined_value", model([helper.make_node("Add", ["x", "nothing"], ["y"])], simple["inputs"], simple["outputs"], []))
outside = model([helper.make_node("Add", ["x", "w"], ["y"])], simple["inputs"], simple["outputs"], [tensor("w", weights(3))])
outside.graph.initializer[0].ClearField("raw_data")
outside.graph.initializer[0].data_location = TensorProto.EXTERNAL
entry = outside.graph.initializer[0].external_data.add()
entry.key, entry.value = "location", "../external.onnx.data"
refused("outside_folder", outside)
loop = helper.make_function("own", "Self", ["v"], ["w"], [helper.make_node("Self", ["v"], ["w"], domain="own")], [helper.make_opsetid("own", 1)])
refused("recursion", model([helper.make_node("Self", ["x"], ["y"], domain="own")], simple["inputs"], simple["outputs"], [], functions=[loop], domains=["own"]))

# Pairs around layers, which round to 8 bits and cut off; a table of weights of 8 bits, one scale per row.
K, c = weights(2, 4), weights(2)
parts = recurrent("GRU", 1, 3, 4)
ends = ([value("x", ["time", "batch", 3])], [value("out", ["time", "batch", 2])])
tail = [helper.make_node("GRU", ["x", "W", "R", "B"], ["y"], hidden_size=4), helper.make_node("Squeeze", ["y", "one"], ["s"])]
scales_of = [tensor("sx", np.array(0.0013, np.float32)), tensor("zx", np.array(0, np.uint8)), tensor("sk", np.array([0.01, 0.02], np.float32)), tensor("one", np.array([1], np.int64))]
Kq = np.clip(np.rint(K / np.array([[0.01], [0.02]])), -128, 127).astype(np.int8)
save("pairs", model(tail + [helper.make_node("QuantizeLinear", ["s", "sx", "zx"], ["q"]), helper.make_node("DequantizeLinear", ["q", "sx", "zx"], ["d"]),
                        helper.make_node("DequantizeLinear", ["Kq", "sk"], ["Kd"], axis=0), helper.make_node("Transpose", ["Kd"], ["K"]),
                        helper.make_node("MatMul", ["d", "K"], ["m"]), helper.make_node("Add", ["m", "c"], ["out"])], *ends,
                parts + scales_of + [tensor("Kq", Kq), tensor("c", c)]), [x])

# Timesteps that are free and of which an operator has the number, and a weight without use.
save("fixed_timesteps", model(
    [helper.make_node("RNN", ["x", "W", "R", "B"], ["y"], hidden_size=4), helper.make_node("Reshape", ["y", "shape"], ["out"])],
    [value("x", ["time", "batch", 3])], [value("out", [5, None, 2, 2])],
    recurrent("RNN", 1, 3, 4) + [tensor("shape", np.array([5, -1, 2, 2], np.int64)), tensor("spare", weights(2))]), [x])

# Positions joined and divided around a layer, a table of whole numbers, both directions cut apart and joined.
save("joined_positions", model(
    [helper.make_node("Gather", ["table", "tokens"], ["g"]), helper.make_node("DequantizeLinear", ["g", "scale"], ["e"]),
     helper.make_node("LSTM", ["e", "W", "R", "B"], ["y"], hidden_size=4, direction="bidirectional"),
     helper.make_node("Split", ["y"], ["f", "b"], axis=1), helper.make_node("Squeeze", ["f", "one"], ["f1"]), helper.make_node("Squeeze", ["b", "one"], ["b1"]),
     helper.make_node("Concat", ["f1", "b1"], ["j"], axis=2), helper.make_node("Shape", ["j"], ["s"], end=2),
     helper.make_node("Reshape", ["j", "flat"], ["r"]), helper.make_node("Gemm", ["r", "K", "c"], ["m"], transB=1),
     helper.make_node("Concat", ["s", "two"], ["whole"], axis=0), helper.make_node("Reshape", ["m", "whole"], ["out"])],
    [value("tokens", ["time", "batch"], INT64)], [value("out", ["time", "batch", 2])],
    recurrent("LSTM", 2, 3, 4) + [tensor("table", rng.randint(-100, 100, (7, 3)).astype(np.int8)), tensor("scale", np.array(0.01, np.float32)),
                                  tensor("one", np.array([1], np.int64)), tensor("two", np.array([2], np.int64)),
                                  tensor("flat", np.array([-1, 8], np.int64)), tensor("K", weights(2, 8)), tensor("c", weights(2))]), [rng.randint(0, 7, (5, 2))])

# Elements by their sizes along an axis of free extent: places, sums, an order, and a stretched axis.
save("ordered", model(
    [helper.make_node("GRU", ["x", "W", "R", "B"], ["y"], hidden_size=4), helper.make_node("Squeeze", ["y", "one"], ["q"]),
     helper.make_node("Shape", ["q"], ["sizes"]), helper.make_node("Gather", ["sizes", "zero"], ["k"]),
     helper.make_node("TopK", ["q", "k"], ["values", "places"], axis=0, largest=0),
     helper.make_node("GatherElements", ["q", "places"], ["again"], axis=0), helper.make_node("CumSum", ["again", "first"], ["sums"], reverse=1),
     helper.make_node("TopK", ["q", "two"], ["top", "ends"], axis=-1), helper.make_node("ArgMax", ["q"], ["most"], axis=0, keepdims=0),
     helper.make_node("ArgMin", ["q"], ["least"], axis=2), helper.make_node("Transpose", ["q"], ["turned"], perm=[1, 2, 0]),
     helper.make_node("Resize", ["turned", "", "scales"], ["wide"], mode="linear")],
    [value("x", ["time", "batch", 3])],
    [value("values", ["time", "batch", 4]), value("sums", ["time", "batch", 4]), value("top", ["time", "batch", 2]), value("most", ["batch", 4], INT64),
     value("least", ["time", "batch", 1], INT64), value("wide", ["batch", 4, None])],
    recurrent("GRU", 1, 3, 4) + [tensor("one", np.array([1], np.int64)), last[2], tensor("two", np.array([2], np.int64)),
                                 tensor("first", np.array(0, np.int64)), tensor("scales", np.array([1, 1, 3], np.float32))]), [x])

# Begins with zeros that are wider than its weights: an exporter lost proj_size.
refused("state_width", model([helper.make_node("LSTM", ["x", "W", "R", "B", "", "h", "c"], ["y"], hidden_size=4)], simple["inputs"], simple["outputs"],
                             recurrent("LSTM", 1, 3, 4) + [tensor("h", np.zeros((1, 2, 4), np.float32)), tensor("c", np.zeros((1, 2, 6), np.float32))]))

# Both directions over as many timesteps as the file says, of which each sequence has its own number.
save("bilstm_lens", model(
    [helper.make_node("LSTM", ["x", "W", "R", "B", "lens"], ["y", "h", "c"], hidden_size=4, direction="bidirectional")],
    [value("x", [5, "batch", 3]), value("lens", ["batch"], TensorProto.INT32)],
    [value("y", [5, 2, "batch", 4]), value("h", [2, "batch", 4])], recurrent("LSTM", 2, 3, 4)), [x, np.array([5, 3], np.int32)])

# A limit that is applied to the gates and not to the cell.
save("lstm_clip", model(
    [helper.make_node("LSTM", ["x", "W", "R", "B"], ["y"], hidden_size=4, clip=0.3)], [value("x", ["time", "batch", 3])], [value("y", ["time", 1, "batch", 4])],
    recurrent("LSTM", 1, 3, 4)), [x])

# A limit for which Keras has no activation.
save("gru_clip", model(
    [helper.make_node("GRU", ["x", "W", "R", "B"], ["y"], hidden_size=4, clip=0.3)], [value("x", ["time", "batch", 3])], [value("y", ["time", 1, "batch", 4])],
    recurrent("GRU", 1, 3, 4)), [x])
