#!/usr/bin/env python3
"""Code for ARM, Thumb, AArch64 and MIPS: starts of functions against symbols, and functions between two builds.

usage: machines.py --ascribe BIN --bench DISASM_BENCH --sources DIR [--work DIR]

DIR holds the unpacked sources of Debian 12's zlib and lua5.4 (`apt-get source`). Needs Debian's cross compilers
(gcc-arm-linux-gnueabihf, gcc-aarch64-linux-gnu, gcc-mipsel-linux-gnu, gcc-mips-linux-gnu); a missing one is said and left out.
Each program is linked whole at -O1 and -O2 and stripped; nothing is run. Truth: nm of the program before it was stripped.
Asked: functions of at least 80 bytes that both builds have under one name; answers: `ascribe compare --functions`.
"""
import argparse, json, pathlib, shutil, subprocess, sys

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--ascribe", required=True)
p.add_argument("--bench", required=True)
p.add_argument("--sources", required=True, type=pathlib.Path)
p.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/bench-machines"))
a = p.parse_args()
a.work.mkdir(parents=True, exist_ok=True)

MACHINES = [("x86-64", "gcc", ""), ("AArch64", "aarch64-linux-gnu-gcc", ""), ("ARM (A32)", "arm-linux-gnueabihf-gcc", "-marm"),
            ("ARM (Thumb)", "arm-linux-gnueabihf-gcc", "-mthumb"), ("MIPS little", "mipsel-linux-gnu-gcc", ""),
            ("MIPS big", "mips-linux-gnu-gcc", "")]
SMALLEST = 80


def files(folder, pattern, without=()):
    found = sorted(f for f in (a.sources / folder).glob(pattern) if f.name not in without)
    if not found: sys.exit(f"{a.sources / folder}: no sources there")
    return found


PROGRAMS = {
    "zlib": (files("zlib-1.2.13.dfsg", "*.c") + files("zlib-1.2.13.dfsg", "test/minigzip.c"), ["-I", a.sources / "zlib-1.2.13.dfsg", "-DHAVE_UNISTD_H"]),
    "lua": (files("lua5.4-5.4.4", "src/*.c", ("luac.c",)), ["-DLUA_USE_POSIX", "-lm"]),
}


def run(*args):
    done = subprocess.run([str(x) for x in args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode: sys.exit(f"{' '.join(map(str, args[:4]))} … ended with {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def build(machine, compiler, flag, name, level):
    stem = a.work / f"{machine.replace(' ', '-')}-{name}-{level}"
    whole, stripped = stem.with_suffix(".elf"), stem.with_suffix(".stripped")
    tools = compiler.removesuffix("gcc")
    if not stripped.exists():
        sources, options = PROGRAMS[name]
        run(compiler, *([flag] if flag else []), f"-{level}", "-w", "-o", whole, *[o for o in options if o != "-lm"], *sources, *[o for o in options if o == "-lm"])
        run(tools + "strip", "-o", stripped, whole)
    truth = {}
    for line in run(tools + "nm", "-S", whole).splitlines():
        parts = line.split()
        if len(parts) == 4 and parts[2] in "tTwW": truth.setdefault(int(parts[0], 16) & ~1 if "ARM" in machine else int(parts[0], 16), (parts[3], int(parts[1], 16)))
    return stripped, truth


def ranks(one, two):
    by_name = {n: address for address, (n, size) in two[1].items()}
    asked = right = ten = 0
    answers = {}
    for line in run(a.ascribe, "compare", "--functions", one[0], two[0]).splitlines():
        answer = json.loads(line)
        answers[int(answer["a_addr"], 16)] = [int(c["b_addr"], 16) for c in answer["candidates"]]
    for address, (name, size) in one[1].items():
        if size < SMALLEST or name not in by_name or two[1][by_name[name]][1] < SMALLEST: continue
        asked += 1
        found = answers.get(address, [])
        right += found[:1] == [by_name[name]]
        ten += by_name[name] in found
    return asked, right, ten


print(f"{'machine':14} {'starts found':>16} {'not in nm':>10} {'R@1 (R@10; asked)':>22}")
for machine, compiler, flag in MACHINES:
    if not shutil.which(compiler):
        print(f"{machine:14} not measured: {compiler} is not installed", flush=True)
        continue
    truths = found_all = both = other = 0
    totals = {("O1", "O2"): [0, 0, 0]}
    for name in PROGRAMS:
        builds = {level: build(machine, compiler, flag, name, level) for level in ("O1", "O2")}
        starts = {int(l, 16) for l in run(a.bench, "--starts", builds["O2"][0]).splitlines()}
        truth = builds["O2"][1]
        lowest, highest = min(truth), max(x + s for x, (_, s) in truth.items())
        truths += len(truth)
        both += len(starts & set(truth))
        other += len([s for s in starts if lowest <= s < highest and s not in truth])
        for pair, total in totals.items():
            for i, n in enumerate(ranks(builds[pair[0]], builds[pair[1]])): total[i] += n
    cells = [f"{t[1] / t[0]:.3f} ({t[2] / t[0]:.3f}; {t[0]})" for t in totals.values()]
    print(f"{machine:14} {both}/{truths} = {both / truths:.3f} {other:>10} {cells[0]:>22}", flush=True)
