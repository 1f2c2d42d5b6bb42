"""Weights that real programs keep under names and in forms of their own, with what torch computes of them.

usage: gen_declared.py TESTDATA   (Python with torch and numpy)

declared/NAME.npz or NAME.pt, NAME.json (the declaration) and NAME.golden.npz. Every model is a module of torch.nn that
was run; its tensors are then renamed, turned, and their gates exchanged, as hand-written trainers and
TensorFlow 1 keep them. weight_drop_*: weight drop of AWD-LSTM and of fastai. recorded/: one nn.LSTM and its
outputs, recorded under the names that people choose.
"""
import json
import os
import sys

import numpy as np
import torch
from torch import nn

root = sys.argv[1]
torch.manual_seed(16)
for folder in ("declared", "recorded"):
    os.makedirs(os.path.join(root, folder), exist_ok=True)


def path(folder, name):
    return os.path.join(root, folder, name)


def biased(module):
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if "bias" in name:
                parameter.uniform_(-0.5, 0.5)
    return module.eval()


def order(array, gates, wanted):
    """Blocks of rows in another order: `gates` names those that are there."""
    blocks = dict(zip(gates, np.split(array, len(gates))))
    return np.concatenate([blocks[gate] for gate in wanted])


def arrays(module):
    return {name: tensor.detach().numpy() for name, tensor in module.state_dict().items()}


def save(name, tensors, declaration, x, *outputs):
    np.savez(path("declared", name + ".npz"), **tensors)
    with open(path("declared", name + ".json"), "w") as f:
        f.write(json.dumps(declaration, indent=1) + "\n")
    np.savez(path("declared", name + ".golden.npz"), in_0=x.numpy(),
             **{"out_%d" % index: output.detach().numpy() for index, output in enumerate(outputs)})


# A trainer of its own: foreign names, inputs by outputs, gates i g f o, one bias, a forget bias of 1 that is
# added while it runs; behind it a Linear that lies the other way.
lstm, fc = biased(nn.LSTM(3, 4, batch_first=True)), biased(nn.Linear(4, 2))
with torch.no_grad():
    lstm.bias_hh_l0.zero_()
x = torch.randn(2, 5, 3)
sd = arrays(lstm)
bias = sd["bias_ih_l0"].copy()
bias[4:8] -= 1
with torch.no_grad():  # what float32 makes of the sum is what the program computes with
    lstm.bias_ih_l0[4:8] = torch.from_numpy(bias[4:8] + np.float32(1))
weights = arrays(fc)
foreign = {"enc_w_ih": order(sd["weight_ih_l0"], "ifgo", "igfo").T, "enc_w_hh": order(sd["weight_hh_l0"], "ifgo", "igfo").T,
           "enc_b": order(bias, "ifgo", "igfo"), "head_w": weights["weight"].T, "head_b": weights["bias"]}
layers = [{"type": "nn.LSTM", "weight_ih": "enc_w_ih", "weight_hh": "enc_w_hh", "bias_ih": "enc_b", "order": "igfo",
           "orientation": "inputs-by-outputs", "bias": "one", "forget_bias": 1.0, "hidden_size": 4, "batch_first": True,
           "select": "last"},
          {"type": "nn.Linear", "weight": "head_w", "bias": "head_b", "orientation": "inputs-by-outputs", "out_features": 2}]
save("igfo_forget_bias", foreign, {"layers": layers}, x, fc(lstm(x)[0][:, -1]))

# A GRU with update before reset, two layers in both directions, names with dots.
gru = biased(nn.GRU(3, 4, num_layers=2, bidirectional=True, batch_first=True))
sd, tensors, named = arrays(gru), {}, {}
for layer in range(2):
    for way, suffix in (("fw", ""), ("bw", "_reverse")):
        for parameter in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            key = "%s_l%d%s" % (parameter, layer, suffix)
            name = "stack.%d.%s.%s" % (layer, way, parameter.replace("weight", "kernel"))
            tensors[name] = order(sd[key], "rzn", "zrn")
            named[key] = name
x = torch.randn(2, 6, 3)
y, h = gru(x)
save("gru_update_first", tensors,
     {"layers": [dict({"type": "nn.GRU", "key": "gru", "num_layers": 2, "bidirectional": True, "batch_first": True, "order": "zrh"}, **named)]},
     x, y, h)

# A cell whose tensors have torch's names and lie inputs by outputs.
cell = biased(nn.LSTMCell(3, 4))
tensors = {"cell." + name: array.T for name, array in arrays(cell).items()}
x = torch.randn(2, 3)
h, c = cell(x)
save("cell_turned", tensors,
     {"layers": [{"type": "nn.LSTMCell", "key": "cell", "orientation": "inputs-by-outputs"}], "outputs": ["cell.h_n", "cell.c_n"]}, x, h, c)

# Weight drop: fastai keeps a copy with some numbers dropped, AWD-LSTM keeps none.
for name, raw, keep in (("weight_drop_copy", "rnn.weight_hh_l0_raw", True), ("weight_drop_inside", "rnn.module.weight_hh_l0_raw", False)):
    lstm = biased(nn.LSTM(3, 4, batch_first=True))
    sd = {"rnn.module." + key: tensor for key, tensor in lstm.state_dict().items()}
    kernel = sd.pop("rnn.module.weight_hh_l0")
    if keep:
        sd["rnn.module.weight_hh_l0"] = nn.functional.dropout(kernel, 0.5)
    sd[raw] = kernel
    torch.save(sd, path("declared", name + ".pt"))
    x = torch.randn(2, 5, 3)
    y, (h, c) = lstm(x)
    np.savez(path("declared", name + ".golden.npz"), in_0=x.numpy(), out_0=y.detach().numpy(), out_1=h.detach().numpy(), out_2=c.detach().numpy())

# One LSTM by itself, recorded in every way that people record.
lstm = biased(nn.LSTM(3, 4, batch_first=True))
torch.save(lstm.state_dict(), path("recorded", "lstm.pt"))
x = torch.randn(2, 5, 3)
h_0, c_0 = torch.randn(1, 2, 4), torch.randn(1, 2, 4)
y, (h, c) = lstm(x)
started = lstm(x, (h_0, c_0))[0].detach().numpy()
x, y, h, c = [t.detach().numpy() for t in (x, y, h, c)]
np.savez(path("recorded", "output_alone.golden.npz"), in_0=x, out_0=y)
np.savez(path("recorded", "x_y.golden.npz"), x=x, y=y)
np.savez(path("recorded", "input_output.golden.npz"), input=x, output=y)
np.savez(path("recorded", "numbered.golden.npz"), inputs_1=x, outputs_1=y, outputs_2=h, outputs_3=c)
np.savez(path("recorded", "in_order.golden.npz"), x, y)
np.savez(path("recorded", "with_states.golden.npz"), x=x, h_0=h_0.numpy(), c_0=c_0.numpy(), y=started)
np.savez(path("recorded", "unclear.golden.npz"), data=x, labels=y)
np.savez(path("recorded", "too_many.golden.npz"), x=x, y=y, mask=y)
np.save(path("recorded", "x.npy"), x)
np.save(path("recorded", "y.npy"), y)
np.savez(path("recorded", "named_states.golden.npz"), x=x, output=y, h_n=h, c_n=c)
np.savez(path("recorded", "given_states.golden.npz"), input=x, h0=0 * h, c0=0 * c, output=y, hn=h, cn=c)
np.savez(path("recorded", "final_state_alone.golden.npz"), x=x, h_n=h)
np.savez(path("recorded", "predictions.golden.npz"), inputs=x, predictions=y)
np.savez(path("recorded", "last_of_bare.golden.npz"), x=x, y=y[:, -1])
# A Linear under names of its own that lies inputs by outputs.
np.savez(path("declared", "linear_turned.npz"), w=np.arange(6, dtype="f4").reshape(3, 2), b=np.ones(2, "f4"))
