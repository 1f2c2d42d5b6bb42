"""Records ONNX's own tests of single operators, and what a command makes of them.

usage: make_onnx_nodes.py record FOLDER            writes FOLDER/nodes.zip    (onnx, numpy)
       make_onnx_nodes.py judge FOLDER RECUR       writes FOLDER/refused.txt, prints a table for docs

The archive has two entries: `files`, one file behind the other, and `index.json`, which says for every test the names
and lengths of its files: model.onnx and test_data_set_0/…, as model zoos have them. Recorded are the tests
of every operator in OPERATORS whose arrays are numbers, without those that write an operator out in others
(`_expanded`), without those of more than 40000 bytes, of random numbers, or of outputs that are no numbers (NaN), which
never count as equal. Shapes, axes and weights, which the tests give as inputs, are constants in the recorded models, as
exporters write them; so is every input of an operator in CONSTANTS but the first ones.
"""
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import warnings
import zipfile

warnings.filterwarnings("ignore")

OPERATORS = """
Abs Acos Add And ArgMax ArgMin Asin Atan AveragePool BatchNormalization Cast CastLike Ceil Celu Clip Concat Constant
ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumSum DequantizeLinear Div Dropout DynamicQuantizeLinear
Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm
GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GroupNormalization HardSigmoid HardSwish Identity If
InstanceNormalization IsNaN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax Loop LpNormalization
MatMul MatMulInteger Max MaxPool Mean Min Mish Mod Mul Neg Not Or PRelu Pad Pow QuantizeLinear RNN Range Reciprocal
ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
Relu Reshape Resize ReverseSequence Round Scan Scatter ScatterElements ScatterND Selu Shape Sigmoid Sign Sin Sinh
Size Slice Softmax Softplus Softsign Split Sqrt Squeeze Sub Sum Swish Tan Tanh ThresholdedRelu Tile TopK Transpose
Trilu Unsqueeze Where Xor
""".split()
# The inputs that stay, of operators whose others are weights, shapes, axes or numbers.
CONSTANTS = dict.fromkeys("""
BatchNormalization Clip Conv ConvInteger ConvTranspose CumSum Dropout Expand GroupNormalization InstanceNormalization
LayerNormalization MatMulInteger Pad ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin
ReduceProd ReduceSum ReduceSumSquare Reshape Resize Slice Split Squeeze Tile TopK Trilu Unsqueeze
""".split(), (0,))
CONSTANTS.update({"LSTM": (0, 4, 5, 6), "GRU": (0, 4, 5), "RNN": (0, 4, 5)})
MOST_BYTES = 40000


def record(folder):
    import numpy as np
    import onnx
    from onnx import numpy_helper
    from onnx.backend.test.case.node import collect_testcases

    np.random.seed(5)
    os.makedirs(folder, exist_ok=True)
    left_out = collections.Counter()
    index, content = [], []
    for case in sorted(collect_testcases(None), key=lambda c: c.name):
        model = case.model
        kinds = {n.op_type for n in model.graph.node}
        if "_expanded" in case.name or not kinds <= set(OPERATORS):
            continue
        inputs, outputs = case.data_sets[0]
        arrays = list(inputs) + list(outputs)
        if not all(isinstance(a, (np.ndarray, np.generic, onnx.TensorProto)) for a in arrays):
            left_out["no tensors"] += 1
            continue

        def proto(array, value):
            own = array if isinstance(array, onnx.TensorProto) else numpy_helper.from_array(np.asarray(array))
            copy = onnx.TensorProto()
            copy.CopyFrom(own)
            copy.name = value.name
            return copy.SerializeToString()

        files = {"input_%d" % i: proto(a, v) for i, (a, v) in enumerate(zip(inputs, model.graph.input))}
        files.update({"output_%d" % i: proto(a, v) for i, (a, v) in enumerate(zip(outputs, model.graph.output))})
        if not inputs or not outputs:
            left_out["no inputs"] += 1
            continue
        def has_nan(message):
            own = onnx.TensorProto()
            own.ParseFromString(message)
            return bool(np.isnan(np.asarray(numpy_helper.to_array(own), np.float64)).any())

        if any(has_nan(message) for name, message in files.items() if name.startswith("output_")):
            left_out["NaN"] += 1
            continue
        if sum(map(len, files.values())) + model.ByteSize() > MOST_BYTES:
            left_out["large"] += 1
            continue
        kept = list(range(len(inputs)))
        if len(model.graph.node) == 1 and model.graph.node[0].op_type in CONSTANTS:
            names = list(model.graph.node[0].input)
            kept = [i for i, v in enumerate(model.graph.input) if names.index(v.name) in CONSTANTS[model.graph.node[0].op_type]]
            for i in range(len(inputs)):
                if i not in kept:
                    weight = model.graph.initializer.add()
                    weight.ParseFromString(files["input_%d" % i])
            values = [model.graph.input[i] for i in kept]
            del model.graph.input[:]
            model.graph.input.extend(values)
        arrays = {"input_%d" % new: files["input_%d" % old] for new, old in enumerate(kept)}
        files = {**arrays, **{name: message for name, message in files.items() if name.startswith("output_")}}
        own = {"model.onnx": model.SerializeToString()}
        own.update({"test_data_set_0/%s.pb" % name: message for name, message in files.items()})
        index.append({"name": case.name, "files": [[name, len(message)] for name, message in own.items()]})
        content += own.values()
    with zipfile.ZipFile(os.path.join(folder, "nodes.zip"), "w") as archive:
        for name, all_bytes in (("index.json", json.dumps(index, separators=(",", ":")).encode()), ("files", b"".join(content))):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, all_bytes, compresslevel=9)
    print("left out:", dict(left_out))


def operator(model):
    import onnx

    kinds = [n.op_type for n in onnx.load(model).graph.node]
    return next((k for k in kinds if k in ("Loop", "Scan", "If")), kinds[-1])


def judge(folder, recur):
    counts, refused = {}, []
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(os.path.join(folder, "nodes.zip")) as archive:
        index, content, start = json.loads(archive.read("index.json")), archive.read("files"), 0
        for case in index:
            os.makedirs(os.path.join(scratch, case["name"], "test_data_set_0"))
            for name, length in case["files"]:
                with open(os.path.join(scratch, case["name"], name), "wb") as file:
                    file.write(content[start:start + length])
                start += length
        def run(name):
            own = os.path.join(scratch, name)
            return subprocess.run(
                [recur, "validate", os.path.join(own, "model.onnx"), "--golden", os.path.join(own, "test_data_set_0"),
                 "--rtol", "1e-3", "--atol", "1" if "quantizelinear" in name else "1e-6"],
                capture_output=True, text=True)

        names = sorted(os.listdir(scratch))
        with concurrent.futures.ThreadPoolExecutor(2) as threads:
            runs = list(threads.map(run, names))
        for name, run in zip(names, runs):
            kind = operator(os.path.join(scratch, name, "model.onnx"))
            row = counts.setdefault(kind, collections.Counter())
            lines = (run.stdout + run.stderr).splitlines()
            if run.returncode == 0:
                row["right"] += 1
                continue
            error = next((line for line in lines if line.startswith("error[")), None)
            if error is None:
                print("ENDED", run.returncode, name)
                continue
            code, message = error[len("error["):].split("]: ", 1)
            if code == "verify.mismatch":
                row["wrong"] += 1
                print("WRONG", name, message)
                continue
            row["refused"] += 1
            refused.append("%s %s %s" % (name, code, message))
    with open(os.path.join(folder, "refused.txt"), "w") as file:
        file.write("\n".join(refused) + "\n")
    for kind, row in sorted(counts.items()):
        print("| %s | %d | %d |" % (kind, row["right"], row["refused"]) + (" WRONG %d" % row["wrong"] if row["wrong"] else ""))
    print("total", sum(map(collections.Counter, counts.values()), collections.Counter()))


if __name__ == "__main__":
    {"record": record, "judge": judge}[sys.argv[1]](*sys.argv[2:])
