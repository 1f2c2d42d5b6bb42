"""Writes manifest.json: every fixture with its golden, or with the diagnostic it must produce.

usage: make_manifest.py TESTDATA RECUR

`expects` is what `recur` reports today and was read over by a person before it was committed; a test
holds the program to it. Running this script again shows as a difference what a change did.

Weights without an architecture are decoded with that of the model beside them: `NAME.json`, `NAME.keras`
or `NAME.h5` for `NAME.weights.h5`, `NAME_weights.h5` and `NAME.weights.json`. A JSON file by itself and a
single shard are only inspected. State dicts in torch_modules/, lengths/ and declared/ have a declaration beside them,
NAME.json; what is in recorded/ beside the weights is read by tests of its own; what lengths/ has recorded is read by a test of its own. The checkpoints in pytorch/ are held to a
list of their own, foreign/, goldens/, keras_source/, neighbours/, onnx/, readings/, tensorflow/, torch_graphs/, torchscript/, mistakes/ and the mistakes in questions/ to their tests.
"""
import hashlib
import json
import os
import re
import subprocess
import sys

root, recur = sys.argv[1:3]
# Weights in broken/ come from these models.
ARCHITECTURES = {"broken/variable_": "keras3/lstm_last.keras", "broken/shard_": "keras3_sharded/stacked.keras",
                 "keras3_sharded/shard_missing": "keras3_sharded/stacked.keras"}


# State dicts in these folders have a declaration beside them.
DECLARED = ("torch_modules", "lengths", "declared", "loose")


def folder_of(path):
    return path.split("/")[0]


def exists(path):
    return os.path.exists(os.path.join(root, path))


def stem(path):
    return re.sub(r"(_weights\.h5|\.weights\.h5|\.weights\.json|\.h5|\.keras|\.json|\.pt2|\.pt|\.safetensors|\.npz|\.pkl|\.joblib)$", "", path)


def architecture(path):
    if folder_of(path) in DECLARED:
        return stem(path) + ".json" if exists(stem(path) + ".json") else None
    if folder_of(path) == "keras_field" and not path.endswith(".json"):
        return stem(path) + ".json" if exists(stem(path) + ".json") else None
    if not re.search(r"(_weights\.h5|\.weights\.h5|\.weights\.json)$", path):
        return None
    for prefix, model in ARCHITECTURES.items():
        if path.startswith(prefix):
            return model
    models = [stem(path) + end for end in (".json", ".keras", ".h5")]
    return next((m for m in models if exists(m)), None)


entries = []
for folder in sorted(os.listdir(root)):
    if folder in ("exported", "flax", "foreign", "generators", "goldens", "keras_source", "mistakes", "neighbours", "numbers", "onnx", "pytorch", "questions", "readings", "source", "source_models", "tensorflow", "torch_graphs", "torchscript") or not os.path.isdir(os.path.join(root, folder)):
        continue
    for name in sorted(os.listdir(os.path.join(root, folder))):
        if os.path.isdir(os.path.join(root, folder, name)):
            continue
        if name.endswith((".golden.npz", ".npy")) or name.endswith(".npz") and folder not in ("keras_field", "torch_modules", "declared"):
            continue
        if folder in DECLARED and name.endswith(".json"):
            continue
        if os.path.isdir(os.path.join(root, folder, name)):
            continue
        path = "%s/%s" % (folder, name)
        full = os.path.join(root, path)
        golden = stem(path) + ".golden.npz"
        model = architecture(path)
        is_architecture = name.endswith(".json") and not name.endswith(".weights.json")
        is_shard = re.search(r"_\d{5}\.weights\.h5$", name)
        command = "inspect" if folder == "hostile" or is_architecture or is_shard else "validate"
        arguments = [recur, command, full, "--format", "json"]
        if command == "validate" and model:
            arguments += ["--architecture", os.path.join(root, model)]
        report = subprocess.run(arguments, capture_output=True, text=True)
        codes = [d["code"] for d in json.loads(report.stdout)["diagnostics"] if d["severity"] != "note"]
        entry = {
            "path": path, "command": command, "status": report.returncode, "expects": sorted(set(codes)),
            "golden": golden if command == "validate" and exists(golden) else None,
            "sha256": hashlib.sha256(open(full, "rb").read()).hexdigest()}
        if command == "validate" and model:
            entry["architecture"] = model
        entries.append(entry)
with open(os.path.join(root, "manifest.json"), "w") as f:
    f.write(json.dumps({"fixtures": entries}, indent=1) + "\n")
print(len(entries), "fixtures")
