"""Recordings of a torch model in which something else was taken than its declaration says.  usage: gen_selections.py OUT

`taken.pt` with `taken.json` is a bidirectional LSTM of two layers with a head, which takes the last timestep; `taken_NAME.golden.npz` are
recordings of the same weights in which people took something else, or prepared the inputs. `stack_upper.pt` with `stack_upper.json` has the
recurrent kernels and the biases of its two layers exchanged; `stack_upper.golden.npz` is the recording of the right one. Both directions of
`repeated.pt` have the weights of the forward one.
"""
import json
import os
import sys

import numpy as np
import torch

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
torch.manual_seed(8)
rnn, head = torch.nn.LSTM(4, 3, 2, batch_first=True, bidirectional=True), torch.nn.Linear(6, 2)
x = torch.from_numpy(np.random.RandomState(3).standard_normal((3, 8, 4)).astype("f4"))


def save(name, declaration, state):
    torch.save(state, os.path.join(out, name + ".pt"))
    with open(os.path.join(out, name + ".json"), "w") as f:
        json.dump({"layers": declaration}, f, indent=1)
        f.write("\n")


def record(name, given, y):
    np.savez(os.path.join(out, name + ".golden.npz"), in_0=given.numpy(), out_0=y.detach().numpy())


save("taken", [{"type": "nn.LSTM", "key": "rnn", "input_size": 4, "hidden_size": 3, "num_layers": 2, "bidirectional": True,
                "batch_first": True, "select": "last"}, {"type": "nn.Linear", "key": "head", "in_features": 6, "out_features": 2}],
     {"rnn." + k: v for k, v in rnn.state_dict().items()} | {"head." + k: v for k, v in head.state_dict().items()})
y, (h, c) = rnn(x)
for name, value in {"first": y[:, 0], "mean": y.mean(1), "maximum": y.max(1).values, "states": torch.cat([h[2], h[3]], 1),
                    "exchanged": torch.cat([h[3], h[2]], 1), "below": torch.cat([h[0], h[1]], 1), "cell": torch.cat([c[2], c[3]], 1),
                    "every": y}.items():
    record("taken_" + name, x, head(value))
raw = torch.from_numpy(np.random.RandomState(4).randint(0, 256, (3, 8, 4)).astype("f4"))
record("taken_scaled", raw, head(rnn(raw / 255)[0][:, -1]))

rnn = torch.nn.LSTM(4, 3, 2, batch_first=True)
record("stack_upper", x, rnn(x)[0])
state = {k: v.clone() for k, v in rnn.state_dict().items()}
for part in ["weight_hh_l", "bias_ih_l", "bias_hh_l"]:
    state[part + "0"], state[part + "1"] = state[part + "1"], state[part + "0"]
save("stack_upper", [{"type": "nn.LSTM", "key": "", "input_size": 4, "hidden_size": 3, "num_layers": 2, "batch_first": True,
                      "select": "output"}], state)

rnn = torch.nn.GRU(4, 3, batch_first=True, bidirectional=True)
save("repeated", [{"type": "nn.GRU", "key": "", "input_size": 4, "hidden_size": 3, "bidirectional": True, "batch_first": True,
                   "select": "output"}],
     {k: rnn.state_dict()[k.replace("_reverse", "")].clone() for k in rnn.state_dict()})
