#!/usr/bin/env python3
"""Recall and precision of function starts against symbols (docs/bench-code.md).

    bench/function_starts.py DISASM_BENCH SHARED COMPILED BUILD [PROJECT…]

BUILD is a name such as pe-x86-mingw32-O2; COMPILED holds PROJECT/BUILD.stripped (make_compiled.sh). Truth: the corpus's
functions-dev.csv, all of a build's symbols, start-up code included. "own, >= 5 blocks": what the function bench asks for.
"""
import csv, lzma, pathlib, subprocess, sys

bench, shared, compiled, build = sys.argv[1:5]
rows = [r for r in csv.DictReader(lzma.open(pathlib.Path(shared) / "data/code/functions-dev.csv.xz", "rt")) if r["build"] == build]
projects = sys.argv[5:] or sorted({r["project"] for r in rows})
total = [0] * 5
for p in projects:
    truth = {int(r["addr"], 16): r for r in rows if r["project"] == p}
    out = subprocess.run([bench, "--starts", f"{compiled}/{p}/{build}.stripped"], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {int(l.split()[0], 16) for l in out.splitlines()}
    asked = {a for a, r in truth.items() if r["own"] == "1" and int(r["blocks"]) >= 5 and int(r["insns"]) >= 10}
    line = [len(truth), len(found), len(found & set(truth)), len(asked), len(found & asked)]
    total = [a + b for a, b in zip(total, line)]
    print(f"{p:10} recall {line[2] / line[0]:.3f} precision {line[2] / line[1]:.3f} asked for {line[4] / line[3]:.3f} (n={line[3]})")
print(f"{'all':10} recall {total[2] / total[0]:.3f} precision {total[2] / total[1]:.3f} asked for {total[4] / total[3]:.3f} (n={total[3]})")
