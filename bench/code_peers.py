#!/usr/bin/env python3
"""Whole-file peers under the corpus's own regimes: ssdeep, TLSH, imphash, Rich header. Prints the scorer's figures, one line a peer.

usage: code_peers.py --ascribe BIN --ssdeep BIN --tlsh BIN --shared DIR --corpus DIR [--work DIR] [--set PE:x64 ...]

ssdeep and tlsh_unittest are Debian's packages ssdeep and tlsh-tools, for this bench only; imphash and Rich header are read by
`ascribe facts` and two files are alike (1) when they are equal. A pair's likeness needs no index, so no regime changes it.
"""
import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

REGIMES = ("loo", "old2new", "unknown", "newtool", "unknown-actor")
SHOWN = ("family 1-NN loo", "family 1-NN old2new", "family AUROC", "family correct@1%FPR", "actor AUROC", "actor 1-NN newtool")

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
for name in ("--ascribe", "--ssdeep", "--tlsh"):
    p.add_argument(name, required=True)
for name in ("--shared", "--corpus"):
    p.add_argument(name, required=True, type=pathlib.Path)
p.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/bench-code"))
p.add_argument("--set", nargs="*", default=["PE:x64", "ELF:x64", "PE:x86"])
a = p.parse_args()
a.work.mkdir(parents=True, exist_ok=True)
manifest, score = a.shared / "data/code/manifest-dev.csv", a.shared / "tools/score_code.py"


def run(*arguments):
    done = subprocess.run([str(x) for x in arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{arguments[0]} ended with {done.returncode}: {done.stderr[:300]}")
    return done.stdout


def both_ways(pairs):
    likeness = {}
    for one, other, value in pairs:
        one, other = os.path.basename(one), os.path.basename(other)
        likeness.setdefault(one, {})[other] = value
        likeness.setdefault(other, {})[one] = value
    return likeness


def ssdeep(files, work):
    hashes = pathlib.Path(work) / "ssdeep"
    hashes.write_text(run(a.ssdeep, "-s", *files))
    rows = csv.reader(l for l in run(a.ssdeep, "-x", "-a", "-c", hashes).splitlines() if l)
    return both_ways((one, other, int(value)) for one, other, value in rows if int(value) > 0)


def tlsh(files, work):
    folder = pathlib.Path(work) / "tlsh"
    folder.mkdir()
    for f in files:
        (folder / f.name).symlink_to(f.resolve())
    rows = (l.split("\t") for l in run(a.tlsh, "-xref", "-r", folder).splitlines())
    return both_ways((one, other, -int(distance)) for one, other, distance in rows)


def equal(kind):
    def peer(files, work):
        by = {}
        for f in files:
            for line in run(a.ascribe, "facts", "--json", f).splitlines():
                fact = json.loads(line)
                if str(fact.get("object", "")).startswith(kind + ":") and str(fact.get("subject", "")).startswith("sample:"):
                    by.setdefault(fact["object"], set()).add(f.name)
        return both_ways((x, y, 1) for some in by.values() for x in some for y in some if x < y)
    return peer


def main():
    for which in a.set:
        fmt, arch = which.split(":")
        known = {}  # regime -> query -> what its index holds
        for regime in REGIMES:
            text = run(sys.executable, score, "index", "--manifest", manifest, "--format", fmt, "--arch", arch, "--regime", regime)
            known[regime] = {l.split()[0]: l.split()[1:] for l in text.splitlines()}
        files = [a.corpus / q for q in sorted(known["loo"])]
        print(f"\n{which}\n| | " + " | ".join(SHOWN) + " |\n|---|" + "---|" * len(SHOWN))
        for name, peer in {"ssdeep": ssdeep, "TLSH": tlsh, **({"imphash": equal("imphash"), "Rich header": equal("rich-header")} if fmt == "PE" else {})}.items():
            with tempfile.TemporaryDirectory() as work:
                likeness = peer(files, work)
            answers = []
            for regime, lists in known.items():
                out = a.work / f"{name.replace(' ', '-')}-{fmt}-{arch}-{regime}.ndjson"
                with open(out, "w") as f:
                    for q, index in lists.items():
                        matches = [{"sha256": s, "score": likeness[q][s]} for s in index if s in likeness.get(q, {})]
                        f.write(json.dumps({"file": q, "sha256": q, "matches": matches}) + "\n")
                answers += [f"--{regime}", out]
            text = run(sys.executable, score, "files", "--manifest", manifest, "--format", fmt, "--arch", arch, *answers)
            found = {key: line[len(key):].strip() for line in text.splitlines() for key in SHOWN if line.startswith(key + " ")}
            print(f"| {name} | " + " | ".join(found.get(key, "-").split()[0] for key in SHOWN) + " |", flush=True)


if __name__ == "__main__":
    main()
