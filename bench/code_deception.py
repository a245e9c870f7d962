#!/usr/bin/env python3
"""code_deception.py --ascribe PROGRAM --shared FOLDER --corpus FOLDER --kb FOLDER [--set PE:x64|ELF:x64] [--no-goodware] [-o JSON]

How false flags of the cheap kind are told, on the files of the code corpus (named by SHA-256, see the corpus's own tools). --kb holds all
files of the set (bench/code_files.py makes it). Of each family the newest file is asked and older ones are known (--index-list of
`match`); each query is asked as it is and with the metadata and texts of other actors' files put onto it
(examples/code-exercise/forge.py, forge_elf.py). Forged files are data: nothing is run.

Measured of forged files: whether the top actor (best match that reaches x10) becomes another one than for the honest file, or none, and whether
deception is flagged: `foreign` of `ascribe match --json`, or a Rich header that cannot be the file's (`ascribe facts`).
Honest files, all of the set: each with every other file known, with its family unknown, with its whole actor unknown; how many are flagged.
Actors with an even number (sorted by name) are those on which thresholds may be chosen ("tune"), the others are only scored ("score").
"""
import argparse
import csv
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import forge_elf

ROOT = pathlib.Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("forge", ROOT / "examples/code-exercise/forge.py")
forge_pe = importlib.util.module_from_spec(spec)
spec.loader.exec_module(forge_pe)

METADATA = {"header", "stamp", "debug", "resources"}
VARIANTS = {
    "Rich header, stub, linker version": {"header"},
    "the same, time stamp, PDB path, resources": METADATA,
    "texts appended": {"strings"},
    "texts written over its own": {"replace-strings"},
    "both": {"strings", "replace-strings"},
    "all of it": METADATA | {"strings", "replace-strings"},
}
LEAST = 10  # likelihood ratio from which a match is somebody's


def age(row):
    return [int(x) for x in re.findall(r"\d+", row["version"])], row["sha256"]


def run(*arguments):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, arguments[:5]))}: exit {done.returncode}: {done.stderr[:300]}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ascribe", required=True)
    parser.add_argument("--shared", required=True, type=pathlib.Path)
    parser.add_argument("--corpus", required=True, type=pathlib.Path)
    parser.add_argument("--kb", required=True)
    parser.add_argument("--set", default="PE:x64")
    parser.add_argument("--donors", type=int, default=3, help="families whose marks each query is given")
    parser.add_argument("--no-goodware", action="store_true")
    parser.add_argument("-o", default="")
    o = parser.parse_args()
    fmt, arch = o.set.split(":")
    rows = [r for r in csv.DictReader(open(o.shared / "data/code/manifest-dev.csv"))
            if r["primary"] == "1" and not r["dup_of"] and r["format"] == fmt and r["arch"] == arch]
    families = {}
    for row in rows:
        families.setdefault(row["family"], []).append(row)
    families = {f: sorted(some, key=age) for f, some in families.items() if len(some) >= 2}
    rows = [r for some in families.values() for r in some]
    names = sorted(families)
    actors = sorted({r["actor"] for r in rows})
    half = {a: "tune" if i % 2 == 0 else "score" for i, a in enumerate(actors)}
    print(f"{o.set}: {len(rows)} files, {len(names)} families, {len(actors)} actors", file=sys.stderr)
    known = {r["sha256"] for some in families.values() for r in some[:-1]}
    transplant = forge_pe.transplant if fmt == "PE" else forge_elf.transplant

    def ask(kb_list, files, work):  # kb_list: query -> what is known to it
        index = pathlib.Path(work) / "index"
        index.write_text("".join(f"{q} {' '.join(sorted(k))}\n" for q, k in kb_list.items()))
        extra = ["--no-goodware"] if o.no_goodware else []
        return [json.loads(l) for l in run(o.ascribe, "--kb", o.kb, "match", "--json", "--top", 200, *extra, "--index-list", index, *files).splitlines()]

    def judge(line, true_actor, headers):
        best = next((m for m in line["matches"] if m["lr"] >= LEAST), None)
        return {"top_actor": best["actor"] if best else "", "top_family": best["family"] if best else "", "true_actor": true_actor, "set": half[true_actor],
                "foreign": line["foreign"], "header": headers, "flagged": bool(line["foreign"] or headers), "p_unknown": line["p_unknown"],
                "functions": line["functions"], "goodware_functions": line["goodware_functions"], "matches": line["matches"]}

    out = []
    with tempfile.TemporaryDirectory() as work:
        def headers_of(path):
            return [json.loads(l)["object"] for l in run(o.ascribe, "facts", "--json", path).splitlines() if "not of this file: " in l] if fmt == "PE" else []

        headers = {r["sha256"]: headers_of(o.corpus / r["sha256"]) for r in rows}
        for regime, counts in {
            "honest, all others known": lambda q, r: r["sha256"] != q["sha256"],
            "honest, its family unknown": lambda q, r: r["family"] != q["family"],
            "honest, its actor unknown": lambda q, r: r["actor"] != q["actor"],
            "honest newest, older ones known": None,
        }.items():
            asked = rows if counts else [families[n][-1] for n in names]
            lists = {q["sha256"]: {r["sha256"] for r in rows if counts(q, r)} if counts else known for q in asked}
            lines = {l["sha256"]: l for l in ask(lists, [o.corpus / q["sha256"] for q in asked], work)}
            for q in asked:
                out.append({"variant": regime, "family": q["family"], "donor": "", "donor_actor": "",
                            **judge(lines[q["sha256"]], q["actor"], headers[q["sha256"]])})
        honest_top = {r["family"]: r["top_actor"] for r in out if r["variant"] == "honest newest, older ones known"}
        for number, name in enumerate(names):
            query = families[name][-1]
            data = (o.corpus / query["sha256"]).read_bytes()
            others = [n for n in names if families[n][0]["actor"] != query["actor"]]
            made = []
            for donor in [others[(number * 7 + 5 * i + 1) % len(others)] for i in range(o.donors)]:
                source = (o.corpus / families[donor][-2]["sha256"]).read_bytes()  # a file that is known
                for variant, what in VARIANTS.items():
                    if fmt == "ELF" and what & METADATA:
                        continue
                    forged, done = transplant(source, data, what)
                    if done:
                        path = pathlib.Path(work) / f"forged{len(made)}"
                        path.write_bytes(forged)
                        made.append((variant, donor, path))
            lines = {l["file"]: l for l in ask({run("sha256sum", p).split()[0]: known for _, _, p in made}, [p for _, _, p in made], work)}
            for variant, donor, path in made:
                line = lines[str(path)]
                row = {"variant": variant, "family": name, "donor": donor, "donor_actor": families[donor][0]["actor"],
                       **judge(line, query["actor"], headers_of(path) if VARIANTS[variant] & METADATA else headers[query["sha256"]])}
                row["moved"] = row["top_actor"] not in ("", honest_top[name])
                row["lost"] = row["top_actor"] == "" != honest_top[name]
                row["planted"] = max([m["only"].get(c, 0) for m in line["matches"] if m["family"] == donor for c in ("text", "data")], default=0)
                out.append(row)
                path.unlink()
    print("| file | n | top names another actor | nobody any more | flagged, tune | flagged, score | flagged by header alone |\n|---|---|---|---|---|---|---|")
    for variant in dict.fromkeys(r["variant"] for r in out):
        some = [r for r in out if r["variant"] == variant]
        share = lambda which: f"{sum(r['flagged'] for r in some if r['set'] == which)} of {sum(r['set'] == which for r in some)}"
        print(f"| {variant} | {len(some)} | {sum(r.get('moved', False) for r in some)} | {sum(r.get('lost', False) for r in some)} | {share('tune')} | {share('score')} |"
              f" {sum(bool(r['header']) and not r['foreign'] for r in some)} |")
    print("\n| forged file with texts of the donor's that no other family has | none | 1 to 3 | 4 to 15 | 16 and more |\n|---|---|---|---|---|")
    for variant, what in VARIANTS.items():
        some = [r for r in out if r["variant"] == variant and "planted" in r and what & {"strings", "replace-strings"}]
        cells = [[r["flagged"] for r in some if low <= r["planted"] <= high] for low, high in ((0, 0), (1, 3), (4, 15), (16, 10**9))]
        if some:
            print(f"| {variant} | " + " | ".join(f"{sum(c)} of {len(c)}" for c in cells) + " |")
    if o.o:
        json.dump(out, open(o.o, "w"))


if __name__ == "__main__":
    main()
