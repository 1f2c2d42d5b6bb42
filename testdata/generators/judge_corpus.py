#!/usr/bin/env python3
"""Lets Keras 3 and PyTorch judge what `recur convert` makes of the models of a corpus.

usage: judge_corpus.py RECUR --corpus DIR [--family NAME ...] [--kind ENDING ...] [--to keras|pytorch ...] [--verbose]

Every file of `DIR/manifest.json` with recorded outputs (with the jobs that `DIR/../check/conformance.py` makes of it) is converted to
`.keras`, which Keras 3 loads, and to weights with the module that is written beside them, which torch runs. A conversion is right (1e-5
of the largest output; 1e-2 for models of 16 bits; the tolerance that the corpus gives), wrong, broken (the framework can't load or
run it), refused (by code), unjudged (the recording holds text), or unread (`recur validate` refuses the model too). Needs torch and
keras 3. Exit status 1 when anything is wrong or broken.
"""
import argparse
import collections
import importlib.util
import os
import re
import subprocess
import sys
import tempfile

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="-1")
import numpy as np

import judge_onnx


def flat(value):
    if hasattr(value, "detach"):
        return [value.detach().numpy()]
    if isinstance(value, (list, tuple)):
        return [w for v in value for w in flat(v)]
    if isinstance(value, dict):
        return [w for v in value.values() for w in flat(v)]
    return [np.asarray(value)]


def calls(inputs, counts):
    """The inputs of each call, for the first count that divides them."""
    count = next((n for n in counts if n and len(inputs) % n == 0), len(inputs))
    return [inputs[i:i + count] for i in range(0, len(inputs), count)]


def in_keras(folder, inputs):
    import keras
    model = keras.models.load_model(os.path.join(folder, "model.keras"), compile=False)
    got = []
    for given in calls(inputs, [len(model.inputs)]):
        got += flat(model(given[0] if len(given) == 1 else given, training=False))
    return got


def in_torch(folder, inputs):
    import torch
    spec = importlib.util.spec_from_file_location("generated", os.path.join(folder, "model.py"))
    generated = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generated)
    model = generated.Model().eval()
    model.load_state_dict(torch.load(os.path.join(folder, "model.pt"), weights_only=True))
    most = model.forward.__code__.co_argcount - 1
    got = []
    with torch.no_grad():
        for given in calls(inputs, [most, most - len(model.forward.__defaults__ or ())]):
            got += flat(model(*[torch.from_numpy(np.ascontiguousarray(x)) for x in given]))
    return got


TARGETS = {"keras": (["model.keras"], in_keras), "pytorch": (["model.pt", "--module", "model.py"], in_torch)}


def difference(got, wanted):
    """The largest difference of the outputs, in parts of the largest number; a text when they can't be compared."""
    if len(wanted) == 1:
        got = got[:1]
    if len(got) != len(wanted) or any(a.size != b.size for a, b in zip(got, wanted)):
        return "%s instead of %s" % ([y.shape for y in got], [y.shape for y in wanted])
    worst = 0.0
    for a, b in zip(got, wanted):
        a, b = a.astype("f8").reshape(b.shape), b.astype("f8")
        if b.size:
            worst = max(worst, float(np.nanmax(np.abs(a - b))) / max(1.0, float(np.nanmax(np.abs(b)))))
    return worst


def judge(recur, path, golden_path, extra, tolerance, target, folder):
    files, run = TARGETS[target]
    arguments = [a if a.startswith("-") else os.path.join(folder, a) for a in files]
    done = subprocess.run([recur, "convert", path] + arguments + ["--force"] + extra, capture_output=True, text=True, errors="replace", timeout=300)
    if done.returncode:
        text = done.stderr + done.stdout
        code = re.search(r"error\[([\w.-]+)\]", text)
        return "refused", code.group(1) if code else "exit %d" % done.returncode, text
    golden = dict(np.load(golden_path, allow_pickle=False))
    inputs, wanted = judge_onnx.recorded(golden, "in"), judge_onnx.recorded(golden, "out")
    if any(x.dtype.kind in "US" for x in inputs):
        return "unjudged", "text", ""
    try:
        worst = difference(run(folder, inputs), wanted)
    except Exception as error:
        return "broken", "", "%s: %s" % (type(error).__name__, str(error)[:600])
    if isinstance(worst, str):
        return "wrong", "shapes", worst
    is_half = any(y.dtype == np.float16 for y in wanted) or re.search("16|half|mixed", os.path.basename(path))
    limit = max(tolerance or 0, 1e-2 if is_half else 1e-5)
    return ("right" if worst <= limit else "wrong"), "", "differs by %g" % worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recur")
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--family", action="append")
    parser.add_argument("--kind", action="append")
    parser.add_argument("--to", action="append", choices=list(TARGETS))
    parser.add_argument("--verbose", action="store_true")
    o = parser.parse_args()
    table, codes = collections.OrderedDict(), collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        for family, path, golden, extra, tolerance in judge_onnx.corpus_jobs(o.corpus, o.family, scratch):
            if o.kind and not path.endswith(tuple(o.kind)):
                continue
            for target in o.to or TARGETS:
                with tempfile.TemporaryDirectory() as folder:
                    try:
                        verdict, code, text = judge(o.recur, path, golden, extra, tolerance, target, folder)
                    except subprocess.TimeoutExpired:
                        verdict, code, text = "broken", "timeout", "no answer"
                if verdict == "refused":
                    check = subprocess.run([o.recur, "validate", path, "--golden", golden] + extra, capture_output=True)
                    if check.returncode:
                        verdict = "unread"
                    else:
                        codes[target, code] += 1
                table.setdefault((family, target), collections.Counter())[verdict] += 1
                if verdict in ("wrong", "broken") or o.verbose and verdict == "refused":
                    print("%s %s -> %s: %s %s\n    %s" % (verdict, family, target, path, " ".join(extra), "\n    ".join(text.strip().splitlines()[:3])), flush=True)
    order = ("right", "wrong", "broken", "refused", "unjudged", "unread")
    total = collections.defaultdict(collections.Counter)
    for (family, target), row in table.items():
        total[target].update(row)
        print("%-20s -> %-8s " % (family, target) + "  ".join("%s %d" % (v, row[v]) for v in order if row[v]))
    for target, row in total.items():
        print("total -> %s %d: " % (target, sum(row.values())) + ", ".join("%s %d" % (v, row[v]) for v in order))
    for (target, code), count in codes.most_common():
        print("    refused -> %-8s %-36s %d" % (target, code, count))
    bad = sum(row["wrong"] + row["broken"] for row in total.values())
    sys.exit(1 if bad or not total else 0)


if __name__ == "__main__":
    main()
