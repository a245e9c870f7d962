#!/usr/bin/env python3
"""Replays the example cases by date and prints the table of docs/replay.md (Markdown).

usage: tools/replay.py [path of ascribe]   (default build/release/ascribe)
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATES = {
    "sony-2014": ["2014-12-01", "2014-12-18", "2014-12-19", "2015-02", "2016-03", "2018-09", None],
    "darkseoul-2013": ["2013-03-20", "2013-03-21", "2013-03-22", "2013-04-11", "2013-07-09", None],
    "wannacry-2017": ["2017-05-12", "2017-05-15", "2017-05-23", "2017-12-20", None],
    "bangladesh-bank-2016": ["2016-03-01", "2016-05-14", None],
    "olympic-destroyer-2018": ["2018-02-10", "2018-02-13", "2018-03-09", "2020-10-20", None],
    "notpetya-2017": ["2017-06-27", "2017-07-02", "2018-02-16", None],
    "shamoon-2012": ["2012-08-16", "2012-10-25", None],
    "dnc-2016": ["2016-06-13", "2016-06-14", "2016-07-26", "2018-07-14", None],
}


def first(level):
    return ", ".join("%s %.0f" % (h["name"], 100 * h["posterior"]) for h in level["ranked"][:2])


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build/release/ascribe")
    with tempfile.TemporaryDirectory() as folder:
        for case, dates in DATES.items():
            print("\n### " + case + "\n\n| as of | verdict | operator, % | code base, % | sponsor, % | earlier attacks |\n|---|---|---|---|---|---|")
            for date in dates:
                command = [program, "--kb", folder + "/kb", "investigate", str(ROOT / "examples" / case), "--json", "--out", folder + "/out"]
                out = subprocess.run(command + (["--as-of", date] if date else []), check=True, capture_output=True).stdout
                a = json.loads(out)
                v = a["verdict"]
                said = "%s %s: %s (%s)" % (v["level"], v["name"], v["likelihood"], v["gate"]) if v["name"] else "none (%s)" % v["gate"]
                levels = a["levels"]
                print("| %s | %s | %s | %s | %s | %d |" % (date or "today", said, first(levels["operator"]), first(levels["lineage"]),
                                                          first(levels["sponsor"]), a["knowledge"]["attacks_compared"]))


if __name__ == "__main__":
    main()
