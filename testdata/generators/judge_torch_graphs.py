"""Written Python held against real torch.  usage: judge_torch_graphs.py RECUR TESTDATA FOLDER

Every group of torch_graphs/ is converted to a state dict and a module; torch runs the module on the recorded inputs and must
give the recorded outputs. Every Keras model with a recording is declared, converted to a state dict, read back with the
declaration and compared with the recording. What differs, and what is refused, is printed. Needs torch and numpy.
"""
import collections
import glob
import importlib.util
import os
import subprocess
import sys

import numpy as np
import torch

recur, testdata, folder = sys.argv[1:4]
torch.backends.mkldnn.enabled = False


def run(*arguments):
    done = subprocess.run([recur, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def module(path):
    spec = importlib.util.spec_from_file_location("written", path)
    written = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(written)
    return written.Model()


bad = 0
for declaration in sorted(glob.glob(os.path.join(testdata, "torch_graphs", "*.json"))):
    stem = declaration[:-len(".json")]
    name = os.path.basename(stem)
    weights, code = os.path.join(folder, name + ".pt"), os.path.join(folder, name + ".py")
    status, text = run("convert", stem + ".safetensors", weights, "--architecture", declaration, "--module", code, "--force")
    if status:
        bad += 1
        print("%-14s not converted: %s" % (name, text.strip()[:400]))
        continue
    model = module(code)
    model.load_state_dict(torch.load(weights, weights_only=True))
    model.eval()
    golden = np.load(stem + ".golden.npz")
    inputs = [torch.from_numpy(golden["in_%d" % i]) for i in range(sum(k.startswith("in_") for k in golden.files))]
    with torch.no_grad():
        results = model(*inputs)
    results = results if isinstance(results, tuple) else (results,)
    worst = 0
    for index, result in enumerate(results):
        wanted = golden["out_%d" % index]
        if tuple(result.shape) != wanted.shape:
            worst = np.inf
            print("%s out_%d: %s, not %s" % (name, index, tuple(result.shape), wanted.shape))
            continue
        scale = max(1.0, np.abs(np.where(np.isfinite(wanted), wanted, 0)).max(initial=0)) if wanted.dtype != bool else 1
        difference = np.abs(result.numpy().astype("float64") - wanted.astype("float64")) / scale
        worst = max(worst, np.nanmax(difference, initial=0))
    bad += worst > 1e-5
    print("%-14s %4d outputs, worst %.1e" % (name, len(results), worst))

counts, reasons = collections.Counter(), collections.Counter()
for path in sorted(glob.glob(os.path.join(testdata, "keras3", "*.keras")) + glob.glob(os.path.join(testdata, "tf_keras", "*.keras"))):
    golden = path[:-len(".keras")] + ".golden.npz"
    if not os.path.exists(golden):
        continue
    status, text = run("inspect", path, "--emit-architecture")
    if status:
        counts["refused"] += 1
        for line in text.splitlines():
            if "can't be declared: " in line:
                reasons[line.split("can't be declared: ")[1]] += 1
        continue
    declaration, weights = os.path.join(folder, "declared.json"), os.path.join(folder, "declared.safetensors")
    with open(declaration, "w") as file:
        file.write(text[text.index("{"):text.rindex("}") + 1])
    status, text = run("convert", path, weights, "--module", os.path.join(folder, "declared.py"), "--force")
    if status:
        counts["not written"] += 1
        continue
    status, text = run("validate", weights, "--architecture", declaration, "--golden", golden)
    counts["same" if status == 0 else "differs"] += 1
    if status:
        bad += 1
        print(path, text.strip()[:600])
print(dict(counts))
for reason, count in reasons.most_common():
    print("%4d %s" % (count, reason))
sys.exit(bad > 0)
