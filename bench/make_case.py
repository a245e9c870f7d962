#!/usr/bin/env python3
"""Writes a case with one STIX 2.1 bundle of N indicators (default 100,000), the same bytes every time.

usage: make_case.py FOLDER [N]
"""
import json
import pathlib
import sys
import uuid

NAMESPACE = uuid.UUID("9d2c3c6e-0f0b-4b6f-9a3e-2f6c3f1a7b11")


def pattern(i):
    kind = i % 4
    if kind == 0:
        return "[file:hashes.'SHA-256' = '%064x']" % (i * 0x9E3779B97F4A7C15 % 2**256)
    if kind == 1:
        return "[ipv4-addr:value = '%d.%d.%d.%d']" % (11 + i % 80, i >> 8 & 255, i & 255, 1 + i % 250)
    if kind == 2:
        return "[domain-name:value = 'host%d.example%d.org']" % (i, i % 977)
    return "[url:value = 'http://host%d.example.net/path/%d'] OR [mutex:name = 'Global\\\\bench%d']" % (i, i % 1009, i % 500)


def main():
    folder = pathlib.Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    (folder / "evidence").mkdir(parents=True, exist_ok=True)
    (folder / "case.toml").write_text(
        'format = "ascribe-case/1"\nid = "bench"\ntitle = "Many indicators"\n[dates]\nincident = "2018-06-01"\n')
    with open(folder / "evidence/bundle.json", "w", encoding="utf-8") as out:
        out.write('{"type":"bundle","id":"bundle--%s","objects":[\n' % uuid.uuid5(NAMESPACE, "bundle"))
        for i in range(count):
            indicator = {
                "type": "indicator", "spec_version": "2.1", "id": "indicator--%s" % uuid.uuid5(NAMESPACE, str(i)),
                "created": "2018-06-02T00:00:00.000Z", "modified": "2018-06-02T00:00:00.000Z", "name": "indicator %d" % i,
                "indicator_types": ["malicious-activity"], "pattern": pattern(i), "pattern_type": "stix",
                "valid_from": "2018-06-01T00:00:00Z"}
            out.write(json.dumps(indicator) + (",\n" if i + 1 < count else "\n"))
        out.write("]}\n")


if __name__ == "__main__":
    main()
