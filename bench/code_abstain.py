#!/usr/bin/env python3
"""Coverage against precision for "new tool of a known actor": who is named when the query's own family is not known.

usage: code_abstain.py --shared DIR --newtool NDJSON --unknown-actor NDJSON [--by score|lr|p_unknown] [--draws 2000]

Questions that have an answer: files of actors with other families known (regime newtool). Questions that have none: every file with
its whole actor unknown (regime unknown-actor); to name anybody there is an error. An answer is the best match's actor, given when its
measure reaches a threshold. For each threshold: share of answerable questions answered rightly (coverage), share of all answers that
are right when one question in two has an answer (precision), share of unanswerable ones answered (false). 95 % intervals by
drawing whole actors with replacement: files of one maker are not independent. Thresholds are quantiles of the measure over the
unanswerable questions, so a row's own threshold is not tuned on the answerable ones.
"""
import argparse
import csv
import json
import pathlib
import random

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--shared", required=True, type=pathlib.Path)
p.add_argument("--newtool", required=True)
p.add_argument("--unknown-actor", required=True)
p.add_argument("--by", default="score", choices=["score", "lr", "p_unknown"])
p.add_argument("--draws", type=int, default=2000)
p.add_argument("--seed", type=int, default=2014)
a = p.parse_args()
rows = {r["sha256"]: r for r in csv.DictReader(open(a.shared / "data/code/manifest-dev.csv"))}


def answers(path):
    """by actor of the query: (measure, right)"""
    by = {}
    for line in open(path):
        d = json.loads(line)
        actor = rows[d["sha256"]]["actor"]
        best = max(d["matches"], key=lambda m: m["score"], default=None)
        value = float("-inf") if best is None else 1 - d["p_unknown"] if a.by == "p_unknown" else best[a.by]
        by.setdefault(actor, []).append((value, best is not None and rows[best["sha256"]]["actor"] == actor))
    return by


known, unknown = answers(a.newtool), answers(a.unknown_actor)


def figures(some_known, some_unknown, at):
    asked = [x for actor in some_known for x in known[actor]]
    none = [x for actor in some_unknown for x in unknown[actor]]
    right = sum(v >= at and ok for v, ok in asked) / len(asked)
    wrong = sum(v >= at and not ok for v, ok in asked) / len(asked)
    false = sum(v >= at for v, _ in none) / len(none)
    given = right + wrong + false  # one question in two has an answer
    return right, right / given if given else float("nan"), false


values = sorted(v for some in unknown.values() for v, _ in some)
print(f"{sum(map(len, known.values()))} answerable files of {len(known)} actors, {len(values)} unanswerable of {len(unknown)}")
print("| threshold | coverage | precision | named though unknown |\n|---|---|---|---|")
for q in (0, .5, .75, .9, .95, .99, 1):
    at = values[min(len(values) - 1, int(q * len(values)))] if q < 1 else values[-1] + 1e-9
    point = figures(known, unknown, at)
    rng, drawn = random.Random(a.seed), []
    for _ in range(a.draws):
        drawn.append(figures(rng.choices(list(known), k=len(known)), rng.choices(list(unknown), k=len(unknown)), at))
    cells = []
    for i, value in enumerate(point):
        some = sorted(d[i] for d in drawn if d[i] == d[i])
        low, high = (some[int(.025 * len(some))], some[int(.975 * len(some))]) if some else (float("nan"),) * 2
        cells.append(f"{value:.2f} ({low:.2f}–{high:.2f})" if value == value else "-")
    print(f"| {at:.3f} | " + " | ".join(cells) + " |")
