#!/usr/bin/env python3
"""Size, first paint and responsiveness of the report page: bench/page.py ASCRIBE

Writes docs/bench-page.md's table to standard output. Makes synthetic cases below build/page-bench: FACTS facts of which LINKS
are also held by an invented earlier attack. Needs Node, web/node_modules and Chromium; run it on a quiet machine.
"""
import hashlib
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "page-bench"
CASES = ((10_000, 500), (50_000, 2_000))


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def make_pack(folder, links):
    lines = [
        {"subject": "attack:invented", "relation": "targets", "object": "sector:media", "valid_from": "2018-01-10"},
        {"subject": "attack:invented", "relation": "attributed-to", "object": "actor:invented", "confidence": 0.9},
    ]
    lines += [{"subject": "attack:invented", "relation": "contains", "object": f"mutex:invented-{i:06}-{i * 7919 % 100003}"} for i in range(links)]
    facts = "".join(json.dumps({**x, "known_on": "2018-02-01", "source": "invented", "verified": "read"}) + "\n" for x in lines)
    write(folder / "facts.ndjson", facts)
    write(folder / "pack.toml", 'format = "ascribe-pack/1"\nid = "invented"\nversion = "1"\ntitle = "Invented, for a benchmark"\nlicence = "Apache-2.0"\nnotice = "Invented"\n')
    write(folder / "sources.toml", '[[source]]\nid = "invented"\ntitle = "Invented"\npublisher = "Invented"\npublished = "2018-02-01"\nreliability = "B"\ncredibility = 2\n')
    names = ("facts.ndjson", "pack.toml", "sources.toml")
    write(folder / "manifest-sha256.txt", "".join(f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names))


def make_case(folder, facts, links):
    write(folder / "case.toml", 'format = "ascribe-case/1"\nid = "large"\ntitle = "A large invented case"\ntlp = "CLEAR"\n[victim]\nname = "Invented"\nsector = "media"\ncountry = "US"\n'
          '[dates]\nincident = "2020-06-01"\n[[source]]\nid = "sensor"\ntitle = "Sensor"\npublisher = "Victim"\npublished = "2020-06-02"\nreliability = "B"\ncredibility = 2\n')
    lines = []
    for i in range(facts):
        thing = f"mutex:invented-{i:06}-{i * 7919 % 100003}" if i < links else f"file-name:invented-{i:06}.bin"
        lines.append(json.dumps({"subject": "incident:self", "relation": "contains", "object": thing, "known_on": "2020-06-02", "source": "sensor", "verified": "read"}))
    write(folder / "evidence" / "sensor.ndjson", "\n".join(lines) + "\n")


def main():
    ascribe = pathlib.Path(sys.argv[1]).resolve()
    rows = []

    def run(*words):
        subprocess.run([ascribe, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=WORK)

    WORK.mkdir(parents=True, exist_ok=True)
    run("--kb", str(WORK / "kb-sony"), "--quiet", "investigate", str(ROOT / "examples/sony-2014"), "--out", str(WORK / "sony"))
    pages = [("sony-2014", WORK / "sony" / "report.html")]
    for facts, links in CASES:
        name = f"{facts:,} facts, {links:,} links"
        here = WORK / str(facts)
        make_pack(here / "pack", links)
        make_case(here / "case", facts, links)
        run("--kb", str(here / "kb"), "kb", "add", str(here / "pack"))
        run("--kb", str(here / "kb"), "--quiet", "investigate", str(here / "case"), "--out", str(here / "out"))
        pages.append((name, here / "out" / "report.html"))
    for name, page in pages:
        measured = json.loads(subprocess.run(["node", "test/measure.js", str(page)], check=True, stdout=subprocess.PIPE, cwd=ROOT / "web").stdout)
        rows.append(f"| {name} | {page.stat().st_size / 1000:,.0f} | {measured['paint']:.0f} | {measured['ready']:.0f} | "
                    f"{measured['slider']:.0f} | {measured['drawer']:.0f} | {measured['search']:.0f} | {measured['scroll']:.0f} |")
    print("| page | KB | first paint, ms | all sections, ms | slider, ms | drawer, ms | search, ms | scroll, ms |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
