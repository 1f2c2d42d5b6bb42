"""Numbers and what torch makes of them in narrower types.  usage: gen_narrowing.py OUT.safetensors     (torch, safetensors, numpy)

float32 and float64 numbers around every limit of float16 and bfloat16, ties to even, subnormals, and ordinary ones; `NAME.float16`,
`NAME.bfloat16` and `NAME.float32` are Tensor.to() of the array NAME. NumPy rounds to the same float16.
"""
import sys

import numpy as np
import torch
from safetensors.torch import save_file

r = np.random.RandomState(1)
edges = [0.0, -0.0, 65504, 65519.996, 65520, -65520, 2**-14, 2**-14 - 2**-26, 2**-24, 2**-25, 2**-25 * 1.0001, 2**-26, 1 + 2**-11, 1 + 3 * 2**-11,
         1 + 2**-8, 1 + 3 * 2**-8, 3.3895314e38, 3.39e38, -3.4e38, 1e-38, 1e-40, 1e-45, 2**-133, 2**-134, 2**-135, 0.1, 1 / 3, 2049, 2051]
wide = np.concatenate([edges, r.standard_normal(200), 10.0 ** r.uniform(-46, 38, 400) * r.choice([-1, 1], 400)])
tensors = {"single": torch.from_numpy(wide.astype("float32")), "double": torch.from_numpy(wide)}
for name, values in list(tensors.items()):
    for kind in ("float16", "bfloat16", "float32"):
        tensors[name + "." + kind] = values.to(getattr(torch, kind)).clone()
    with np.errstate(over="ignore"):
        assert (values.numpy().astype("float16").view("u2") == tensors[name + ".float16"].numpy().view("u2")).all(), name
save_file(tensors, sys.argv[1])
