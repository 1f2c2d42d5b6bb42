"""Runs the lines that recur gives for files of formats it does not read, and reads what they write.

usage: judge_foreign.py TESTDATA RECUR [FILE ...]        (the frameworks of gen_foreign.py)

Lines that need a package which is not installed are counted as such. Where a file has several lines, one must work.
"""
import json
import os
import subprocess
import sys
import tempfile

root, recur = os.path.abspath(os.path.join(sys.argv[1], "foreign")), os.path.abspath(sys.argv[2])
names = sys.argv[3:] or sorted(os.path.relpath(os.path.join(folder, name), root) for folder, _, files in os.walk(root) for name in files) \
    + ["saved_model", "model.mlpackage", "distributed"]
failed = missing = 0
for name in names:
    report = subprocess.run([recur, "inspect", os.path.join(root, name), "--format", "json"], capture_output=True, text=True)
    finding = json.loads(report.stdout)["diagnostics"][0]
    outcomes = []
    for fix in finding.get("fixes", []):
        if "pip install" in fix["code"]:  # nothing is installed here
            outcomes.append("no package")
            continue
        with tempfile.TemporaryDirectory() as folder:
            command = ["sh", "-c", fix["code"]] if fix["place"] == "a terminal" else [sys.executable, "-c", fix["code"]]
            environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PATH": os.path.dirname(sys.executable) + ":" + os.environ["PATH"]}
            run = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
            written = [f for f in os.listdir(folder) if f.startswith("model.")]
            if "No module named" in run.stderr:
                outcomes.append("no package")
            elif run.returncode or not written:
                outcomes.append("failed: " + (run.stderr.strip().splitlines() or ["nothing was written"])[-1][:200])
            else:
                read = subprocess.run([recur, "inspect", os.path.join(folder, written[0])], capture_output=True, text=True)
                # What was compressed is told when it is not any more.
                leads = name.startswith("compressed_") and "an object that joblib saved" in read.stderr
                outcomes.append("read" if read.returncode == 0 or leads else "not read: " + read.stderr[:200])
    good = "read" in outcomes
    missing += not good and "no package" in outcomes
    failed += not good and "no package" not in outcomes and bool(outcomes)
    print(f"{name:50} {finding['code']:25} {'; '.join(outcomes) or 'no lines'}")
print(f"{len(names)} files: {failed} failed, {missing} without their package")
sys.exit(1 if failed else 0)
