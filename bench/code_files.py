#!/usr/bin/env python3
"""File-level code lineage on the shared corpus: builds a code base, asks `ascribe match` in every regime, scores.

usage: code_files.py --ascribe BIN --shared DIR --corpus DIR [--goodware DIR | --shipped-goodware] [--work DIR] [--set PE:x64 ...]

CORPUS holds the files of manifest-dev.csv, named by SHA-256 (fetch_npm.py). Labels go to `kb add` only; queries are asked
by bytes. The index list of a regime is what `score_code.py index` prints.
"""
import argparse, collections, csv, pathlib, subprocess, sys, time

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--ascribe", required=True)
p.add_argument("--shared", required=True, type=pathlib.Path)
p.add_argument("--corpus", required=True, type=pathlib.Path)
p.add_argument("--goodware", type=pathlib.Path)
p.add_argument("--shipped-goodware", action="store_true", help="what tools/goodware.sh makes, as ./run does")
p.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/bench-code"))
p.add_argument("--set", nargs="*", default=["PE:x64", "ELF:x64", "PE:x86"])
a = p.parse_args()
manifest = a.shared / "data/code/manifest-dev.csv"
score = a.shared / "tools/score_code.py"
a.work.mkdir(parents=True, exist_ok=True)


def run(*args, out=None):
    with open(out, "w") if out else open("/dev/null", "w") as f:
        done = subprocess.run([str(x) for x in args], stdout=f)
    if done.returncode: sys.exit(f"{args[0]} ended with {done.returncode}")


rows = [r for r in csv.DictReader(open(manifest)) if r["primary"] == "1" and not r["dup_of"]]
for which in a.set:
    fmt, arch = which.split(":")
    kb = a.work / f"kb-{fmt}-{arch}"
    if not kb.exists():
        groups = collections.defaultdict(list)
        for r in rows:
            if r["format"] == fmt and r["arch"] == arch: groups[(r["actor"], r["family"], r["version"])].append(a.corpus / r["sha256"])
        for (actor, family, version), files in sorted(groups.items()):
            run(a.ascribe, "--kb", kb, "kb", "add", "--label", f"actor={actor},family={family},version={version}", *files)
        if a.shipped_goodware: run(pathlib.Path(__file__).resolve().parent.parent / "tools/goodware.sh", a.ascribe, kb.resolve())
        if a.goodware: run(a.ascribe, "--kb", kb, "kb", "add", "--goodware", a.goodware)
    answers = []
    for regime in ("loo", "old2new", "unknown", "newtool", "unknown-actor"):
        index, out = a.work / f"{fmt}-{arch}-{regime}.index", a.work / f"{fmt}-{arch}-{regime}.ndjson"
        run(sys.executable, score, "index", "--manifest", manifest, "--format", fmt, "--arch", arch, "--regime", regime, out=index)
        queries = [l.split()[0] for l in open(index)]
        start = time.time()
        run(a.ascribe, "--kb", kb, "match", "--json", "--index-list", index, *[a.corpus / q for q in queries], out=out)
        print(f"{fmt} {arch} {regime}: {len(queries)} queries, {time.time() - start:.0f} s", flush=True)
        answers += [f"--{regime}", out]
    subprocess.run([sys.executable, str(score), "files", "--manifest", str(manifest), "--format", fmt, "--arch", arch, *map(str, answers)])
