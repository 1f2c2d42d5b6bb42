#!/usr/bin/env python3
"""Lets the onnx checker and ONNX Runtime judge what `recur convert` writes as ONNX.

usage: judge_onnx.py RECUR [FOLDER ...] [--corpus DIR] [--family NAME ...] [--opset N] [--verbose]

Every model in the folders that has recorded outputs (`NAME.golden.npz` beside it, and `NAME.json` for an architecture), and every
model of a corpus (`DIR/manifest.json`, with the jobs that `DIR/../check/conformance.py` makes of it) is converted to .onnx, checked
(`onnx.checker.check_model(full_check=True)`, strict shape inference with data propagation), run by ONNX Runtime on the recorded
inputs and compared with the recorded outputs. A stateful model is converted with `--states`, and its calls hand on their states.

A conversion is right (1e-5 of the largest output; 1e-2 for models of 16 bits; the tolerance that a corpus gives), wrong, refused
(exit status not 0, by code), broken (the checker or ONNX Runtime refuses the file), unjudged (the recording holds text) or unread
(`recur validate` refuses the model too). Needs onnx and onnxruntime. Exit status 1
when anything is wrong or broken.
"""
import argparse
import collections
import glob
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort

ENDINGS = (".keras", ".h5", ".hdf5", ".pt", ".pth", ".pt2", ".onnx", ".safetensors")
ort.set_default_logger_severity(4)


def recorded(golden, prefix):
    names = [k for k in golden if re.fullmatch(prefix + r"_\d+", k)]
    return [golden[k] for k in sorted(names, key=lambda k: int(k.rsplit("_", 1)[1]))]


def converted(recur, path, extra, target):
    """None, or the code of the refusal and its text."""
    if os.path.exists(target):
        os.remove(target)
    run = subprocess.run([recur, "convert", path, target, "--force"] + extra, capture_output=True, text=True, errors="replace", timeout=300)
    if run.returncode == 0:
        return None
    found = re.search(r"error\[([\w.-]+)\]", run.stderr + run.stdout) or re.search(r"([a-z0-9]+(\.[a-z0-9-]+)+)", run.stderr)
    return found.group(1) if found else "exit %d" % run.returncode, (run.stderr + run.stdout).strip()


def judge(recur, path, golden_path, extra, target, tolerance, alone=False):
    stateful = False
    refusal = converted(recur, path, extra, target)
    if refusal and "keeps its state between calls" in refusal[1]:
        stateful = True
        refusal = converted(recur, path, extra + ["--states"], target)
    if refusal:
        return "refused", refusal[0], refusal[1]
    try:
        onnx.checker.check_model(target, full_check=True)
        onnx.shape_inference.infer_shapes(onnx.load(target), check_type=True, strict_mode=True, data_prop=True)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = ort.InferenceSession(target, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        return "broken", "checker", "%s: %s" % (type(error).__name__, str(error)[:600])
    golden = dict(np.load(golden_path, allow_pickle=False))
    inputs, outputs = recorded(golden, "in"), recorded(golden, "out")
    if any(x.dtype.kind in "US" for x in inputs):
        return "unjudged", "text", "the recording holds text, and the file takes its numbers"
    ports = session.get_inputs()
    states = [p.name for p in ports if re.search(r"\.?[hc]_0$", p.name)] if stateful else []
    names = [p.name for p in ports if p.name not in states]
    types = {p.name: {"float": "f4", "double": "f8", "float16": "f2", "int64": "i8", "int32": "i4", "bool": "?", "uint8": "u1", "int8": "i1", "int16": "i2", "uint16": "u2"}.get(p.type[7:-1], "f4") for p in ports}
    shapes = {p.name: p.shape for p in ports}
    got, carried = [], {}
    # A call may leave out states that are zeros.
    count = len(names)
    required = count
    if len(inputs) % count:
        required = len([n for n in names if not re.search(r"[hc]_?\d*$|state", n)]) or 1
        if len(inputs) % required:
            required = len(inputs)
    try:
        for start in range(0, len(inputs), required):
            given = dict(zip(names, inputs[start:start + required]))
            batch = inputs[start].shape[0]
            feed = {}
            extents = {d: n for p in ports if p.name in given for d, n in zip(p.shape, given[p.name].shape) if isinstance(d, str)}
            for port in ports:
                if port.name in given:
                    value = given[port.name]
                elif port.name in carried:
                    value = carried[port.name]
                else:
                    value = np.zeros([d if isinstance(d, int) else extents.get(d, batch) for d in shapes[port.name]])
                feed[port.name] = np.asarray(value).astype(types[port.name])
            results = session.run(None, feed)
            if stateful:
                carried = dict(zip(states, results[len(results) - len(states):]))
                results = results[:len(results) - len(states)]
            got += results
    except Exception as error:
        return "broken", "run", "%s: %s" % (type(error).__name__, str(error)[:600])
    if alone or len(outputs) == 1:
        got, outputs = got[:1], outputs[:1]
    if len(got) != len(outputs) or any(a.shape != b.shape for a, b in zip(got, outputs)):
        return "wrong", "shapes", "%s instead of %s" % ([y.shape for y in got], [y.shape for y in outputs])
    worst = 0.0
    is_half = any(y.dtype == np.float16 for y in outputs) or re.search("16|half", os.path.basename(path))
    for a, b in zip(got, outputs):
        a, b = a.astype("f8"), b.astype("f8")
        if a.size == 0:
            continue
        if not np.array_equal(np.isnan(a), np.isnan(b)):
            return "wrong", "NaN", "NaN where the other has none"
        scale = max(1.0, float(np.nanmax(np.abs(b)))) if np.isfinite(b).any() else 1.0
        difference = np.where(np.isnan(a) | (a == b), 0.0, np.abs(a - b))
        worst = max(worst, float(difference.max()) / scale)
    limit = max(tolerance or 0, 1e-2 if is_half else 1e-5)
    return ("right", "", "%.1e" % worst) if worst <= limit else ("wrong", "numbers", "differs by %g" % worst)


def judged(*arguments):
    """The same in a process of its own: a file that brings the runtime down is broken."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            answer = judge(*arguments)
        except Exception as error:
            answer = ("broken", "judge", "%s: %s" % (type(error).__name__, error))
        with os.fdopen(writer, "w") as out:
            json.dump(answer, out)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answers:
        text = answers.read()
    os.waitpid(child, 0)
    answer = tuple(json.loads(text)) if text else ("broken", "crash", "ONNX Runtime or the checker crashed")
    if answer[0] in ("right", "unjudged"):
        return answer
    recur, path, golden, extra = arguments[:4]
    extra = extra[:extra.index("--opset")] if "--opset" in extra else extra
    run = subprocess.run([recur, "validate", path, "--golden", golden] + extra, capture_output=True, text=True, errors="replace")
    return answer if run.returncode == 0 else ("unread",) + answer[1:]


def folder_jobs(folders):
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "**", "*"), recursive=True)):
            stem, ending = os.path.splitext(path)
            golden = stem + ".golden.npz"
            if ending not in ENDINGS or not os.path.exists(golden):
                continue
            extra = ["--architecture", stem + ".json"] if os.path.exists(stem + ".json") and ending in (".pt", ".pth", ".safetensors") else []
            yield os.path.basename(os.path.dirname(path)), path, golden, extra, None


def corpus_jobs(corpus, families, scratch):
    spec = importlib.util.spec_from_file_location("conformance", os.path.join(corpus, "..", "check", "conformance.py"))
    conformance = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(conformance)
    for family, kind, path, args, expected, _ in conformance.jobs(families, None, scratch):
        if args[0] != "validate" or "--golden" not in args or 0 not in expected:
            continue
        extra, tolerance = [], None
        if "--architecture" in args:
            extra = ["--architecture", args[args.index("--architecture") + 1]]
        if "--atol" in args:
            tolerance = float(args[args.index("--atol") + 1])
        yield family, path, args[args.index("--golden") + 1], extra, tolerance


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recur")
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--corpus")
    parser.add_argument("--family", action="append")
    parser.add_argument("--opset")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    table, codes = collections.OrderedDict(), collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        jobs = list(folder_jobs(options.folders))
        if options.corpus:
            jobs += list(corpus_jobs(options.corpus, options.family, scratch))
        target = os.path.join(scratch, "m.onnx")
        for family, path, golden, extra, tolerance in jobs:
            alone = family == "nam" or "aidax" in path
            try:
                verdict, code, text = judged(options.recur, path, golden, extra + (["--opset", options.opset] if options.opset else []), target, tolerance, alone)
            except subprocess.TimeoutExpired:
                verdict, code, text = "broken", "timeout", "no answer"
            table.setdefault(family, collections.Counter())[verdict] += 1
            if verdict == "refused":
                codes[code] += 1
            if verdict in ("wrong", "broken") or options.verbose and verdict == "refused":
                print("%s %s: %s %s\n    %s" % (verdict, family, path, " ".join(extra), "\n    ".join(text.splitlines()[:4])), flush=True)
    total = collections.Counter()
    for family, row in table.items():
        total.update(row)
        print("%-20s" % family + "  ".join("%s %d" % (v, row[v]) for v in ("right", "wrong", "broken", "refused", "unjudged", "unread") if row[v]))
    print("total %d: " % sum(total.values()) + ", ".join("%s %d" % (v, total[v]) for v in ("right", "wrong", "broken", "refused", "unjudged", "unread")))
    for code, count in codes.most_common():
        print("    refused %-40s %d" % (code, count))
    sys.exit(1 if total["wrong"] or total["broken"] or not total else 0)


if __name__ == "__main__":
    main()
