#!/usr/bin/env python3
"""Validates a STIX 2.1 bundle against the JSON schemas of OASIS: validate_stix.py SCHEMAS BUNDLE.

Prints one line a finding. Exit code 0: valid; 1: findings; 3: the validator (python3-jsonschema) is not here.
Each object is held against the schema of its own type: the schema of bundles accepts an object as soon as any type fits.
"""
import json
import pathlib
import sys
import warnings

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(3)
warnings.simplefilter("ignore", DeprecationWarning)  # RefResolver: newer releases have another way, Debian 12 has not

FOLDERS = ("sdos", "sros", "observables", "common")


def main():
    root, bundle_path = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    store, by_type = {}, {}
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.json")):
            schema = json.loads(path.read_text())
            store[schema["$id"]] = schema
            by_type.setdefault(path.stem, schema)
    bundle = json.loads(bundle_path.read_text())
    findings, checked = [], 0
    resolver = jsonschema.RefResolver(base_uri="", referrer={}, store=store)
    for index, item in enumerate(bundle["objects"]):
        schema = by_type.get(item.get("type"))
        if schema is None:
            findings.append(f"/objects/{index}: no schema for type {item.get('type')!r}")
            continue
        checked += 1
        validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
        for error in validator.iter_errors(item):
            where = "/".join(str(step) for step in error.absolute_path)
            findings.append(f"/objects/{index}/{where} ({item['type']}): {error.message[:300]}")
    shell = dict(by_type["bundle"])
    shell["properties"] = {k: v for k, v in shell["properties"].items() if k != "objects"}
    for error in jsonschema.Draft202012Validator(shell, resolver=resolver).iter_errors(bundle):
        findings.append(f"bundle: {error.message[:300]}")
    print("\n".join(findings[:50]) if findings else f"valid: {checked} objects")
    return 1 if findings or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
