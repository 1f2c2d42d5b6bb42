"""A checkpoint with averaged weights beside those of the last step, recorded with the averaged ones.
usage: gen_mistakes_averaged.py OUT

Runs after gen_mistakes.py, into whose cases.json it puts its case. Needs torch, numpy.
"""
import json
import os
import sys

import numpy as np
import torch

out = sys.argv[1]
torch.manual_seed(31)
last, averaged = (torch.nn.LSTM(3, 4, batch_first=True) for _ in range(2))
x = torch.randn(2, 6, 3)
with torch.no_grad():
    np.savez(os.path.join(out, "averaged.golden.npz"), in_0=x.numpy(), out_0=averaged(x)[0].numpy())
torch.save({"epoch": 7, "model": last.state_dict(), "ema": averaged.state_dict()}, os.path.join(out, "averaged.pt"))
path = os.path.join(out, "cases.json")
cases = [c for c in json.load(open(path)) if c["file"] != "averaged.pt"]
cases.append({"file": "averaged.pt", "golden": "averaged.golden.npz",
              "expects": {"code": "verify.likely.reading", "claim": "the weights under 'ema' are taken"}})
with open(path, "w") as file:
    json.dump(cases, file, indent=1)
    file.write("\n")
