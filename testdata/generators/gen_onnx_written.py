#!/usr/bin/env python3
"""Records what ONNX Runtime computes with files that recur wrote.

usage: gen_onnx_written.py RECUR TESTDATA    (onnx, onnxruntime, numpy)

TESTDATA/onnx/written/NAME.onnx is what `recur convert` makes of TESTDATA/keras3/NAME.h5; NAME.golden.npz holds the inputs of that
model's recording and the outputs of ONNX Runtime, which must be within 1e-5 of the recorded ones.
"""
import os
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime as ort

NAMES = ["lstm_last", "bilstm_concat", "masking_lstm_dense", "gru_reset_after_true"]


def main():
    recur, testdata = sys.argv[1:3]
    folder = os.path.join(testdata, "onnx", "written")
    os.makedirs(folder, exist_ok=True)
    for name in NAMES:
        target = os.path.join(folder, name + ".onnx")
        subprocess.run([recur, "convert", os.path.join(testdata, "keras3", name + ".h5"), target, "--force", "-q"], check=True)
        onnx.checker.check_model(target, full_check=True)
        golden = dict(np.load(os.path.join(testdata, "keras3", name + ".golden.npz")))
        session = ort.InferenceSession(target, providers=["CPUExecutionProvider"])
        inputs = [golden["in_%d" % i] for i in range(len(session.get_inputs()))]
        outputs = session.run(None, {p.name: x for p, x in zip(session.get_inputs(), inputs)})
        for index, y in enumerate(outputs):
            assert np.abs(y - golden["out_%d" % index]).max() < 1e-5, name
        arrays = {"in_%d" % i: x for i, x in enumerate(inputs)}
        arrays.update({"out_%d" % i: y for i, y in enumerate(outputs)})
        np.savez(os.path.join(folder, name + ".golden.npz"), **arrays)


main()
