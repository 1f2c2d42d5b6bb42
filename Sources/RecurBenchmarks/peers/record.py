"""Measures everything in the section "Forward pass" of docs/performance.md and writes it there.

usage: record.py --machine NAME [--rounds N] [--prototype FILE.c]
Each table stands between <!-- measured NAME --> and <!-- end NAME -->. Takes about 15 minutes; nothing
else should run meanwhile.
"""
import argparse
import datetime
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/performance.md"
RECUR = ROOT / ".build/release/RecurBenchmarks"


def output(*words):
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def replaced(page, name, text):
    pattern = re.compile(f"(<!-- measured {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    if not pattern.search(page):
        sys.exit(f"{PAGE} has no place for '{name}'")
    return pattern.sub(lambda match: match[1] + text + "\n" + match[2], page)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--machine", required=True, help='what it was measured on: "AMD EPYC (Zen 5), 2 cores"')
    args.add_argument("--rounds", type=int, default=3)
    args.add_argument("--prototype", help="the C prototype, to scale RTNeural's figures by")
    args = args.parse_args()
    page = PAGE.read_text()
    page = replaced(page, "on", f"Measured on {args.machine}, {datetime.date.today()}.")
    for name in ("machine", "roofline", "steps", "weights"):
        page = replaced(page, name, "```\n" + output(RECUR, name) + "\n```")
    scale = ["--prototype", args.prototype] if args.prototype else []
    compare = pathlib.Path(__file__).with_name("compare.py")
    page = replaced(page, "peers", output(sys.executable, compare, "--rounds", args.rounds, *scale))
    models = pathlib.Path(__file__).with_name("models.py")
    page = replaced(page, "models", output(sys.executable, models, "--rounds", args.rounds))
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
