"""Real frameworks judge conversions there and back.

usage: judge_round_trips.py RECUR FOLDER...

  NAME.h5, NAME.keras  Keras -> PyTorch -> Keras: the generated module with a.pt, and b.keras made of a.pt in Keras 3
  NAME.pt, .safetensors, .npz with NAME.json  PyTorch -> Keras -> PyTorch: b.keras in Keras 3, and the module made of it

Every file that is written must give the recorded outputs of NAME.golden.npz within 1e-5 (16-bit models: 1e-2), or the
conversion must be refused by its code. Needs torch and keras 3.
"""
import glob
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="-1")
import numpy as np


class Refused(Exception):
    pass


def recur(*arguments):
    run = subprocess.run([RECUR, "convert", *arguments, "--force"], capture_output=True, text=True)
    if run.returncode:
        raise Refused(re.search(r"error\[([a-z0-9.-]+)\]", run.stderr).group(1) if "error[" in run.stderr else run.stderr[:200])


def flat(value):
    if hasattr(value, "detach"):
        return [value.detach().numpy()]
    if isinstance(value, (list, tuple)):
        return [w for v in value for w in flat(v)]
    if isinstance(value, dict):
        return [w for v in value.values() for w in flat(v)]
    return [np.asarray(value)]


def in_torch(module, weights, inputs):
    import torch
    spec = importlib.util.spec_from_file_location("generated", module)
    generated = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generated)
    model = generated.Model().eval()
    model.load_state_dict(torch.load(weights, weights_only=True))
    count = model.forward.__code__.co_argcount - 1
    got = []
    with torch.no_grad():
        for call in range(0, len(inputs), count):
            got += flat(model(*[torch.from_numpy(x) for x in inputs[call:call + count]]))
    return got


def in_keras(path, inputs):
    import keras
    model = keras.models.load_model(path, compile=False)
    count, got = len(model.inputs), []
    for call in range(0, len(inputs), count):
        given = inputs[call:call + count]
        got += flat(model(given[0] if count == 1 else given, training=False))
    return got


def compare(what, got, wanted, limit):
    if [a.shape for a in got] != [a.shape for a in wanted]:
        return "%s: shapes %s, recorded %s" % (what, [a.shape for a in got], [a.shape for a in wanted])
    worst = max(float(np.abs(a.astype("f8") - b).max()) for a, b in zip(got, wanted))
    return None if worst <= limit else "%s: differs by %g" % (what, worst)


def judge(path, folder):
    stem = re.sub(r"\.(h5|keras|pt|safetensors|npz)$", "", path)
    golden = dict(np.load(stem + ".golden.npz"))
    inputs, wanted = ([golden["%s_%d" % (p, i)] for i in range(sum(k.startswith(p + "_") for k in golden))] for p in ("in", "out"))
    limit = 1e-2 if re.search("16|precision", os.path.basename(path)) else 1e-5
    a, b, c, m, n = (os.path.join(folder, f) for f in ("a.pt", "b.keras", "c.pt", "m.py", "n.py"))
    if path.endswith((".h5", ".keras")):
        recur(path, a, "--module", m)
        problem = compare("PyTorch", in_torch(m, a, inputs), wanted, limit)
        recur(a, b, "--architecture", path)
        return problem or compare("Keras again", in_keras(b, inputs), wanted, limit)
    declared = ["--architecture", stem + ".json"]
    try:
        recur(path, b, *declared)
    except Refused as refusal:
        if str(refusal) != "pytorch.inputs.undeclared":
            raise
        names = ["x", "h_0", "c_0"][:len(inputs)]
        recur(path, b, *declared, "--inputs", ",".join(names))
    problem = compare("Keras", in_keras(b, inputs), wanted, limit)
    recur(b, c, "--module", n)
    return problem or compare("PyTorch again", in_torch(n, c, inputs), wanted, limit)


def main():
    table, bad = Counter(), 0
    for folder in sys.argv[2:]:
        for path in sorted(glob.glob(os.path.join(folder, "*"))):
            stem, ending = os.path.splitext(path)
            if ending not in (".h5", ".keras", ".pt", ".safetensors", ".npz") or not os.path.exists(stem + ".golden.npz"):
                continue
            if ending in (".pt", ".safetensors", ".npz") and not os.path.exists(stem + ".json"):
                continue
            with tempfile.TemporaryDirectory() as scratch:
                try:
                    problem = judge(path, scratch)
                except Refused as refusal:
                    table["refused " + str(refusal)] += 1
                    continue
                except Exception as error:
                    problem = repr(error)[:300]
            if problem:
                bad += 1
                print(path, problem)
            else:
                table["right"] += 1
    print(", ".join("%s %d" % row for row in table.most_common()), "wrong or broken %d" % bad)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    RECUR = os.path.abspath(sys.argv[1])
    main()
