#!/usr/bin/env python3
"""Weights with random numbers for the sources in testdata/source_models, and what torch computes with them.

usage: gen_source_models.py   (torch 2.13, numpy)

The sources are by hand. A notebook's cells are run without their commands.
"""
import argparse
import importlib.util
import json
import os
import sys

import numpy as np
import torch

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "source_models")
B, T = 2, 5


def module(name):
    if name == "package":
        sys.path.insert(0, FOLDER)
        import package
        return package
    path = os.path.join(FOLDER, name + ".py")
    spec = importlib.util.spec_from_file_location(name, path)
    result = importlib.util.module_from_spec(spec)
    sys.modules[name] = result
    spec.loader.exec_module(result)
    return result


def notebook(name, wanted):
    with open(os.path.join(FOLDER, name + ".ipynb")) as f:
        cells = json.load(f)["cells"]
    names = {}
    for cell in cells:
        text = "".join(line for line in cell["source"] if line[:1] not in "%!")
        if cell["cell_type"] == "code" and ("import" in text or "class " in text):
            exec(text, names)
    return names[wanted]


def flat(value):
    if isinstance(value, torch.Tensor):
        return [value.detach().numpy()]
    return [array for part in (value.values() if isinstance(value, dict) else value) for array in flat(part)]


def write(name, model, *inputs, calls=1):
    torch.manual_seed(3)
    with torch.no_grad():
        for p in model.parameters():
            p.uniform_(-0.7, 0.7)
        for key, buffer in model.named_buffers():
            if "running" in key:
                buffer.uniform_(0.3, 1.2)
    model.eval()
    torch.save(model.state_dict(), os.path.join(FOLDER, name + ".pt"))
    arrays = {}
    position = 0
    for call in range(calls):
        own = inputs if call == 0 else [torch.randn_like(x) for x in inputs]
        for x in own:
            arrays["in_%d" % position] = x.numpy()
            position += 1
        with torch.no_grad():
            outputs = flat(model(*own))
        for index, array in enumerate(outputs):
            arrays["out_%d" % (call * len(outputs) + index)] = array
    np.savez(os.path.join(FOLDER, name + ".golden.npz"), **arrays)


def main():
    torch.manual_seed(5)
    x = torch.randn(B, T, 3)
    tokens = torch.randint(1, 9, (B, T))
    write("tutorial", module("tutorial").Net(3, 4, 2, 2), x)
    args = argparse.Namespace(embed_dim=5, hidden_dim=4, dropout=0.3)
    write("arguments", module("arguments").Classifier(args, range(9)), tokens)
    write("configured", module("configured").Stacked(), x)
    write("cells", module("cells").Decoder(), torch.randn(T, B, 2))
    write("packed", module("packed").Tagger(9, 3, 4, 2), tokens, torch.tensor([5, 3]))
    write("package", module("package").Net(), x)
    write("states", module("states").Policy(), torch.randn(1, 3), calls=2)
    write("train", notebook("train", "Forecaster")(), torch.randn(B, T, 1))
    gru = torch.nn.Module()
    gru.rnn = torch.nn.GRU(3, 4, batch_first=True)
    gru.forward = lambda x: (lambda y, h: (y, h[-1]))(*gru.rnn(x))
    write("hostile", gru, x)
    write("steps", module("steps").Stepwise(), x)
    write("encoder", module("encoder").Encoder(), x)
    nested = module("nested").Cell(3, 4)
    own = nested.forward
    # The parts of an argument are recorded one after the other.
    nested.forward = lambda x, now, h, c, last: own(x, (now, (h, c)), last)
    rows, states = [torch.randn(3, 3) for _ in range(3)], [torch.randn(3, 4) for _ in range(2)]
    write("nested", nested, rows[0], rows[1], *states, rows[2])
    cell = torch.nn.Module()
    cell.rnn = torch.nn.GRUCell(3, 4)

    def loop(x):
        h = torch.zeros(B, 4)
        for t in range(T):
            h = cell.rnn(x[:, t], h)
        return h

    cell.forward = loop
    write("cell", cell, x)
    loops = module("loops")
    for own in (loops.Elman, loops.Joined, loops.LongShort, loops.Light, loops.Stacked, loops.Rebound, loops.Mixed, loops.Dropped):
        write("loops/" + own.__name__.lower(), own(3, 4), x)


main()
