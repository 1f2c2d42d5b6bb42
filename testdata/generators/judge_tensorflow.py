"""Real frameworks judge what is made of TensorFlow's folders and checkpoints.

usage: judge_tensorflow.py RECUR FOLDER...

Every NAME with a NAME.golden.npz beside it (a folder, or NAME.tflite) becomes a .keras file that Keras 3 loads, and weights with the module
that is written beside them, which torch runs: both must give the recorded outputs within 1e-5 (quantized models and 16 bits: 5e-2), or the
conversion must be refused by its code. Checkpoints take NAME.architecture.json. Needs torch and keras 3.
"""
import glob
import os
import re
import sys
import tempfile
from collections import Counter

import numpy as np

import judge_round_trips as judges


def judge(path, stem, folder):
    golden = dict(np.load(stem + ".golden.npz"))
    inputs, wanted = ([golden["%s_%d" % (p, i)] for i in range(sum(bool(re.match(p + r"_\d+$", k)) for k in golden))] for p in ("in", "out"))
    limit = 5e-2 if re.search("16|uint8|int8|half", os.path.basename(stem)) else 1e-5
    given = ["--architecture", stem + ".architecture.json"] if os.path.exists(stem + ".architecture.json") else []
    problems = []
    for what, name, more, run in (
            ("Keras", "b.keras", [], lambda: judges.in_keras(os.path.join(folder, "b.keras"), inputs)),
            ("PyTorch", "a.pt", ["--module", os.path.join(folder, "m.py")], lambda: judges.in_torch(os.path.join(folder, "m.py"), os.path.join(folder, "a.pt"), inputs))):
        try:
            judges.recur(path, os.path.join(folder, name), *more, *given)
        except judges.Refused as refusal:
            yield what + " refused " + str(refusal), None
            continue
        try:
            problem = judges.compare(what, run(), wanted, limit)
        except Exception as error:
            problem = what + ": " + repr(error)[:300]
        yield what + (" right" if problem is None else " wrong"), problem


def main():
    table, bad = Counter(), 0
    for folder in sys.argv[2:]:
        for golden in sorted(glob.glob(os.path.join(folder, "*.golden.npz"))):
            stem = golden[:-len(".golden.npz")]
            path = stem if os.path.isdir(stem) else stem + ".tflite"
            if not os.path.exists(path):
                continue
            with tempfile.TemporaryDirectory() as scratch:
                for outcome, problem in judge(path, stem, scratch):
                    table[outcome] += 1
                    if problem:
                        bad += 1
                        print(os.path.basename(stem), problem)
                    elif "refused" in outcome:
                        print(os.path.basename(stem), outcome)
    print(", ".join("%s %d" % row for row in table.most_common()))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    judges.RECUR = os.path.abspath(sys.argv[1])
    main()
