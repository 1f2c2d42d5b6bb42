#!/usr/bin/env python3
"""Lets Keras judge what `recur convert` writes for it.

usage: judge_keras.py RECUR FOLDER... [--to FORMAT ...] [--verbose]

Every model in the folders that has recorded outputs (`NAME.golden.npz` beside it) is converted to

  keras          x.keras         loaded by Keras 3
  keras-h5       x.h5            loaded by Keras 3
  keras-weights  x.weights.h5    loaded by load_weights into the original model with other weights; into the model of
                                 x.keras where Keras 3 can't open the original (not judged where that is refused)
  keras2-h5      x.h5            loaded by tf_keras

and run on the recorded inputs. A conversion is right (1e-5 of the largest output; 1e-2 for models of 16 bits), wrong,
refused (exit status not 0, with the code) or broken (Keras can't load or run it). Needs keras with TensorFlow, and tf_keras.
Exit status 1 when anything is wrong or broken.
"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections import Counter

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="-1")
import numpy as np

TARGETS = {"keras": ".keras", "keras-h5": ".h5", "keras-weights": ".weights.h5", "keras2-h5": ".h5"}
ENDINGS = (".keras", ".h5", ".hdf5")


def recorded(golden, prefix):
    names = [k for k in golden if re.fullmatch(prefix + r"_\d+", k)]
    return [golden[k] for k in sorted(names, key=lambda k: int(k.rsplit("_", 1)[1]))]


def flat(value):
    if isinstance(value, (list, tuple)):
        return [w for v in value for w in flat(v)]
    if isinstance(value, dict):
        return [w for v in value.values() for w in flat(v)]
    return [np.asarray(value)]


def run(model, inputs):
    """Calls the model as often as there are inputs for: a stateful one keeps its state."""
    count = len(model.inputs)
    outputs = []
    for start in range(0, len(inputs), count):
        given = inputs[start:start + count]
        outputs += flat(model(given[0] if count == 1 else given, training=False))
    return outputs


def is_keras3(path):
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            version = json.loads(archive.read("metadata.json"))["keras_version"]
    else:
        import h5py
        with h5py.File(path) as file:
            version = file.attrs["keras_version"]
    return str(version).startswith("3")


def is_half(path):
    """Whether anything in a model has 16 bits; what archives hold is stored, not compressed."""
    with open(path, "rb") as file:
        return b"float16" in file.read()


def fresh(keras, path):
    """The model of a file with other weights than the file's."""
    model = keras.models.load_model(path, compile=False)
    model.set_weights([np.full_like(w, 0.125) for w in model.get_weights()])
    return model


def judged(target, written, original, inputs, scratch, recur):
    import keras
    if target == "keras2-h5":
        import tf_keras
        return run(tf_keras.models.load_model(written, compile=False), inputs)
    if target != "keras-weights":
        return run(keras.models.load_model(written, compile=False), inputs)
    model = None
    if is_keras3(original):
        try:
            model = fresh(keras, original)
        except ValueError:
            pass  # Keras 3 can't load .h5 files that hold operations, nor bfloat16 from them.
    if model is None:
        archive = os.path.join(scratch, "architecture.keras")
        if subprocess.run([recur, "convert", original, archive, "--force"], capture_output=True).returncode:
            return None
        model = fresh(keras, archive)
    model.load_weights(written)
    return run(model, inputs)


def models(folders):
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "**", "*"), recursive=True)):
            if not path.endswith(ENDINGS) or path.endswith((".weights.h5", "_weights.h5")):
                continue
            golden = re.sub(r"\.(keras|h5|hdf5)$", ".golden.npz", path)
            if os.path.exists(golden):
                yield path, dict(np.load(golden))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recur")
    parser.add_argument("folder", nargs="+")
    parser.add_argument("--to", action="append", choices=list(TARGETS))
    parser.add_argument("--verbose", action="store_true")
    o = parser.parse_args()
    warnings.simplefilter("ignore")
    table, codes = {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        for path, golden in models(o.folder):
            inputs, outputs = recorded(golden, "in"), recorded(golden, "out")
            if not outputs:
                continue
            for target in o.to or TARGETS:
                written = os.path.join(scratch, "model" + TARGETS[target])
                if os.path.exists(written):
                    os.remove(written)
                command = [o.recur, "convert", path, written, "--to", target]
                done = subprocess.run(command, capture_output=True, text=True)
                text = done.stdout + done.stderr
                if done.returncode:
                    code = re.search(r"error\[([a-z0-9.-]+)\]", text)
                    result = "refused"
                    codes.setdefault(target, Counter())[code.group(1) if code else "exit %d" % done.returncode] += 1
                else:
                    try:
                        got = judged(target, written, path, inputs, scratch, o.recur)
                        if got is None:
                            table.setdefault((os.path.basename(os.path.dirname(path)), target), Counter())["not judged"] += 1
                            continue
                        worst = max(float(np.abs(a.astype("f8").reshape(b.shape) - b).max()) / max(1, float(np.abs(b).max()))
                                    if a.size == b.size else np.inf for a, b in zip(got, outputs))
                        result = "broken" if len(got) < len(outputs) else "right" if worst <= (1e-2 if is_half(path) else 1e-5) else "wrong"
                        text = "%d of %d outputs, worst difference %g" % (len(got), len(outputs), worst)
                    except Exception as e:
                        result, text = "broken", repr(e)[:600]
                table.setdefault((os.path.basename(os.path.dirname(path)), target), Counter())[result] += 1
                if o.verbose and result != "right":
                    print(result, path, target, "\n    " + "\n    ".join(text.strip().splitlines()[:6]), flush=True)
    for (folder, target), results in sorted(table.items()):
        print("%-16s -> %-14s %s" % (folder, target, ", ".join("%s %d" % r for r in results.most_common())))
    for target, counts in codes.items():
        print("refused to write %s: %s" % (target, ", ".join("%s %d" % c for c in counts.most_common())))
    bad = sum(r["wrong"] + r["broken"] for r in table.values())
    total = sum(sum(r.values()) for r in table.values())
    print("%d right of %d, %d wrong or broken" % (sum(r["right"] for r in table.values()), total, bad))
    sys.exit(1 if bad or not total else 0)


if __name__ == "__main__":
    main()
