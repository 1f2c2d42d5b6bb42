"""Writes random models of ONNX around random recurrent operators, and lets a command validate them.

usage: random_onnx.py FOLDER RECUR COUNT [FIRST]    (onnx, onnxruntime, numpy)

Number N is the same model every time. Each has one or two of LSTM, GRU and RNN with random options, between random
operators, in a random version of ONNX' set of operators; ONNX Runtime computes what is compared. Prints how many are
right, refused (by the first words of the message) and wrong; wrong ones and those that end otherwise stay in FOLDER.
"""
import collections
import concurrent.futures
import os
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

onnxruntime.set_default_logger_severity(4)


class Writer:
    def __init__(self, number):
        self.rng = np.random.RandomState(number)
        self.opset = int(self.rng.choice(list(range(7, 23))))
        self.nodes, self.weights, self.inputs, self.arrays, self.count = [], [], [], [], 0
        self.batch, self.time = int(self.rng.randint(1, 4)), int(self.rng.randint(2, 6))
        self.is_free = self.rng.rand() < 0.7

    def name(self, kind):
        self.count += 1
        return "%s_%d" % (kind.lower(), self.count)

    def chance(self, p=0.5):
        return self.rng.rand() < p

    def weight(self, *shape, scale=0.5):
        return self.constant((self.rng.standard_normal(shape) * scale).astype(np.float32))

    def constant(self, array):
        array = np.asarray(array)
        name = self.name("w")
        if self.chance(0.2):
            self.nodes.append(helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array, name)))
        else:
            self.weights.append(numpy_helper.from_array(array, name))
        return name

    def ints(self, values):
        return self.constant(np.asarray(values, np.int64))

    def op(self, kind, *inputs, outputs=1, **attributes):
        names = [self.name(kind) for _ in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def input(self, axes, array):
        name = self.name("in")
        extents = [{"b": self.batch, "t": self.time}.get(a, a) for a in axes]
        shape = [({"b": "batch", "t": "time"}.get(a, a) if self.is_free else e) for a, e in zip(axes, extents)]
        array = array(extents)
        self.inputs.append(helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), shape))
        self.arrays.append(array)
        return name

    def squeeze(self, x, axes):
        return self.op("Squeeze", x, axes=axes) if self.opset < 13 else self.op("Squeeze", x, self.ints(axes))

    def unsqueeze(self, x, axes):
        return self.op("Unsqueeze", x, axes=axes) if self.opset < 13 else self.op("Unsqueeze", x, self.ints(axes))

    def slice(self, x, start, end, axis, step=1):
        if self.opset < 10:
            return self.op("Slice", x, starts=[start], ends=[end], axes=[axis]) if step == 1 else x
        return self.op("Slice", x, self.ints([start]), self.ints([end]), self.ints([axis]), self.ints([step]))

    def reduce(self, kind, x, axes, keeps):
        if self.opset < (13 if kind == "ReduceSum" else 18):
            return self.op(kind, x, axes=axes, keepdims=keeps)
        return self.op(kind, x, self.ints(axes), keepdims=keeps)

    # x is [batch, time, width] or [time, batch, width] from here on.

    def pointwise(self, x, width):
        kinds = ["Relu", "Tanh", "Sigmoid", "Neg", "Abs", "Exp", "Softplus", "Softsign", "LeakyRelu", "Elu", "HardSigmoid",
                 "scale", "shift", "residual", "dense", "softmax", "layernorm", "clip", "where", "prelu", "dropout", "pow"]
        kind = self.rng.choice(kinds + (["Sin", "Cos"] if self.opset > 6 else []) + (["Erf"] if self.opset > 8 else [])
                               + (["HardSwish"] if self.opset > 13 else []) + (["Mish"] if self.opset > 17 else [])
                               + (["Gelu"] if self.opset > 19 else []))
        if kind == "scale":
            return self.op("Mul", x, self.weight(width)), width
        if kind == "shift":
            return self.op("Add" if self.chance() else "Sub", x, self.weight(1, 1, width)), width
        if kind == "residual":
            return self.op("Add", x, self.op("Tanh", x)), width
        if kind == "dense":
            other = int(self.rng.randint(1, 6))
            y = self.op("MatMul", x, self.weight(width, other))
            return (self.op("Add", y, self.weight(other)) if self.chance(0.7) else y), other
        if kind == "softmax":
            return self.op("Softmax", x, axis=2), width
        if kind == "layernorm" and self.opset > 16:
            return self.op("LayerNormalization", x, self.weight(width), self.weight(width), axis=-1), width
        if kind == "layernorm":
            mean = self.reduce("ReduceMean", x, [2], 1)
            distance = self.op("Sub", x, mean)
            variance = self.reduce("ReduceMean", self.op("Mul", distance, distance), [2], 1)
            return self.op("Div", distance, self.op("Sqrt", self.op("Add", variance, self.constant(np.float32(1e-3))))), width
        if kind == "clip":
            return (self.op("Clip", x, min=-0.5, max=0.8) if self.opset < 11
                    else self.op("Clip", x, self.constant(np.float32(-0.5)), self.constant(np.float32(0.8)))), width
        if kind == "where" and self.opset > 8:
            return self.op("Where", self.op("Greater", x, self.constant(np.float32(0))), x, self.op("Mul", x, self.weight(width))), width
        if kind == "prelu":
            return self.op("PRelu", x, self.weight(width)), width
        if kind == "dropout":
            return self.op("Dropout", x), width
        if kind == "pow":
            return self.op("Pow", x, self.constant(np.float32(2))), width
        if kind in ("where",):
            return self.op("Max", x, self.weight(1)), width
        return self.op(kind, x), width

    def recurrent(self, x, width, is_time_first):
        kind = str(self.rng.choice(["LSTM", "GRU", "RNN"]))
        gates, states = {"LSTM": (4, 2), "GRU": (3, 1), "RNN": (1, 1)}[kind]
        units = int(self.rng.randint(1, 6))
        direction = str(self.rng.choice(["forward", "reverse", "bidirectional"]))
        d = 2 if direction == "bidirectional" else 1
        if not is_time_first:
            x = self.op("Transpose", x, perm=[1, 0, 2])
        inputs = [x, self.weight(d, gates * units, width), self.weight(d, gates * units, units)]
        inputs.append(self.weight(d, 2 * gates * units) if self.chance(0.8) else "")
        lengths = ""
        if self.chance(0.3):
            lengths = self.input(["b"], lambda e: self.rng.randint(1, self.time + 1, e).astype(np.int32))
        inputs.append(lengths)
        for _ in range(states):
            if self.chance(0.3):
                inputs.append(self.input([d, "b", units], lambda e: (self.rng.standard_normal(e) * 0.5).astype(np.float32)))
            else:
                inputs.append("")
        options = {"hidden_size": units, "direction": direction}
        if kind == "LSTM" and self.chance(0.2):
            inputs.append(self.weight(d, 3 * units))
        if kind == "LSTM" and self.chance(0.15):
            options["input_forget"] = 1
        if kind == "GRU" and self.chance():
            options["linear_before_reset"] = 1
        if self.chance(0.3):
            gate = ["Sigmoid", "HardSigmoid"]
            other = ["Tanh", "Relu", "Softsign", "Elu", "LeakyRelu", "Affine", "ScaledTanh", "ThresholdedRelu"]
            if options.get("input_forget"):
                gate = ["Sigmoid"]
            one = {"LSTM": [gate, other, other], "GRU": [gate, other], "RNN": [other]}[kind]
            options["activations"] = [str(self.rng.choice(c)) for _ in range(d) for c in one]
            alphas = {"HardSigmoid": 0.25, "Elu": 0.7, "LeakyRelu": 0.1, "Affine": 0.8, "ScaledTanh": 1.2, "ThresholdedRelu": 0.1}
            betas = {"HardSigmoid": 0.4, "Affine": 0.1, "ScaledTanh": 0.9}
            used = options["activations"]
            if set(used) & set(alphas):
                options["activation_alpha"] = [alphas[a] for a in used if a in alphas]
                if any(a in betas for a in used):
                    options["activation_beta"] = [betas[a] for a in used if a in betas]
        if self.chance(0.15):
            options["clip"] = float(self.rng.uniform(0.3, 2))
        while inputs[-1] == "":
            inputs.pop()
        outputs = self.op(kind, *inputs, outputs=1 + states, **options)
        return outputs, units, d

    def merged(self, outputs, units, d):
        """The sequence [time, batch, d·units] or a state [batch, d·units]."""
        if self.chance(0.25):
            state = outputs[int(self.rng.randint(1, len(outputs)))]
            if d == 1:
                return self.squeeze(state, [0]), units, "state"
            y = self.op("Transpose", state, perm=[1, 0, 2])
            return self.op("Reshape", y, self.ints([-1, d * units])), d * units, "state"
        y = outputs[0]
        if d == 1:
            return self.squeeze(y, [1]), units, "sequence"
        if self.chance(0.6):
            y = self.op("Transpose", y, perm=[0, 2, 1, 3])
            return self.op("Reshape", y, self.ints([0, 0, -1])), 2 * units, "sequence"
        halves = [self.squeeze(self.slice(y, i, i + 1, 1), [1]) for i in range(2)]
        if self.chance():
            return self.op("Add", *halves), units, "sequence"
        return self.op("Concat", *halves, axis=2), 2 * units, "sequence"

    def model(self):
        width = int(self.rng.randint(1, 5))
        is_time_first = self.chance()
        axes = ["t", "b"] if is_time_first else ["b", "t"]
        if self.chance(0.2):
            rows = int(self.rng.randint(4, 9))
            tokens = self.input(axes, lambda e: self.rng.randint(0, rows, e).astype(np.int64))
            x = self.op("Gather", self.weight(rows, width), tokens)
        else:
            x = self.input(axes + [width], lambda e: self.rng.standard_normal(e).astype(np.float32))
        for _ in range(int(self.rng.randint(0, 3))):
            x, width = self.pointwise(x, width)
        results = []
        for layer in range(int(self.rng.choice([1, 1, 2]))):
            outputs, units, d = self.recurrent(x, width, is_time_first)
            x, width, what = self.merged(outputs, units, d)
            if self.chance(0.3):
                results.append(outputs[-1])
            if what == "state":
                break
            is_time_first = True
            if self.chance(0.3):
                x, is_time_first = self.op("Transpose", x, perm=[1, 0, 2]), False
            if self.chance(0.4):
                x, width = self.pointwise(x, width)
        if what == "sequence":
            time = 0 if is_time_first else 1
            how = self.rng.choice(["all", "last", "first", "mean", "max", "gather", "cumsum", "reverse", "conv", "pad", "topk"])
            if how == "last":
                x = self.squeeze(self.slice(x, -1, 2**31 - 1, time), [time])
            elif how == "first":
                x = self.op("Gather", x, self.constant(np.int64(0)), axis=time)
            elif how == "gather":
                x = self.op("Gather", x, self.ints([-1, 0] if self.opset > 10 else [0, 1]), axis=time)
            elif how in ("mean", "max"):
                x = self.reduce("Reduce" + how.title(), x, [time], int(self.chance()))
            elif how == "cumsum" and self.opset > 10:
                x = self.op("CumSum", x, self.constant(np.int64(time)), reverse=int(self.chance()))
            elif how == "reverse":
                x = self.slice(x, -1, -2**31, time, -1)
            elif how == "conv":
                x = self.op("Transpose", x, perm=[1, 2, 0] if is_time_first else [0, 2, 1])
                x = self.op("Conv", x, self.weight(3, width, 2), kernel_shape=[2], pads=[1, 0])
            elif how == "pad":
                pads = [0, 0, 1, 0, 0, 1]
                x = self.op("Pad", x, pads=pads) if self.opset < 11 else self.op("Pad", x, self.ints(pads))
            elif how == "topk" and self.opset > 9:
                x, places = self.op("TopK", x, self.ints([1]), outputs=2, axis=2)
                results.append(places)
        elif self.chance(0.6):
            x = self.op("Gemm", x, self.weight(width, 3), self.weight(3))
            x = self.op("Softmax", x, axis=1) if self.chance() else x
        if self.chance(0.3):
            x = self.op("Identity", x)
        results.insert(0, x)
        values = [helper.make_empty_tensor_value_info(name) for name in dict.fromkeys(results)]
        graph = helper.make_graph(self.nodes, "random", self.inputs, values, self.weights)
        m = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", self.opset)])
        return onnx.shape_inference.infer_shapes(m)


def main(folder, recur, count, first=0):
    os.makedirs(folder, exist_ok=True)

    def judged(number):
        base = os.path.join(folder, "m%05d" % number)
        writer = Writer(number)
        m = writer.model()
        onnx.save(m, base + ".onnx")
        try:
            session = onnxruntime.InferenceSession(base + ".onnx", providers=["CPUExecutionProvider"])
            results = session.run(None, {i.name: a for i, a in zip(writer.inputs, writer.arrays)})
        except Exception as error:
            os.remove(base + ".onnx")
            return number, "unwritten", str(error).split("\n")[0][:150]
        golden = {"in_%d" % i: a for i, a in enumerate(writer.arrays)}
        golden.update({"out_%d" % i: a for i, a in enumerate(results)})
        np.savez(base + ".npz", **golden)
        run = subprocess.run([recur, "validate", base + ".onnx", "--golden", base + ".npz"], capture_output=True, text=True)
        text = run.stdout + run.stderr
        error = next((line for line in text.splitlines() if line.startswith("error[")), "")
        kind = ("right" if run.returncode == 0 else "wrong" if "verify.mismatch" in error or not error else "refused")
        if kind == "right":
            os.remove(base + ".onnx")
            os.remove(base + ".npz")
        return number, kind, error or "exit status %d" % run.returncode

    counts, reasons = collections.Counter(), collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        for number, kind, error in threads.map(judged, range(int(first), int(first) + int(count))):
            counts[kind] += 1
            if kind == "wrong":
                print("WRONG", number, error)
            elif kind != "right":
                reasons[kind + ": " + error[:120]] += 1
    for reason, times in reasons.most_common():
        print("%4d %s" % (times, reason))
    print(dict(counts))
    sys.exit(1 if counts["wrong"] else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
