"""Times one layer in Recur, PyTorch and ONNX Runtime in one go, and prints how many times faster Recur is.

usage: compare.py [--threads N ...] [--rounds N] [--budget SECONDS] [--cells lstm gru] [--json FILE]
                  [--prototype FILE.c]
Every figure is one float32 forward pass from a zero state: batch B, T timesteps, I inputs, H units.
The three take turns, case by case, for several rounds; of each the median of the rounds counts. Each
number of threads is a process of its own. Needs PyTorch, ONNX, ONNX Runtime and a built
.build/release/RecurBenchmarks.
"""
import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
RECUR = ROOT / ".build/release/RecurBenchmarks"

CASES = [  # I, H, B, T; the same as in RecurrentCase.swift
    (1, 8, 1, 256), (1, 20, 1, 256), (1, 40, 1, 256), (1, 64, 1, 256),
    (1, 20, 1, 1), (128, 128, 1, 1),
    (3, 64, 1, 10), (3, 64, 32, 10),
    (128, 128, 1, 100), (128, 128, 32, 100),
    (256, 512, 1, 100), (256, 512, 16, 100),
    (512, 1024, 1, 50), (512, 1024, 32, 50),
]
SINGLE_STEPS = [(1, units, 1, 1) for units in (8, 16, 20, 32, 40, 64)]

# RTNeural's best backend with sizes fixed at compile time, and the C prototype of the panel kernels,
# both in one run on an AMD EPYC (Zen 5, AVX-512), in µs per timestep of a sequence with one input.
# What RTNeural would take here is the prototype's time here times their ratio there.
RTNEURAL = {  # units: (RTNeural, prototype)
    8: (0.047, 0.053), 16: (0.045, 0.057), 20: (0.115, 0.082), 32: (0.085, 0.094),
    40: (0.158, 0.137), 64: (0.345, 0.325),
}
RTNEURAL_128 = (250, 183)  # 128 inputs, 128 units, 100 timesteps: µs in all


def median_seconds(run, budget):
    run(); run()
    times, start = [], time.perf_counter()
    while (time.perf_counter() - start < budget or len(times) < 5) and len(times) < 20000:
        t = time.perf_counter(); run(); times.append(time.perf_counter() - t)
    return statistics.median(times)


def recur_us(cell, case, threads, budget):
    words = [str(RECUR), "forward", "--json", "--threads", str(threads), "--budget", str(budget),
             "--case", ",".join([cell] + [str(size) for size in case])]
    return json.loads(subprocess.run(words, check=True, capture_output=True).stdout)["rows"][0]["us"]


def torch_run(cell, i, h, b, t):
    import torch
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](i, h, batch_first=True).eval()
    x = torch.randn(b, t, i)

    def run():
        with torch.inference_mode():
            layer(x)
    return run


def onnx_run(cell, i, h, b, t, threads):
    import numpy as np
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
    gates, random = {"lstm": 4, "gru": 3}[cell], np.random.default_rng(0)
    weights = {"W": random.normal(0, .1, (1, gates * h, i)), "R": random.normal(0, .1, (1, gates * h, h)),
               "B": random.normal(0, .1, (1, 2 * gates * h))}
    # PyTorch's GRU applies the reset gate after the recurrent product.
    options = {"linear_before_reset": 1} if cell == "gru" else {}
    node = helper.make_node(cell.upper(), ["X", "W", "R", "B"],
                            ["Y", ""] + ([""] if cell == "lstm" else []), hidden_size=h, **options)
    graph = helper.make_graph(
        [node], cell, [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, None, i])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(v.astype("f4"), k) for k, v in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    session_options = onnxruntime.SessionOptions()
    session_options.intra_op_num_threads = threads
    session_options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), session_options,
                                           providers=["CPUExecutionProvider"])
    feed = {"X": np.random.randn(t, b, i).astype("f4")}
    return lambda: session.run(None, feed)


def measure(cells, threads, rounds, budget):
    """Rows of one process; PyTorch takes its number of threads once."""
    import torch
    torch.set_num_threads(threads)
    rows = []
    for kind, cases in (("case", CASES), ("single step", SINGLE_STEPS)):
        for cell in cells:
            for case in cases:
                times = {"recur": [], "torch": [], "onnxruntime": []}
                for _ in range(rounds):
                    times["recur"].append(recur_us(cell, case, threads, budget))
                    times["torch"].append(median_seconds(torch_run(cell, *case), budget) * 1e6)
                    session = onnx_run(cell, *case, threads)
                    times["onnxruntime"].append(median_seconds(session, budget) * 1e6)
                    del session
                row = {"kind": kind, "cell": cell, "threads": threads,
                       **dict(zip("IHBT", case)),
                       **{name + "_us": statistics.median(values) for name, values in times.items()}}
                rows.append(row)
                print(json.dumps(row), file=sys.stderr, flush=True)
    return rows


def ratio(row):
    return min(row["torch_us"], row["onnxruntime_us"]) / row["recur_us"]


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def print_ratio_rows(rows, keys, titles=None):
    titles = titles or keys
    print(f"| {' | '.join(titles)} | Recur µs | PyTorch µs | ONNX Runtime µs | faster than the faster one |")
    print(f"|---{'|--:' * (len(keys) + 3)}|")
    for row in rows:
        print(f"| {' | '.join(str(row[key]) for key in keys)} | {row['recur_us']:.4g} | {row['torch_us']:.4g} | "
              f"{row['onnxruntime_us']:.4g} | {ratio(row):.2f}× |")


def print_rows(rows):
    print_ratio_rows(rows, ["cell", "I", "H", "B", "T"], ["cell", "inputs", "units", "batch", "timesteps"])


def print_report(rows):
    for threads in sorted({row["threads"] for row in rows}):
        for kind in ("case", "single step"):
            for cell in dict.fromkeys(row["cell"] for row in rows):
                chosen = [row for row in rows
                          if (row["threads"], row["kind"], row["cell"]) == (threads, kind, cell)]
                if not chosen:
                    continue
                ratios = [ratio(row) for row in chosen]
                name = {"case": "sequences", "single step": "single steps"}[kind]
                print(f"\n{cell.upper()}, {name}, {threads} thread{'s' if threads > 1 else ''}: geometric mean "
                      f"{geometric_mean(ratios):.2f}×, least {min(ratios):.2f}×\n")
                print_rows(chosen)


def prototype_times(source):
    """µs of the C prototype here, by (I, H, B, T)."""
    with tempfile.TemporaryDirectory() as folder:
        binary = pathlib.Path(folder) / "prototype"
        subprocess.run(["gcc", "-O3", "-march=native", "-ffast-math", "-w", str(source), "-lm", "-o", str(binary)],
                       check=True)
        lines = subprocess.run([str(binary)], check=True, capture_output=True, text=True).stdout.splitlines()
    return {tuple(int(word) for word in line.split()[:4]): float(line.split()[4]) for line in lines}


def print_rtneural(source, rounds):
    prototype, steps = {}, {}
    for _ in range(rounds):
        for case, value in prototype_times(source).items():
            prototype.setdefault(case, []).append(value)
        output = subprocess.run([str(RECUR), "steps", "--json"], check=True, capture_output=True).stdout
        for row in json.loads(output)["rows"]:
            if row["cell"] == "lstm":
                steps.setdefault(row["H"], []).append(
                    (row["sequence_us_per_step"], row["sequence_with_dense_us_per_step"]))
    print("\nLSTM with one input, µs per timestep; RTNeural as scaled from another run\n")
    print("| units | Recur | with Dense(1) | RTNeural, scaled | Recur is faster | with Dense(1) |")
    print("|--:|--:|--:|--:|--:|--:|")
    for units, (theirs, prototype_then) in RTNEURAL.items():
        here = statistics.median(prototype[(1, units, 1, 256)]) / 256
        scaled = theirs / prototype_then * here
        own, headed = (statistics.median(values) for values in zip(*steps[units]))
        print(f"| {units} | {own:.4f} | {headed:.4f} | {scaled:.4f} | {scaled / own:.2f}× | {scaled / headed:.2f}× |")
    theirs, prototype_then = RTNEURAL_128
    scaled = theirs / prototype_then * statistics.median(prototype[(128, 128, 1, 256)]) / 256
    own = statistics.median(recur_us("lstm", (128, 128, 1, 256), 1, 0.5) for _ in range(rounds)) / 256
    print(f"| 128, with 128 inputs | {own:.4f} | – | {scaled:.4f} | {scaled / own:.2f}× | – |")


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    args.add_argument("--rounds", type=int, default=3)
    args.add_argument("--budget", type=float, default=0.3, help="seconds per case, round and library")
    args.add_argument("--cells", nargs="+", default=["lstm", "gru"], choices=["lstm", "gru"])
    args.add_argument("--json", help="also write the rows to this file")
    args.add_argument("--prototype", help="the C prototype, to scale RTNeural's figures by")
    args.add_argument("--rows", action="store_true", help=argparse.SUPPRESS)
    args = args.parse_args()
    if not RECUR.exists():
        sys.exit(f"{RECUR} is missing: swift build -c release --product RecurBenchmarks")
    if args.rows:
        print(json.dumps(measure(args.cells, args.threads[0], args.rounds, args.budget)))
        return
    rows = []
    for threads in args.threads:
        words = [sys.executable, __file__, "--rows", "--threads", str(threads), "--rounds", str(args.rounds),
                 "--budget", str(args.budget), "--cells", *args.cells]
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "CUDA_VISIBLE_DEVICES": "-1"}
        rows += json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, env=environment).stdout)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(rows, indent=1) + "\n")
    print_report(rows)
    if args.prototype:
        print_rtneural(args.prototype, args.rounds)


if __name__ == "__main__":
    main()
