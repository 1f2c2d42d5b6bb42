"""A minimal gated unit with what Flax computed.  usage: gen_mgu.py OUTPUT_DIR

mgu.npz holds the weights of flax.linen.MGUCell as Flax keeps them (`if`, `hf`, `in`, `hn`: kernels `[inputs, units]`, all
biases random), in_0 `[2, 6, 3]` and out_0 `[2, 6, 4]`. Needs flax 0.12 and numpy.
"""
import os
import sys

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_default_matmul_precision", "highest")
x = np.random.default_rng(7).standard_normal((2, 6, 3)).astype("float32")
model = nn.RNN(nn.MGUCell(4))
variables = model.init(jax.random.key(0), jnp.asarray(x))
generator = np.random.default_rng(11)
variables = jax.tree.map(
    lambda leaf: (generator.standard_normal(leaf.shape) * 0.5).astype("float32"), variables)
arrays = {f"{name}/{part}": np.asarray(array)
          for name, parts in variables["params"]["cell"].items() for part, array in parts.items()}
y = np.asarray(model.apply(variables, jnp.asarray(x)))
np.savez(os.path.join(sys.argv[1], "mgu.npz"), in_0=x, out_0=y, **arrays)
