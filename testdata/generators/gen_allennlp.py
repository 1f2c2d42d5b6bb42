"""For testdata/neighbours/torch: cells of AllenNLP, computed by their equations in torch.  usage: gen_allennlp.py     needs torch"""
import numpy as np
import torch

from common import Family, rng

torch.backends.mkldnn.enabled = False
torch.set_num_threads(1)
fam = Family("neighbours/torch", {"torch": torch.__version__})
B, T, F, H = 2, 6, 3, 4


def rand(seed, *shape, scale=0.4):
    return (rng(seed).standard_normal(shape) * scale).astype("float32")


def x(seed, f=F):
    return rand(seed, B, T, f, scale=1.0)


def add(name, files, arrays, description):
    fam.golden(name, arrays)


def augmented(name, highway, seed):
    n = 6 if highway else 4
    wi, bi, ws, bs = rand(seed, n * H, F), rand(seed + 1, n * H), rand(seed + 2, min(n, 5) * H, H), rand(seed + 3, min(n, 5) * H)
    v = x(seed)
    s = torch.sigmoid
    h = c = torch.zeros(B, H)
    ys = []
    for t in range(T):
        a = torch.from_numpy(v[:, t]) @ torch.from_numpy(wi).T + torch.from_numpy(bi)
        q = h @ torch.from_numpy(ws).T + torch.from_numpy(bs)
        part = lambda k: a[:, k * H:(k + 1) * H] + q[:, k * H:(k + 1) * H]
        c = s(part(0)) * torch.tanh(part(2)) + s(part(1)) * c
        h = s(part(3)) * torch.tanh(c)
        if highway:
            g = s(part(4))
            h = g * h + (1 - g) * a[:, 5 * H:]
        ys.append(h.numpy())
    tensors = {"cell.input_linearity.weight": wi, "cell.input_linearity.bias": bi, "cell.state_linearity.weight": ws, "cell.state_linearity.bias": bs}
    torch.save({k: torch.from_numpy(a) for k, a in tensors.items()}, fam.path(name + ".th"))
    add(name, [{"file": name + ".th", "kind": "torch_zip"}], {"in_0": v, "out_0": np.stack(ys, 1), **{"sd/" + k: a for k, a in tensors.items()}},
        "AllenNLP AugmentedLstm, highway %s: rows i f g o%s; state_linearity has %d blocks" % (highway, " highway, and the highway input" if highway else "", min(n, 5)))


augmented("allennlp_augmented", True, 880)
augmented("allennlp_augmented_plain", False, 890)
