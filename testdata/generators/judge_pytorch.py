"""Real PyTorch judges what `recur convert --module` writes.

usage: judge_pytorch.py RECUR FOLDER...        folders of NAME.h5 or NAME.keras and NAME.golden.npz

For every model: .pt and .safetensors must hold the same bits, load with weights_only=True into the
generated module, and the module must give the recorded outputs within 1e-5 (16-bit models: 1e-2).
"""
import glob
import importlib.util
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from safetensors.torch import load_file


def numbered(golden, prefix):
    return [golden["%s_%d" % (prefix, i)] for i in range(sum(k.startswith(prefix + "_") for k in golden))]


def golden_of(path):
    return os.path.splitext(path)[0] + ".golden.npz"


def judge(recur, path, scratch):
    files = [os.path.join(scratch, name) for name in ("m.pt", "m.safetensors", "m.py", "m2.py")]
    for output, module in ((files[0], files[2]), (files[1], files[3])):
        run = subprocess.run([recur, "convert", path, output, "--module", module, "--force"], capture_output=True, text=True)
        if run.returncode:
            return "refused: " + run.stderr.splitlines()[0]
    weights, same = torch.load(files[0], weights_only=True, mmap=True), load_file(files[1])
    if set(weights) != set(same) or not all(torch.equal(weights[k], same[k]) for k in weights):
        return "the two containers differ"
    spec = importlib.util.spec_from_file_location("generated", files[2])
    generated = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generated)
    model = generated.Model().eval()
    model.load_state_dict(weights)
    golden = dict(np.load(golden_of(path)))
    inputs, outputs = numbered(golden, "in"), numbered(golden, "out")
    got, count = [], model.forward.__code__.co_argcount - 1
    with torch.no_grad():
        for call in range(0, len(inputs), count):
            y = model(*[torch.from_numpy(x) for x in inputs[call:call + count]])
            got += [v.numpy() for v in (y if isinstance(y, tuple) else (y,))]
    if [y.shape for y in got] != [y.shape for y in outputs]:
        return "shapes %s instead of %s" % ([y.shape for y in got], [y.shape for y in outputs])
    worst = max(float(np.abs(a.astype("f8") - b).max()) for a, b in zip(got, outputs))
    return None if worst <= (1e-2 if "16" in os.path.basename(path) else 1e-5) else "differs by %g" % worst


def main():
    wrong = 0
    paths = sorted(p for folder in sys.argv[2:] for ending in ("h5", "keras") for p in glob.glob(os.path.join(folder, "*." + ending)) if os.path.exists(golden_of(p)))
    with tempfile.TemporaryDirectory() as scratch:
        for path in paths:
            problem = judge(sys.argv[1], path, scratch)
            if problem:
                wrong += 1
                print(path, problem)
    print("%d models, %d wrong" % (len(paths), wrong))
    sys.exit(1 if wrong or not paths else 0)


main()
