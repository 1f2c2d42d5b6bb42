"""Writes manifest.json: every fixture with its golden, or with the diagnostic it must produce.

usage: make_manifest.py TESTDATA RECUR

`expects` is what `recur` reports today and was read over by a person before it was committed; a test
holds the program to it. Running this script again shows as a difference what a change did.
"""
import hashlib
import json
import os
import re
import subprocess
import sys

root, recur = sys.argv[1:3]
entries = []
for folder in ("keras3", "tf_keras", "unusual", "broken", "hostile"):
    for name in sorted(os.listdir(os.path.join(root, folder))):
        if name.endswith(".npz"):
            continue
        path = "%s/%s" % (folder, name)
        full = os.path.join(root, path)
        golden = path[:-3] + ".golden.npz"
        command = "inspect" if folder == "hostile" else "validate"
        report = subprocess.run([recur, command, full, "--format", "json"], capture_output=True, text=True)
        codes = [d["code"] for d in json.loads(report.stdout)["diagnostics"] if d["severity"] != "note"]
        entries.append({
            "path": path, "command": command, "status": report.returncode, "expects": sorted(set(codes)),
            "golden": golden if os.path.exists(os.path.join(root, golden)) else None,
            "sha256": hashlib.sha256(open(full, "rb").read()).hexdigest()})
with open(os.path.join(root, "manifest.json"), "w") as f:
    f.write(json.dumps({"fixtures": entries}, indent=1) + "\n")
print(len(entries), "fixtures")
