"""Every code of the floating-point types of 8 bits, and what torch rounds numbers to.

`numbers/float8.npz` holds, for every type T, `T_values`: the 256 numbers its codes stand for, and `T_codes`: the
codes of `inputs`. `numbers/element_types.pt` and `.safetensors` hold one tensor of every type.
usage: gen_float8.py TESTDATA   (torch 2.13, safetensors 0.8, numpy)
"""
import os
import sys

import numpy as np
import safetensors.torch
import torch

out = os.path.join(sys.argv[1], "numbers")
rng = np.random.default_rng(8)
TYPES = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"]
special = [0.0, -0.0, np.inf, -np.inf, np.nan, 448, 464, 464.1, 465, 480, 240, 247, 248, 249, 57344, 61439, 61440, 61441, 65536,
           2.0 ** -9, 2.0 ** -10, 2.0 ** -11, 2.0 ** -16, 2.0 ** -17, 2.0 ** -18, 1.5, 3, 6, 1e9, -1e9, 3e38, 2.0 ** 127]
values = {n: torch.arange(256, dtype=torch.uint8).view(getattr(torch, n)).to(torch.float32).numpy() for n in TYPES}
# Every number of every type, every midpoint between two, and the float32 neighbours of both.
finite = np.unique(np.concatenate([v[np.isfinite(v)] for v in values.values()]).astype(np.float64))
finite = finite[np.abs(finite) < 1e6]
middles = (finite[:-1] + finite[1:]) / 2
points = np.concatenate([finite, middles]).astype(np.float32)
points = np.concatenate([points, np.nextafter(points, np.float32(np.inf)), np.nextafter(points, np.float32(-np.inf))])
random = rng.standard_normal(2000).astype(np.float32) * np.exp2(rng.integers(-24, 18, 2000)).astype(np.float32)
inputs = np.concatenate([np.array(special, np.float32), points, random])
# Below the smallest normal binary32, torch rounds its exponent-only type by another rule.
inputs = inputs[~((np.abs(inputs) < np.float32(2.0 ** -126)) & (inputs != 0))]
arrays = {"inputs": inputs}
for name in TYPES:
    arrays[name + "_values"] = values[name]
    arrays[name + "_codes"] = torch.from_numpy(inputs).to(getattr(torch, name)).view(torch.uint8).numpy()
np.savez_compressed(os.path.join(out, "float8.npz"), **arrays)

names = TYPES + ["bool", "uint8", "int8", "int16", "uint16", "float16", "bfloat16", "int32", "uint32", "float32", "complex64",
                 "float64", "int64", "uint64", "complex128"]
tensors = {n: torch.arange(1, 7).reshape(2, 3).to(torch.float32).to(getattr(torch, n)) for n in names}
torch.save(tensors, os.path.join(out, "element_types.pt"))
del tensors["complex128"]
safetensors.torch.save_file(tensors, os.path.join(out, "element_types.safetensors"), metadata={"b": "2", "a": "1"})
