"""State dicts with the mistakes that people make by hand.  usage: gen_classic_mistakes.py OUT

A torch model is built and recorded; the mistake is made on its state dict. What torch says of each is printed.
Needs torch, numpy, keras (for the weights that keep Keras' shapes).
"""
import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import numpy as np
import torch
from torch import nn

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
torch.backends.mkldnn.enabled = False


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(10, 20, batch_first=True)
        self.dense = nn.Linear(20, 8)

    def forward(self, x):
        return self.dense(self.lstm(x)[0])


class GRUNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(10, 20, batch_first=True)
        self.dense = nn.Linear(20, 8)


def fresh(kind=Net):
    torch.manual_seed(5)
    return kind().eval()


def save(name, state, kind=Net):
    torch.save(state, os.path.join(out, name + ".pt"))
    try:
        kind().load_state_dict(state)
        print(name, "-> torch loads it")
    except RuntimeError as error:
        print(name, "->", str(error).replace("\n", " "))


net = fresh()
x = torch.from_numpy(np.random.RandomState(3).standard_normal((2, 12, 10)).astype("float32"))
with torch.no_grad():
    np.savez(os.path.join(out, "classic.golden.npz"), in_0=x.numpy(), out_0=net(x).numpy())
state = net.state_dict()
save("classic", dict(state))
save("classic_kernel_transposed", {**state, "lstm.weight_ih_l0": state["lstm.weight_ih_l0"].T.contiguous()})
# Arrays of Keras under torch's names.
save("classic_keras_shapes", {k: v.T.contiguous() if v.ndim == 2 else v for k, v in state.items()})
save("classic_bias_missing", {k: v for k, v in state.items() if k != "lstm.bias_hh_l0"})
gru = fresh(GRUNet).state_dict()
save("classic_gru_bias_missing", {k: v for k, v in gru.items() if k != "gru.bias_hh_l0"}, GRUNet)
save("classic_data_parallel", nn.DataParallel(net).state_dict())
# float16: numbers beyond 65504, numbers that vanish, and an ordinary rest.
wide = {k: v.clone() for k, v in state.items()}
wide["dense.weight"][0, :3] = torch.tensor([7e4, -7e4, 65519.0])
wide["dense.weight"][1, 0] = 65520.0
wide["lstm.weight_hh_l0"][0, :5] = torch.tensor([1e-8, -2e-8, 2.9e-8, 3e-8, 1e-5])
save("classic_wide", wide)
for name in ("dense.weight", "lstm.weight_hh_l0"):
    half, brain = wide[name].half(), wide[name].bfloat16()
    print(name, "inf in float16:", int(half.isinf().sum()), "zero:", int(((half == 0) & (wide[name] != 0)).sum()),
          "inf in bfloat16:", int(brain.isinf().sum()))
# The blocks of another order show in the biases: a forget bias that began at 1.
lump = {k: v.clone() for k, v in state.items()}
lump["lstm.bias_ih_l0"] = torch.randn(80, generator=torch.Generator().manual_seed(1)) * 0.1 + torch.tensor([0, 1.0, 0, 0]).repeat_interleave(20)
lump["lstm.bias_hh_l0"] = torch.zeros(80)
save("forget_bias", lump)
save("forget_bias_icfo", {k: torch.cat([v.chunk(4)[j] for j in (0, 2, 1, 3)]) if k.startswith("lstm") else v for k, v in lump.items()})
zero = {k: v.clone() for k, v in state.items()}
for k in ("lstm.weight_ih_l0", "lstm.weight_hh_l0"):
    zero[k][40 - 20:43 - 20] = 0  # three units of the forget gate
zero["lstm.weight_ih_l0"][60:] = 0  # the kernel of the output gate
zero["lstm.bias_ih_l0"][4] = -60  # the input gate of unit 4, before an input of unknown size
save("dead_gates", zero)


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(10, 20, num_layers=2, batch_first=True)


deep = fresh(Deep).state_dict()
deep["lstm.bias_ih_l1"][4] = -60  # the layer below stays within 1, so this gate can't open
save("dead_unit", deep, Deep)
