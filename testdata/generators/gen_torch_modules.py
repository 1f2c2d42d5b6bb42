"""Modules of torch.nn with their declarations and recorded outputs.  usage: gen_torch_modules.py OUT

NAME.pt (or .safetensors, .npz) holds the state dict, NAME.json the declaration, NAME.golden.npz what torch computed:
in_0, … and out_0, … in the order of the call. float32 on the CPU, mkldnn off. Needs torch, numpy and safetensors.
"""
import json
import os
import sys
import zipfile

import numpy as np
import torch
import torch.nn as nn
from safetensors.torch import save_file
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.backends.mkldnn.enabled = False
out = sys.argv[1]
B, T, F, H = 3, 6, 3, 4
count = 0


def flat(value):
    return [value] if isinstance(value, torch.Tensor) else [w for v in value for w in flat(v)]


def fill(module, seed):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in module.parameters():
            p.copy_((torch.randn(p.shape, generator=g, dtype=torch.float64) * 0.4).to(p.dtype))
        for name, b in module.named_buffers():
            if name.endswith("running_mean"):
                b.copy_(torch.randn(b.shape, generator=g) * 0.3)
            if name.endswith("running_var"):
                b.copy_(torch.rand(b.shape, generator=g) + 0.5)
            if name.endswith("num_batches_tracked"):
                b.fill_(7)
    return module.eval()


def rand(*shape, seed=7, dtype=torch.float32):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape)).to(dtype)


def case(name, module, call, inputs, layers, form=".pt", names=None, outputs=None):
    """Records call(module, *inputs); `layers` is the declaration."""
    global count
    count += 1
    fill(module, count)
    with torch.no_grad():
        results = flat(call(module, *inputs))
    arrays = {"in_%d" % i: v.numpy() for i, v in enumerate(flat(inputs))}
    arrays.update({"out_%d" % i: v.numpy() for i, v in enumerate(results)})
    np.savez(os.path.join(out, name + ".golden.npz"), **arrays)
    state = module.state_dict()
    path = os.path.join(out, name + form)
    if form == ".safetensors":
        save_file({k: v.contiguous() for k, v in state.items()}, path, metadata={"format": "pt"})
    elif form == ".npz":
        np.savez(path, **{k: v.numpy() for k, v in state.items()})
    else:
        torch.save(state, path)
    declaration = {"layers": layers}
    if names:
        declaration = {"inputs": names, **declaration}
    if outputs:
        declaration["outputs"] = outputs
    with open(os.path.join(out, name + ".json"), "w") as f:
        f.write(json.dumps(declaration, indent=1) + "\n")


def plain(module, *inputs):
    return module(*inputs)


def with_states(module, x, *states):
    return module(x, states if len(states) > 1 else states[0])


def declared(kind, key="", **options):
    return [{"type": "nn." + kind, "key": key, **options}]


class Net(nn.Module):
    """Named modules; what a call does is in the case."""

    def __init__(self, **modules):
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)


sizes = {"input_size": F, "hidden_size": H}
x = rand(B, T, F)

# modules by themselves, with and without states, batch or timesteps first
case("lstm_time_first", nn.LSTM(F, H), plain, [rand(T, B, F)], declared("LSTM", **sizes))
case("lstm_time_first_states", nn.LSTM(F, H, num_layers=2, bidirectional=True), with_states,
     [rand(T, B, F), rand(4, B, H, seed=1), rand(4, B, H, seed=2)],
     declared("LSTM", **sizes, num_layers=2, bidirectional=True), ".safetensors")
case("gru_three_layers", nn.GRU(F, H, num_layers=3, batch_first=True), with_states, [x, rand(3, B, H, seed=1)],
     declared("GRU", **sizes, num_layers=3, batch_first=True), ".npz")
case("gru_time_first_both", nn.GRU(F, H, bidirectional=True, bias=False), plain, [rand(T, B, F)],
     declared("GRU", **sizes, bidirectional=True, bias=False))
case("rnn_relu_layers", nn.RNN(F, H, num_layers=2, nonlinearity="relu", batch_first=True), with_states,
     [x, rand(2, B, H, seed=1)], declared("RNN", **sizes, num_layers=2, nonlinearity="relu", batch_first=True))
case("lstm_projected", nn.LSTM(F, H, proj_size=2, batch_first=True), with_states,
     [x, rand(1, B, 2, seed=1), rand(1, B, H, seed=2)], declared("LSTM", **sizes, proj_size=2, batch_first=True))
case("lstm_projected_time_first", nn.LSTM(F, H, num_layers=2, proj_size=3, bidirectional=True, bias=False), plain,
     [rand(T, B, F)], declared("LSTM", **sizes, num_layers=2, proj_size=3, bidirectional=True, bias=False), ".npz")
case("lstm_float64", nn.LSTM(F, H, batch_first=True).double(), with_states,
     [x.double(), rand(1, B, H, seed=1, dtype=torch.float64), rand(1, B, H, seed=2, dtype=torch.float64)],
     declared("LSTM", **sizes, batch_first=True))
case("lstm_cell_alone", nn.LSTMCell(F, H), plain, [x[:, 0]], declared("LSTMCell", **sizes))
case("gru_cell_no_bias", nn.GRUCell(F, H, bias=False), with_states, [x[:, 0], rand(B, H, seed=1)],
     declared("GRUCell", **sizes, bias=False), ".safetensors")
case("rnn_cell_tanh", nn.RNNCell(F, H), with_states, [x[:, 0], rand(B, H, seed=1)], declared("RNNCell", **sizes))

# what is selected, on one direction and on two
first = {**sizes, "batch_first": True}
for both in (False, True):
    end = "_both" if both else ""
    two = {"bidirectional": True} if both else {}

    def net():
        return Net(lstm=nn.LSTM(F, H, num_layers=2, batch_first=True, bidirectional=both), fc=nn.Linear(8 if both else 4, 2))

    def chain(select):
        return [{"type": "nn.LSTM", "key": "lstm", **first, "num_layers": 2, **two, "select": select},
                {"type": "nn.Linear", "key": "fc", "in_features": 8 if both else 4, "out_features": 2}]

    def joined(state):
        return torch.cat((state[-2], state[-1]), 1) if both else state[-1]

    case("select_output" + end, net(), lambda m, x: m.fc(m.lstm(x)[0]), [x], chain("output"))
    case("select_last" + end, net(), lambda m, x: m.fc(m.lstm(x)[0][:, -1]), [x], chain("last"))
    case("select_first" + end, net(), lambda m, x: m.fc(m.lstm(x)[0][:, 0]), [x], chain("first"))
    case("select_mean" + end, net(), lambda m, x: m.fc(m.lstm(x)[0].mean(1)), [x], chain("mean"))
    case("select_h_n" + end, net(), lambda m, x: m.fc(joined(m.lstm(x)[1][0])), [x], chain("h_n"))
    case("select_c_n" + end, net(), lambda m, x: m.fc(joined(m.lstm(x)[1][1])), [x], chain("c_n"))

    def everything(m, x):
        y, (h, c) = m.lstm(x)
        return m.fc(joined(h)), y, h, c

    case("select_h_n_and_all" + end, net(), everything, [x], chain("h_n"),
         outputs=["fc", "lstm.output", "lstm.h_n", "lstm.c_n"])
case("select_last_alone", nn.GRU(F, H, batch_first=True), lambda m, x: m(x)[0][:, -1], [x],
     declared("GRU", **first, select="last"))
case("select_last_time_first", Net(rnn=nn.RNN(F, H, bidirectional=True), fc=nn.Linear(8, 2)),
     lambda m, x: m.fc(m.rnn(x)[0][-1]), [rand(T, B, F)],
     [{"type": "nn.RNN", "key": "rnn", **sizes, "bidirectional": True, "select": "last"},
      {"type": "nn.Linear", "key": "fc", "in_features": 8, "out_features": 2}])

# packed sequences
lengths = torch.tensor([4, 6, 1])


def packed(module, x, lengths, *states, first=True):
    p = pack_padded_sequence(x, lengths, batch_first=first, enforce_sorted=False)
    y, rest = module(p, states if len(states) > 1 else states[0]) if states else module(p)
    return pad_packed_sequence(y, batch_first=first, total_length=T)[0], rest


case("packed_lstm", nn.LSTM(F, H, num_layers=2, bidirectional=True, batch_first=True), packed, [x, lengths],
     declared("LSTM", **first, num_layers=2, bidirectional=True), names=["x", "lengths"])
case("packed_gru_states", nn.GRU(F, H, num_layers=2, bidirectional=True, batch_first=True), packed,
     [x, lengths, rand(4, B, H, seed=1)], declared("GRU", **first, num_layers=2, bidirectional=True), ".safetensors",
     names=["x", "lengths", "h_0"])
case("packed_time_first", nn.LSTM(F, H), lambda m, x, n: packed(m, x, n, first=False), [rand(T, B, F), lengths],
     declared("LSTM", **sizes), names=["x", "lengths"])
case("packed_projected", nn.LSTM(F, H, proj_size=2, bidirectional=True, batch_first=True), packed, [x, lengths],
     declared("LSTM", **first, proj_size=2, bidirectional=True), names=["x", "lengths"])


def last_of(y, n):
    return y[torch.arange(y.shape[0]), n - 1]


def mean_of(y, n):
    return y.sum(1) / n.unsqueeze(1)


for both in (False, True):
    end = "_both" if both else ""
    width = 8 if both else 4
    for select, pick in (("last", last_of), ("mean", mean_of), ("h_n", None), ("first", lambda y, n: y[:, 0])):
        def run(m, x, n, pick=pick, both=both):
            y, h = packed(m.gru, x, n)
            chosen = pick(y, n) if pick else torch.cat((h[-2], h[-1]), 1) if both else h[-1]
            return m.fc(chosen)

        case("packed_%s%s" % (select, end), Net(gru=nn.GRU(F, H, batch_first=True, bidirectional=both), fc=nn.Linear(width, 2)),
             run, [x, lengths],
             [{"type": "nn.GRU", "key": "gru", **first, **({"bidirectional": True} if both else {}), "select": select},
              {"type": "nn.Linear", "key": "fc", "in_features": width, "out_features": 2, "activation": "sigmoid"}][:1]
             + [{"type": "nn.Linear", "key": "fc", "in_features": width, "out_features": 2}], names=["x", "lengths"])

# chains
tokens = torch.tensor([[3, 1, 4, 1, 5, 9], [2, 6, 5, 3, 5, 8], [0, 0, 7, 9, 3, 2]])
case("tokens_softmax", Net(embed=nn.Embedding(10, F), gru=nn.GRU(F, H, batch_first=True), fc=nn.Linear(H, 5)),
     lambda m, t: torch.softmax(m.fc(m.gru(m.embed(t))[0]), -1), [tokens],
     [{"type": "nn.Embedding", "key": "embed", "num_embeddings": 10, "embedding_dim": F, "padding_idx": None},
      {"type": "nn.GRU", "key": "gru", **first},
      {"type": "nn.Linear", "key": "fc", "in_features": H, "out_features": 5}, {"type": "nn.Softmax", "dim": -1}])
case("tokens_time_first", Net(embed=nn.Embedding(10, F), lstm=nn.LSTM(F, H), fc=nn.Linear(H, 5)),
     lambda m, t: m.fc(m.lstm(m.embed(t))[0]), [tokens.t().contiguous()],
     [{"type": "nn.Embedding", "key": "embed", "num_embeddings": 10, "embedding_dim": F},
      {"type": "nn.LSTM", "key": "lstm", **sizes}, {"type": "nn.Linear", "key": "fc", "in_features": H, "out_features": 5}])
case("two_recurrent", Net(one=nn.LSTM(F, 5, batch_first=True), two=nn.GRU(5, H, batch_first=True), fc=nn.Linear(H, 2)),
     lambda m, x: torch.relu(m.fc(m.two(m.one(x)[0])[0][:, -1])), [x],
     [{"type": "nn.LSTM", "key": "one", "input_size": F, "hidden_size": 5, "batch_first": True},
      {"type": "nn.GRU", "key": "two", "input_size": 5, "hidden_size": H, "batch_first": True, "select": "last"},
      {"type": "nn.Linear", "key": "fc", "in_features": H, "out_features": 2, "activation": "relu"}])
case("mixed_time_first", Net(one=nn.LSTM(F, 5), two=nn.GRU(5, H, batch_first=True)),
     lambda m, x: m.two(m.one(x)[0].transpose(0, 1))[0], [rand(T, B, F)],
     [{"type": "nn.LSTM", "key": "one", "input_size": F, "hidden_size": 5}, {"type": "permute", "dims": [1, 0, 2]},
      {"type": "nn.GRU", "key": "two", "input_size": 5, "hidden_size": H, "batch_first": True}])
case("convolution_first",
     Net(conv=nn.Conv1d(F, 5, 3, padding=1), bn=nn.BatchNorm1d(5), lstm=nn.LSTM(5, H, batch_first=True), fc=nn.Linear(H, 2)),
     lambda m, x: m.fc(m.lstm(torch.relu(m.bn(m.conv(x))).transpose(1, 2))[0][:, -1]), [rand(B, F, 8)],
     [{"type": "nn.Conv1d", "key": "conv", "in_channels": F, "out_channels": 5, "kernel_size": 3, "padding": 1},
      {"type": "nn.BatchNorm1d", "key": "bn", "num_features": 5}, {"type": "nn.ReLU"}, {"type": "permute", "dims": [0, 2, 1]},
      {"type": "nn.LSTM", "key": "lstm", "input_size": 5, "hidden_size": H, "batch_first": True, "select": "last"},
      {"type": "nn.Linear", "key": "fc", "in_features": H, "out_features": 2}])
case("convolution_groups", Net(conv=nn.Conv1d(4, 6, 2, stride=2, dilation=2, groups=2, bias=False), act=nn.LeakyReLU(0.2)),
     lambda m, x: m.act(m.conv(x)), [rand(B, 4, 9)],
     [{"type": "nn.Conv1d", "key": "conv", "in_channels": 4, "out_channels": 6, "kernel_size": [2], "stride": [2],
       "dilation": 2, "groups": 2, "bias": False}, {"type": "nn.LeakyReLU", "negative_slope": 0.2}], ".npz")
case("convolution_same", Net(conv=nn.Conv1d(F, 4, 4, padding="same")), lambda m, x: m.conv(x), [rand(B, F, 7)],
     [{"type": "nn.Conv1d", "key": "conv", "in_channels": F, "out_channels": 4, "kernel_size": 4, "padding": "same"}])
case("convolution_of_timesteps", Net(lstm=nn.LSTM(F, H, batch_first=True), conv=nn.Conv1d(T, 2, 3)),
     lambda m, x: m.conv(m.lstm(x)[0]), [x],
     [{"type": "nn.LSTM", "key": "lstm", **first},
      {"type": "nn.Conv1d", "key": "conv", "in_channels": T, "out_channels": 2, "kernel_size": 3}])
case("normalizations",
     Net(ln=nn.LayerNorm(F, eps=1e-3), gru=nn.GRU(F, H, batch_first=True), bn=nn.BatchNorm1d(H, affine=False, eps=1e-2),
         out=nn.Linear(H, 2, bias=False)),
     lambda m, x: m.out(m.bn(m.gru(m.ln(x))[0][:, -1])), [x],
     [{"type": "nn.LayerNorm", "key": "ln", "normalized_shape": [F], "eps": 1e-3}, {"type": "nn.GRU", "key": "gru", **first, "select": "last"},
      {"type": "nn.Dropout", "p": 0.5}, {"type": "nn.BatchNorm1d", "key": "bn", "num_features": H, "affine": False, "eps": 1e-2},
      {"type": "nn.Linear", "key": "out", "in_features": H, "out_features": 2, "bias": False}])
case("normalized_timesteps", Net(gru=nn.GRU(F, H, batch_first=True), bn=nn.BatchNorm1d(T)),
     lambda m, x: m.bn(m.gru(x)[0]), [x],
     [{"type": "nn.GRU", "key": "gru", **first}, {"type": "nn.BatchNorm1d", "key": "bn", "num_features": T}])
case("layer_norm_parts", Net(a=nn.LayerNorm(F, bias=False), b=nn.LayerNorm(F, elementwise_affine=False)),
     lambda m, x: m.b(m.a(x)), [x[:, 0]],
     [{"type": "nn.LayerNorm", "key": "a", "normalized_shape": F, "bias": False},
      {"type": "nn.LayerNorm", "key": "b", "normalized_shape": F, "elementwise_affine": False}])
case("flattened", Net(gru=nn.GRU(F, H, batch_first=True), fc=nn.Linear(T * H, 2)),
     lambda m, x: m.fc(m.gru(x)[0].flatten(1)), [x],
     [{"type": "nn.GRU", "key": "gru", **first}, {"type": "nn.Flatten"},
      {"type": "nn.Linear", "key": "fc", "in_features": T * H, "out_features": 2}])
case("cell_in_a_chain", Net(inp=nn.Linear(F, 5), cell=nn.LSTMCell(5, H), out=nn.Linear(H, 2)),
     lambda m, x, h, c: (lambda s: (m.out(s[0]), *s))(m.cell(torch.tanh(m.inp(x)), (h, c))),
     [x[:, 0], rand(B, H, seed=1), rand(B, H, seed=2)],
     [{"type": "nn.Linear", "key": "inp", "in_features": F, "out_features": 5, "activation": "tanh"},
      {"type": "nn.LSTMCell", "key": "cell", "input_size": 5, "hidden_size": H},
      {"type": "nn.Linear", "key": "out", "in_features": H, "out_features": 2}],
     names=["x", "h_0", "c_0"], outputs=["out", "cell.h_n", "cell.c_n"])
case("nested_keys", Net(encoder=Net(rnn=nn.LSTM(F, H, batch_first=True)), head=nn.Sequential(nn.Linear(H, 5), nn.GELU(), nn.Linear(5, 1))),
     lambda m, x, h, c: m.head(m.encoder.rnn(x, (h, c))[0]), [x, rand(1, B, H, seed=1), rand(1, B, H, seed=2)],
     [{"type": "torch.nn.LSTM", "key": "encoder.rnn", **first}, {"type": "nn.Linear", "key": "head.0", "in_features": H, "out_features": 5},
      {"type": "nn.GELU"}, {"type": "nn.Linear", "key": "head.2", "in_features": 5, "out_features": 1}],
     names=["x", "encoder.rnn.h_0", "encoder.rnn.c_0"])
words = ["ReLU", "ReLU6", "SELU", "Sigmoid", "Hardsigmoid", "LogSigmoid", "Tanh", "Tanhshrink", "Softsign", "SiLU",
         "Hardswish", "Mish"]
case("activations_plain", nn.Sequential(*[nn.Linear(F, F) if i % 2 == 0 else getattr(nn, words[i // 2])() for i in range(2 * len(words))]),
     plain, [x[:, 0] * 3],
     [{"type": "nn.Linear", "key": str(i), "in_features": F, "out_features": F} if i % 2 == 0 else {"type": "nn." + words[i // 2]}
      for i in range(2 * len(words))])
more = [("LeakyReLU", {"negative_slope": 0.3}), ("ELU", {"alpha": 0.7}), ("CELU", {"alpha": 1.3}), ("Softplus", {}),
        ("Softshrink", {"lambd": 0.2}), ("Hardshrink", {"lambd": 0.1}), ("Hardtanh", {}), ("Hardtanh", {"min_val": 0.0, "max_val": 6.0}),
        ("Threshold", {"threshold": 0.1, "value": -0.2}), ("GELU", {"approximate": "tanh"}), ("LogSoftmax", {"dim": -1})]
case("activations_with_options", nn.Sequential(*[nn.Linear(F, F) if i % 2 == 0 else getattr(nn, more[i // 2][0])(**more[i // 2][1]) for i in range(2 * len(more))]),
     plain, [x[:, 0] * 2],
     [{"type": "nn.Linear", "key": str(i), "in_features": F, "out_features": F} if i % 2 == 0 else {"type": "nn." + more[i // 2][0], **more[i // 2][1]}
      for i in range(2 * len(more))])
# what the first module is given is told by the ones behind it
case("dropout_first", Net(lstm=nn.LSTM(F, H), fc=nn.Linear(H, 2)), lambda m, x: m.fc(m.lstm(x)[0]), [rand(T, B, F)],
     [{"type": "nn.Dropout", "p": 0.5}, {"type": "nn.LSTM", "key": "lstm", **sizes},
      {"type": "nn.Linear", "key": "fc", "in_features": H, "out_features": 2}])
case("permute_first", Net(gru=nn.GRU(F, H, batch_first=True)), lambda m, x: (x.transpose(0, 1), m.gru(x.transpose(0, 1))[0]),
     [rand(T, B, F)], [{"type": "permute", "dims": [1, 0, 2]}, {"type": "nn.GRU", "key": "gru", **first}],
     outputs=["permute", "gru"])
case("linear_before_convolution", Net(fc=nn.Linear(F, 5), conv=nn.Conv1d(5, 2, 3)),
     lambda m, x: m.conv(m.fc(x).transpose(1, 2)), [x],
     [{"type": "nn.Linear", "key": "fc", "in_features": F, "out_features": 5}, {"type": "permute", "dims": [0, 2, 1]},
      {"type": "nn.Conv1d", "key": "conv", "in_channels": 5, "out_channels": 2, "kernel_size": 3}])
case("flat_already", Net(fc=nn.Linear(F, 5), out=nn.Linear(5, 2)), lambda m, x: m.out(m.fc(x).flatten(1)), [rand(B, F)],
     [{"type": "nn.Linear", "key": "fc", "in_features": F, "out_features": 5}, {"type": "nn.Flatten"},
      {"type": "nn.Linear", "key": "out", "in_features": 5, "out_features": 2}])
case("normalized_first", Net(gru=nn.GRU(F, H, batch_first=True)), lambda m, x: m.gru(torch.layer_norm(x, [F]))[0], [x],
     [{"type": "nn.LayerNorm", "normalized_shape": F, "elementwise_affine": False}, {"type": "nn.GRU", "key": "gru", **first}])
# from channels to timesteps first and back
case("convolution_time_first", Net(conv=nn.Conv1d(F, 5, 2), lstm=nn.LSTM(5, H), out=nn.Conv1d(H, 2, 2)),
     lambda m, x: m.out(m.lstm(m.conv(x).permute(2, 0, 1))[0].permute(1, 2, 0)), [rand(B, F, 8)],
     [{"type": "nn.Conv1d", "key": "conv", "in_channels": F, "out_channels": 5, "kernel_size": 2},
      {"type": "permute", "dims": [2, 0, 1]}, {"type": "nn.LSTM", "key": "lstm", "input_size": 5, "hidden_size": H},
      {"type": "permute", "dims": [1, 2, 0]},
      {"type": "nn.Conv1d", "key": "out", "in_channels": H, "out_channels": 2, "kernel_size": 2}])
case("permuted_every_way", Net(fc=nn.Linear(F, F)),
     lambda m, x: tuple(m.fc(x).permute(d) for d in ([2, 0, 1], [1, 2, 0], [2, 1, 0])), [x],
     [{"type": "nn.Linear", "key": "fc", "in_features": F, "out_features": F}, {"type": "permute", "dims": [2, 0, 1]},
      {"type": "permute", "dims": [2, 0, 1]}, {"type": "permute", "dims": [1, 0, 2]}],
     outputs=["permute", "permute_2", "permute_3"])
# only one length fits
case("convolution_flattened", Net(conv=nn.Conv1d(9, 4, 5, stride=3), fc=nn.Linear(4 * 6, 2)),
     lambda m, x: m.fc(m.conv(x).flatten(1)), [rand(B, 9, 20)],
     [{"type": "nn.Conv1d", "key": "conv", "in_channels": 9, "out_channels": 4, "kernel_size": 5, "stride": 3},
      {"type": "nn.Flatten"}, {"type": "nn.Linear", "key": "fc", "in_features": 24, "out_features": 2}])
# a pickled module that says what it computes, which is not run: the table changes while it is read
torch.save(fill(nn.Sequential(nn.Embedding(5, 3, max_norm=1.0), nn.Linear(3, 2)), 98), os.path.join(out, "not_run.pt"))
# TorchScript has eps and strides in its code, which is not read
case("group_norm", Net(gn=nn.GroupNorm(2, 4, eps=1e-2), conv=nn.Conv1d(4, 6, 1), plain=nn.GroupNorm(3, 6, affine=False)),
     lambda m, x: m.plain(m.conv(m.gn(x))), [rand(B, 4, 9)],
     [{"type": "nn.GroupNorm", "key": "gn", "num_groups": 2, "num_channels": 4, "eps": 1e-2},
      {"type": "nn.Conv1d", "key": "conv", "in_channels": 4, "out_channels": 6, "kernel_size": 1},
      {"type": "nn.GroupNorm", "key": "plain", "num_groups": 3, "num_channels": 6, "affine": False}])
case("group_norm_last", Net(gru=nn.GRU(F, H, batch_first=True), gn=nn.GroupNorm(2, H)), lambda m, x: m.gn(m.gru(x)[0][:, -1]), [x],
     [{"type": "nn.GRU", "key": "gru", **first, "select": "last"}, {"type": "nn.GroupNorm", "key": "gn", "num_groups": 2, "num_channels": H}])
scripted = os.path.join(out, "script_norm.pt")
torch.jit.save(torch.jit.script(fill(nn.Sequential(nn.Linear(F, H), nn.LayerNorm(H, eps=0.1)), 99)), scripted)
# Code is never read, and it is torch's own.
with zipfile.ZipFile(scripted) as archive:
    entries = [(name, archive.read(name)) for name in archive.namelist() if "/code/" not in name]
with zipfile.ZipFile(scripted, "w") as archive:
    for name, data in entries:
        archive.writestr(zipfile.ZipInfo(name), data)
print(count, "cases")
