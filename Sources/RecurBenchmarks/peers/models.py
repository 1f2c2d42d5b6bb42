"""Times whole models in Recur, PyTorch and ONNX Runtime in one go, and prints how many times faster Recur is.

usage: models.py [--threads N] [--rounds N] [--budget SECONDS] [--models NAME ...] [--json FILE]
The models are those of ModelCase.swift, with random weights. The three take turns, model by model, for several
rounds; of each the median of the rounds counts. Needs PyTorch, ONNX, ONNX Runtime and a built
.build/release/RecurBenchmarks.
"""
import argparse
import io
import json
import pathlib
import statistics
import subprocess
import sys
import warnings

import numpy as np
import onnxruntime
import torch
from torch import nn

from compare import RECUR, geometric_mean, median_seconds, print_ratio_rows

warnings.filterwarnings("ignore")


class Signal(nn.Module):
    """Convolutions over a signal [batch, 1, length], then an LSTM."""
    shape = (1, 1024)

    def __init__(self):
        super().__init__()
        layers = []
        for inputs, outputs, size in ((1, 64, 7), (64, 128, 5), (128, 128, 3)):
            layers += [nn.Conv1d(inputs, outputs, size, padding=size // 2), nn.ReLU(), nn.MaxPool1d(2)]
        self.front, self.lstm, self.head = nn.Sequential(*layers), nn.LSTM(128, 128, batch_first=True), nn.Linear(128, 5)

    def forward(self, x):
        y, _ = self.lstm(self.front(x).transpose(1, 2))
        return self.head(y[:, -1]).softmax(-1)


class CRNN(nn.Module):
    """Convolutions over an image [batch, 1, 32, 128], then two bidirectional LSTMs along its width."""
    shape = (1, 32, 128)

    def __init__(self):
        super().__init__()
        layers = []
        for inputs, outputs, pool in ((1, 64, (2, 2)), (64, 128, (2, 2)), (128, 256, None), (256, 256, (2, 1)),
                                      (256, 512, (4, 1))):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
            layers += [nn.MaxPool2d(pool)] if pool else []
        self.front = nn.Sequential(*layers)
        self.lstm, self.head = nn.LSTM(512, 128, 2, batch_first=True, bidirectional=True), nn.Linear(256, 80)

    def forward(self, x):
        y, _ = self.lstm(self.front(x).squeeze(2).transpose(1, 2))
        return self.head(y).softmax(-1)


class Attention(nn.Module):
    """A bidirectional LSTM, attention between its timesteps, and a second LSTM."""
    shape = (100, 64)

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(64, 128, batch_first=True, bidirectional=True)
        self.lstm, self.head = nn.LSTM(256, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x):
        y, _ = self.encoder(x)
        y = (y @ y.transpose(1, 2)).softmax(-1) @ y
        y, _ = self.lstm(y)
        return self.head(y[:, -1]).softmax(-1)


class ConvLSTMLayer(nn.Module):
    """One convolutional LSTM over [batch, timesteps, channels, height, width]."""

    def __init__(self, inputs, units):
        super().__init__()
        self.input = nn.Conv2d(inputs, 4 * units, 3, padding=1)
        self.state = nn.Conv2d(units, 4 * units, 3, padding=1, bias=False)
        self.units = units

    def forward(self, x):
        batch, timesteps = x.shape[:2]
        products = self.input(x.flatten(0, 1)).unflatten(0, (batch, timesteps))
        c, outputs = None, []
        for t in range(timesteps):
            gates = products[:, t] if c is None else products[:, t] + self.state(outputs[-1])
            i, f, g, o = gates.chunk(4, 1)
            new = i.sigmoid() * g.tanh()
            c = new if c is None else f.sigmoid() * c + new
            outputs.append(o.sigmoid() * c.tanh())
        return torch.stack(outputs, 1)


class ConvLSTM(nn.Module):
    """Two convolutional LSTMs over eight images, then a convolution."""
    shape = (8, 1, 32, 32)

    def __init__(self):
        super().__init__()
        self.first, self.second = ConvLSTMLayer(1, 32), ConvLSTMLayer(32, 32)
        self.head = nn.Conv2d(32, 1, 3, padding=1)

    def forward(self, x):
        return self.head(self.second(self.first(x))[:, -1]).relu()


MODELS = {"crnn": CRNN, "signal": Signal, "attention": Attention, "convlstm": ConvLSTM}


def torch_run(model, x):
    def run():
        with torch.inference_mode():
            model(x)
    return run


def onnx_run(model, x, threads):
    buffer = io.BytesIO()
    torch.onnx.export(model, (x,), buffer, dynamo=False, input_names=["x"], output_names=["y"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(buffer.getvalue(), options, providers=["CPUExecutionProvider"])
    feed = {"x": x.numpy()}
    with torch.inference_mode():
        distance = np.abs(session.run(None, feed)[0] - model(x).numpy()).max()
    if distance > 1e-4:
        sys.exit(f"ONNX Runtime and PyTorch differ by {distance}")
    return lambda: session.run(None, feed)


def recur_us(name, batch, threads, budget):
    words = [str(RECUR), "models", "--json", "--threads", str(threads), "--budget", str(budget), "--model",
             f"{name},{batch}"]
    return json.loads(subprocess.run(words, check=True, capture_output=True).stdout)["rows"][0]["us"]


def measure(names, threads, rounds, budget):
    torch.set_num_threads(threads)
    rows = []
    for name in names:
        for batch in (1, 8):
            torch.manual_seed(0)
            model, x = MODELS[name]().eval(), torch.randn(batch, *MODELS[name].shape)
            runs = {"torch": torch_run(model, x), "onnxruntime": onnx_run(model, x, threads)}
            times = {"recur": [], **{peer: [] for peer in runs}}
            for _ in range(rounds):
                times["recur"].append(recur_us(name, batch, threads, budget))
                for peer, run in runs.items():
                    times[peer].append(median_seconds(run, budget) * 1e6)
            rows.append({"model": name, "batch": batch, "threads": threads,
                         **{peer + "_us": statistics.median(values) for peer, values in times.items()}})
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    return rows


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--threads", type=int, default=1)
    args.add_argument("--rounds", type=int, default=3)
    args.add_argument("--budget", type=float, default=1, help="seconds per model, round and library")
    args.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    args.add_argument("--json", help="also write the rows to this file")
    args = args.parse_args()
    if not RECUR.exists():
        sys.exit(f"{RECUR} is missing: swift build -c release --product RecurBenchmarks")
    rows = measure(args.models, args.threads, args.rounds, args.budget)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(rows, indent=1) + "\n")
    print_ratio_rows(rows, ["model", "batch"])
    ratios = [min(row["torch_us"], row["onnxruntime_us"]) / row["recur_us"] for row in rows]
    print(f"\ngeometric mean {geometric_mean(ratios):.2f}×, least {min(ratios):.2f}×")


if __name__ == "__main__":
    main()
