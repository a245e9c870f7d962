#!/usr/bin/env python3
"""Print the tables of docs/backtest.md.

usage: bench/backtest.py [PROGRAM] [SHARED]    (build/release/ascribe and ../shared, both seen from the repository)

Runs `ascribe backtest` on the shared development corpus and scores its predictions with the shared scorer; the planted
table and the curves are those the program prints. Needs Python 3 only. Takes about a minute.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build/release/ascribe")
SHARED = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "../shared"
DATA, SCORER = SHARED / "data/backtest", SHARED / "tools/score_backtest.py"
REPORTS, CITATIONS = DATA / "reports-dev.jsonl.xz", DATA / "attack_refs-dev.jsonl.xz"
LAST_YEAR = ["--from", "2019-07-01"]
BEFORE = ["--to", "2019-07-01"]
NO_CRIMEWARE = ["--no-crimeware"]


def run(work, name, corpus, *options):
    predictions = work / (name + ".jsonl")
    text = subprocess.run([PROGRAM, "backtest", str(corpus), *options, "--predictions", str(predictions)], check=True,
                          capture_output=True, text=True).stdout
    return predictions, text


def score(predictions, *options):
    out = subprocess.run([sys.executable, str(SCORER), str(predictions), "--json", *options], check=True,
                         capture_output=True, text=True).stdout
    return json.loads(out)


def cells(s):
    def interval(key):
        low, high = s[key]
        return "[%.2f, %.2f]" % (low, high)
    gate = "%.3f" % (s["gate_named"] / s["tests"])
    right = "%d/%d" % (s["gate_right"], s["gate_named"])
    return {"known / novel": "%d / %d" % (s["known"], s["tests"] - s["known"]),
            "top-1": "%.3f %s" % (s["top1"], interval("top1_ci")) if "top1_ci" in s else "%.3f" % s["top1"],
            "top-3": "%.3f" % s["top3"], "macro": "%.3f" % s["macro_top1"], "AUROC": "%.3f" % s["auroc_unknown"],
            "ECE": "%.3f" % s["ece"], "Brier": "%.3f" % s["brier"], "log-loss": "%.2f" % s["log_loss"],
            "Cllr (min)": "%.3f (%.3f)" % (s["cllr"], s["cllr_min"]), "gate share": gate, "gate right": right,
            "novel named": "%d" % s["gate_novel_named"]}


def table(title, rows):
    """rows: name, our scores, reference scores or None; the reference stands in brackets."""
    print("\n### %s\n" % title)
    head = list(cells(rows[0][1]))
    print("| | " + " | ".join(head) + " |\n|---" * 1 + "|---" * len(head) + "|")
    for name, ours, reference in rows:
        mine = cells(ours)
        theirs = cells(reference) if reference else {}
        shown = []
        for key in head:
            other = theirs.get(key, "").split(" [")[0]
            shown.append(mine[key] + (" (%s)" % other if other and key != "known / novel" else ""))
        print("| %s | %s |" % (name, " | ".join(shown)))


def section(text, start, end):
    lines = text.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith(start))
    last = next(i for i, line in enumerate(lines) if i > first and line.startswith(end))
    print("\n```text\n" + "\n".join(lines[first:last]).rstrip() + "\n```")


def main():
    base = DATA / "baseline"
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        core, aged = {}, {}
        for gap in (0, 30, 180):
            core[gap], text = run(work, "core-%d" % gap, REPORTS, *NO_CRIMEWARE, "--gap", str(gap))
            if gap == 0:
                whole = text
        everyone = {gap: run(work, "all-%d" % gap, REPORTS, "--gap", str(gap))[0] for gap in (0, 30, 180)}
        last = run(work, "last", REPORTS, *NO_CRIMEWARE, *LAST_YEAR)[1]
        reference = {gap: base / ("core-nocrimeware-gap%d.jsonl.xz" % gap) for gap in (0, 30, 180)}

        def pair(gap, options, name):
            selected = [*NO_CRIMEWARE, "--gap", str(gap), *options]
            return name, score(core[gap], *selected), score(reference[gap], *selected)

        table("The last year, 2019-07-01 to 2020-06-30 (reference in brackets)",
              [pair(gap, LAST_YEAR, "gap %d" % gap) for gap in (0, 30, 180)])
        table("The years the choices were made on, 2018-01-01 to 2019-06-30",
              [pair(gap, BEFORE, "gap %d" % gap) for gap in (0, 30, 180)])
        table("The whole range", [pair(gap, [], "gap %d" % gap) for gap in (0, 30, 180)])
        table("Tests that the reference's recalibration covers (from 2019-01-01)",
              [pair(gap, ["--from", "2019-01-01"], "gap %d" % gap) for gap in (0, 30, 180)])
        citations = run(work, "attack", CITATIONS, "--track", "attack")[0]
        maltrail = run(work, "maltrail", REPORTS, "--track", "maltrail")[0]
        rows = [("core with crimeware, gap %d" % gap, score(everyone[gap], "--gap", str(gap)),
                 score(base / ("core-gap%d.jsonl.xz" % gap), "--gap", str(gap))) for gap in (0, 30, 180)]
        rows += [("ATT&CK citations", score(citations, "--track", "attack"),
                  score(base / "attack-gap0.jsonl.xz", "--track", "attack")),
                 ("ATT&CK, one group and >= 5 techniques", score(citations, "--track", "attack", "--ge5"),
                  score(base / "attack-ge5-gap0.jsonl.xz", "--track", "attack", "--ge5")),
                 ("maltrail", score(maltrail, "--track", "maltrail"),
                  score(base / "maltrail-gap0.jsonl.xz", "--track", "maltrail"))]
        table("Other tracks, whole range", rows)
        for title, text in (("the last year", last), ("the whole range", whole)):
            print("\n### As the program prints it: %s" % title)
            section(text, "Scores", "Weights")
            section(text, "Sponsor", "Labels")
        section(whole, "Weights", "Sponsor")


if __name__ == "__main__":
    main()
