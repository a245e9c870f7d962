#!/usr/bin/env python3
"""code_deception.py --ascribe PROGRAM --manifest CSV --files FOLDER [--kb FOLDER] [-o JSON]

How false flags of the cheap kind are told, on the 64-bit PE files of the code corpus (files named by SHA-256, see the corpus's own
tools). Of each family the newest file is the query, all older ones are known; each query is asked as it is (honest) and with the
metadata and texts of other families' files put onto it (examples/code-exercise/forge.py). Forged files are data: nothing is run.

Measured: whether the top actor (best match that reaches x10) becomes another one than for the honest file, or none, and whether deception is
flagged: `foreign` of `ascribe match --json`, or a Rich header that cannot be the file's (`ascribe facts`). Families with an even
number (sorted by name) are those on which the thresholds were looked at ("tune"), the others are only scored ("score").
"""
import argparse
import concurrent.futures
import csv
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("forge", ROOT / "examples/code-exercise/forge.py")
forge = importlib.util.module_from_spec(spec)
spec.loader.exec_module(forge)

VARIANTS = {
    "Rich header": {"header"},
    "header, stamp, PDB, resources": {"header", "stamp", "debug", "resources"},
    "texts appended": {"strings"},
    "texts written over": {"replace-strings"},
    "all": {"header", "stamp", "debug", "resources", "strings", "replace-strings"},
}


def version_key(text):
    return [int(part) if part.isdigit() else -1 for part in text.replace("-", ".").split(".")]


def run(program, *arguments, env=None):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, env=env)
    if done.returncode not in (0,):
        raise SystemExit(f"{' '.join(arguments[:4])}: exit {done.returncode}: {done.stderr[:300]}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ascribe", required=True)
    parser.add_argument("--manifest", required=True)
    parser.add_argument("--files", required=True)
    parser.add_argument("--donors", type=int, default=3, help="families whose marks each query is given")
    parser.add_argument("--kb", default="", help="knowledge base to make and keep, or made before from the same files")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-o", default="")
    options = parser.parse_args()
    files = pathlib.Path(options.files)
    families = {}
    for row in csv.DictReader(open(options.manifest)):
        if row["format"] == "PE" and row["arch"] == "x64" and row["primary"] == "1" and not row["dup_of"] and (files / row["sha256"]).exists():
            families.setdefault(row["family"], []).append(row)
    families = {f: sorted(rows, key=lambda r: version_key(r["version"])) for f, rows in families.items() if len(rows) >= 2}
    names = sorted(families)
    print(f"{sum(map(len, families.values()))} files, {len(names)} families, {len({r[0]['actor'] for r in families.values()})} actors", file=sys.stderr)

    with tempfile.TemporaryDirectory() as work:
        kb = options.kb or os.path.join(work, "kb")
        for name in names if not os.path.exists(kb) else []:
            for row in families[name][:-1]:
                run(options.ascribe, "--kb", kb, "kb", "add", "--label", f"actor={row['actor']},family={name},version={row['version']}", str(files / row["sha256"]))
        def ask(number, name):
            rows = []
            query = families[name][-1]
            honest = (files / query["sha256"]).read_bytes()
            others = [n for n in names if families[n][0]["actor"] != query["actor"]]
            donors = [others[(number * 7 + 5 * i + 1) % len(others)] for i in range(options.donors)]
            jobs = [("honest", "", honest, set())]
            for donor in donors:
                source = (files / families[donor][-2]["sha256"]).read_bytes()  # a file that is known
                for variant, what in VARIANTS.items():
                    data, done = forge.transplant(source, honest, what)
                    if done:
                        jobs.append((variant, donor, data, done))
            for variant, donor, data, done in jobs:
                path = os.path.join(work, f"query{number}.bin")
                open(path, "wb").write(data)
                line = json.loads(run(options.ascribe, "--kb", kb, "match", "--json", path))
                reasons = [json.loads(l)["object"] for l in run(options.ascribe, "facts", "--json", path).splitlines() if "not of this file: " in l]
                best = next((m for m in line["matches"] if m["lr"] >= 10), None)
                rows.append({"family": name, "set": "tune" if number % 2 == 0 else "score", "variant": variant, "donor": donor, "done": sorted(done),
                             "top_actor": best["actor"] if best else "", "top_family": best["family"] if best else "",
                             "true_actor": query["actor"], "donor_actor": families[donor][0]["actor"] if donor else "",
                             "foreign": line["foreign"], "header": reasons, "tiers": line["tiers"], "matches": line["matches"][:5]})
            return rows

        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            rows = [row for some in pool.map(ask, range(len(names)), names) for row in some]
    for row in rows:
        row["flagged"] = bool(row["foreign"] or row["header"])
    honest_top = {r["family"]: r["top_actor"] for r in rows if r["variant"] == "honest"}
    print("| set | variant | files | another actor | nobody any more | flagged | by tiers | by header |\n|---|---|---|---|---|---|---|---|")
    for which in ("tune", "score"):
        for variant in ["honest", *VARIANTS]:
            some = [r for r in rows if r["set"] == which and r["variant"] == variant]
            if not some:
                continue
            moved = sum(r["top_actor"] not in ("", honest_top[r["family"]]) for r in some)
            lost = sum(r["top_actor"] == "" != honest_top[r["family"]] for r in some)
            print(f"| {which} | {variant} | {len(some)} | {moved} | {lost} | {sum(r['flagged'] for r in some)} | {sum(bool(r['foreign']) for r in some)} |"
                  f" {sum(bool(r['header']) for r in some)} |")
    if options.o:
        json.dump(rows, open(options.o, "w"), indent=1)


if __name__ == "__main__":
    main()
