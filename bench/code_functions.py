#!/usr/bin/env python3
"""Function-level code lineage on the shared corpus: `ascribe compare` in fixed pools and against build B, scored.

usage: code_functions.py --ascribe BIN --shared DIR --compiled DIR [--work DIR] [--projects zlib,lz4,…] [--pairs A:B,…]

COMPILED holds PROJECT/BUILD.stripped (make_compiled.sh). Pools are drawn by `score_code.py make-pool`; with --projects they
are drawn among these projects only.
"""
import argparse, csv, lzma, pathlib, subprocess, sys

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--ascribe", required=True)
p.add_argument("--shared", required=True, type=pathlib.Path)
p.add_argument("--compiled", required=True, type=pathlib.Path)
p.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/bench-functions"))
p.add_argument("--projects", default="")
p.add_argument("--pairs", default="", help="only these: A:B,A:B")
a = p.parse_args()
a.work.mkdir(parents=True, exist_ok=True)
score = a.shared / "tools/score_code.py"
rows = list(csv.DictReader(lzma.open(a.shared / "data/code/functions-dev.csv.xz", "rt")))
wanted = a.projects.split(",") if a.projects else sorted({r["project"] for r in rows})
functions = a.work / f"functions-{'-'.join(wanted)}.csv"
with open(functions, "w") as f:
    w = csv.DictWriter(f, rows[0].keys())
    w.writeheader()
    w.writerows(r for r in rows if r["project"] in wanted)
PAIRS = [("elf-x64-gcc-O0", "elf-x64-gcc-O2"), ("elf-x64-gcc-O2", "elf-x64-clang-O2"), ("elf-x64-gcc-O2", "pe-x64-mingw64-O2"),
         ("elf-x64-gcc-O2", "elf-x64-gcc-O3"), ("elf-x64-gcc-O0", "elf-x64-gcc-O3"), ("elf-x64-gcc-Os", "elf-x64-gcc-O2"),
         ("elf-x64-clang-O0", "elf-x64-gcc-O2"), ("elf-x86-gcc32-O2", "elf-x64-gcc-O2"), ("pe-x86-mingw32-O2", "pe-x64-mingw64-O2")]
if a.pairs: PAIRS = [tuple(pair.split(":")) for pair in a.pairs.split(",")]


def run(*args):
    done = subprocess.run([str(x) for x in args], stdout=subprocess.PIPE, text=True)
    if done.returncode: sys.exit(f"{' '.join(map(str, args[:3]))} ended with {done.returncode}")
    return done.stdout


def scores(text):
    found = {}
    for l in text.splitlines():
        if l.split() and l.split()[0] in ("R@1", "MRR@10", "queries"): found.setdefault(l.split()[0], l.split()[1])
    return f"{found['R@1']}/{found['MRR@10']} (n={found['queries']})"


print("projects:", ", ".join(wanted))
print(f"{'pair':44} {'pool 100':>22} {'pool 10,000':>22} {'build B':>22}")
for x, y in PAIRS:
    cells = []
    for size in (100, 10000):
        pool, out = a.work / "pool", a.work / "predictions"
        pool.write_text(run(sys.executable, score, "make-pool", "--functions", functions, "--a", x, "--b", y, "--size", size))
        out.write_text(run(a.ascribe, "compare", "--pool", pool, a.compiled))
        cells.append(scores(run(sys.executable, score, "functions", "--functions", functions, "--a", x, "--b", y, "--pool", pool, out)))
    out.write_text("".join(run(a.ascribe, "compare", "--functions", a.compiled / q / f"{x}.stripped", a.compiled / q / f"{y}.stripped") for q in wanted))
    cells.append(scores(run(sys.executable, score, "functions", "--functions", functions, "--a", x, "--b", y, out)))
    print(f"{x + ' -> ' + y:44} {cells[0]:>22} {cells[1]:>22} {cells[2]:>22}", flush=True)
