#!/usr/bin/env python3
"""Derives data/tables/*.tsv from ATT&CK releases, MISP warning lists and the MISP galaxy of threat actors.

Facts only: ids, names, relations, dates. Descriptions are never copied. Output is sorted and depends on nothing but the
input files, so that two runs give the same bytes.

  derive_tables.py --attack DIR --warninglists LISTS_DIR_OR_TAR_XZ --galaxy THREAT_ACTOR_JSON --out data/tables

DIR holds enterprise-attack-v<release>.json or .json.xz (STIX 2.0 bundles of one release each).
"""
import argparse
import ipaddress
import json
import lzma
import pathlib
import re
import tarfile

KINDS = {"intrusion-set": "group", "malware": "malware", "tool": "tool", "attack-pattern": "technique",
         "campaign": "campaign", "course-of-action": "mitigation", "x-mitre-tactic": "tactic"}
RELATIONS = {"uses", "attributed-to", "mitigates"}

# Which warning list gives which hygiene class. Where two lists hold the same range the later line wins; where ranges nest,
# the longest prefix wins at look-up. "vpn-ipv4" holds 8.7 % of all IPv4 addresses: the address space of hosting companies,
# of which VPN exits are a small part. It is called what it is.
RANGES = [("vpn-ipv4", "datacenter"), ("vpn-ipv6", "datacenter"), ("ovh-cluster", "shared-hosting"), ("amazon-aws", "cloud"),
          ("google-gcp", "cloud"), ("microsoft-azure", "cloud"), ("microsoft-azure-china", "cloud"),
          ("microsoft-azure-germany", "cloud"), ("microsoft-azure-us-gov", "cloud"), ("oracle-oci", "cloud"), ("akamai", "cdn"),
          ("bunny-net", "cdn"), ("cloudflare", "cdn"), ("fastly", "cdn"), ("stackpath", "cdn"), ("zscaler", "relay"),
          ("icloud-private-relay", "relay"), ("parking-domain", "parking"), ("public-dns-v6", "public-dns"),
          ("sinkholes", "sinkhole"), ("umbrella-blockpage-v4", "block-page"), ("umbrella-blockpage-v6", "block-page"),
          ("multicast", "reserved-range"), ("rfc1918", "reserved-range"), ("rfc3849", "reserved-range"),
          ("rfc5735", "reserved-range"), ("rfc6598", "reserved-range"), ("ipv6-linklocal", "reserved-range")]
IPV4_ONLY = {"icloud-private-relay"}  # its 10,000 IPv6 ranges would be half of the table
DOMAINS = [("cisco_top1000", "top-domain"), ("cloudflare-top1k", "top-domain"), ("moz-top500", "top-domain"),
           ("captive-portals", "top-domain"), ("lots-project", "trusted-site"), ("microsoft-mdca-proxy", "relay"),
           ("public-ipfs-gateways", "ipfs-gateway"), ("url-shortener", "url-shortener"), ("whats-my-ip", "address-lookup"),
           ("parking-domain-ns", "parking"), ("umbrella-blockpage-hostname", "block-page"), ("rfc6761", "reserved-domain"),
           ("dynamic-dns", "dynamic-dns")]
HASHES = ["common-ioc-false-positive", "empty-hashes"]
# The list of 62,745 open resolvers is mostly misconfigured home routers of 2024; attribution needs the services that
# malware names on purpose. A choice by hand; an address that the list does not hold stops the script.
PUBLIC_DNS = ["1.0.0.1", "1.1.1.1", "4.2.2.1", "4.2.2.2", "4.2.2.3", "4.2.2.4", "4.2.2.5", "4.2.2.6", "8.8.4.4", "8.8.8.8", "9.9.9.9",
              "9.9.9.10", "9.9.9.11", "8.26.56.26", "8.20.247.20", "64.6.64.6", "64.6.65.6", "77.88.8.1", "77.88.8.8",
              "94.140.14.14", "94.140.15.15", "114.114.114.114", "114.114.115.115",
              "149.112.112.112", "156.154.70.1", "156.154.71.1", "168.95.1.1",
              "185.228.168.9", "185.228.169.9", "195.46.39.40", "208.67.220.220", "208.67.222.222",
              "223.6.6.6"]


def clean(text):
    return re.sub(r"[\t\r\n]+", " ", text).strip()


def mitre_id(obj):
    for ref in obj.get("external_references", []):
        if ref.get("source_name") == "mitre-attack":
            return ref.get("external_id", "")
    return ""


def load(path):
    data = lzma.open(path).read() if path.suffix == ".xz" else path.read_bytes()
    return json.loads(data)["objects"]


def release_key(path):
    return tuple(int(n) for n in re.search(r"v(\d+)\.(\d+)", path.name).groups())


def write(out, name, header, rows):
    text = "\t".join(header) + "\n" + "".join("\t".join(row) + "\n" for row in sorted(set(rows)))
    (out / name).write_text(text, encoding="utf-8", newline="\n")


def attack_tables(folder, out):
    paths = sorted((p for p in folder.iterdir() if re.search(r"enterprise-attack-v[\d.]+\.json(\.xz)?$", p.name)), key=release_key)
    releases, objects, names, relations, tactics = [], {}, {}, {}, {}
    for path in paths:
        label = "%d.%d" % release_key(path)
        items = load(path)
        date = max(o.get("modified", o.get("created", ""))[:10] for o in items)
        releases.append((label, date))
        by_id = {o["id"]: o for o in items}
        dead = lambda o: o.get("revoked", False) or o.get("x_mitre_deprecated", False)
        successor = {r["source_ref"]: r["target_ref"] for r in items
                     if r["type"] == "relationship" and r["relationship_type"] == "revoked-by"}
        for o in items:
            kind, mid = KINDS.get(o["type"]), mitre_id(o)
            # Until 2019 mitigations carried the id of their technique; those are deprecated.
            if not kind or not mid or (kind == "mitigation" and not mid.startswith("M")):
                continue
            entry = objects.setdefault(mid, {"first": label, "created": o["created"][:10]})
            if entry.get("seen") == label and dead(o):
                continue  # an id may be carried by a dead object and a live one: the live one speaks
            status = "revoked" if o.get("revoked") else "deprecated" if o.get("x_mitre_deprecated") else "active"
            to = mitre_id(by_id[successor[o["id"]]]) if status == "revoked" and o["id"] in successor else ""
            entry.update(kind=kind, name=clean(o["name"]), status=status, to=to, last=label)
            entry["created"] = min(entry["created"], o["created"][:10])
            if not dead(o):
                entry["seen"] = label
                aliases = [o["name"]] + o.get("aliases", []) + o.get("x_mitre_aliases", [])
                if kind in ("group", "malware", "tool", "campaign"):
                    for alias in aliases:
                        if clean(alias):
                            # A name that is there from the first release on has the date of the object.
                            known = o["created"][:10] if label == releases[0][0] or alias == o["name"] else date
                            names.setdefault((mid, clean(alias)), (known, label))
            if kind == "technique" and not dead(o):
                tactics[mid] = ",".join(sorted({p["phase_name"] for p in o.get("kill_chain_phases", [])
                                                if p["kill_chain_name"] == "mitre-attack"}))
            if kind == "campaign":
                entry["seen_from"], entry["seen_to"] = o.get("first_seen", "")[:10], o.get("last_seen", "")[:10]
        for r in items:
            if r["type"] != "relationship" or r["relationship_type"] not in RELATIONS or dead(r):
                continue
            a, b = by_id.get(r["source_ref"]), by_id.get(r["target_ref"])
            if not a or not b or dead(a) or dead(b) or not mitre_id(a) or not mitre_id(b):
                continue
            key = (mitre_id(a), r["relationship_type"], mitre_id(b))
            entry = relations.setdefault(key, [r["created"][:10], label, label])
            entry[0] = min(entry[0], r["created"][:10])
            entry[2] = label

    write(out, "attack-releases.tsv", ["release", "date"], releases)
    write(out, "attack-objects.tsv", ["id", "kind", "name", "known_on", "first", "last", "status", "revoked_by", "seen_from", "seen_to"],
          [(mid, e["kind"], e["name"], e["created"], e["first"], e["last"], e["status"], e["to"], e.get("seen_from", ""), e.get("seen_to", ""))
           for mid, e in objects.items()])
    write(out, "attack-names.tsv", ["id", "name", "known_on", "first"], [(mid, name, known, first) for (mid, name), (known, first) in names.items()])
    write(out, "attack-tactics.tsv", ["technique", "tactics"], list(tactics.items()))
    write(out, "attack-relations.tsv", ["source", "relation", "target", "known_on", "first", "last"],
          [(a, rel, b, known, first, last) for (a, rel, b), (known, first, last) in relations.items() if rel != "mitigates"])
    write(out, "attack-mitigations.tsv", ["mitigation", "technique", "known_on", "first", "last"],
          [(a, b, known, first, last) for (a, rel, b), (known, first, last) in relations.items() if rel == "mitigates"])


class Lists:
    def __init__(self, path):
        self.lists = {}
        if path.is_dir():
            for file in path.rglob("list.json"):
                self.lists[file.parent.name] = json.loads(file.read_text())["list"]
        else:
            with tarfile.open(path) as tar:
                for member in tar:
                    if member.name.endswith("/list.json"):
                        self.lists[member.name.split("/")[-2]] = json.load(tar.extractfile(member))["list"]

    def __getitem__(self, name):
        return self.lists[name]


def hygiene_tables(lists, out):
    nets = {}
    for name, cls in RANGES:
        for value in lists[name]:
            net = ipaddress.ip_network(value.strip(), strict=False)
            if name in IPV4_ONLY and net.version == 6:
                continue
            if net.version == 6 and net.network_address.ipv4_mapped:
                continue  # ::ffff:… repeats an IPv4 entry
            nets[net] = cls
    listed = {value.split("/")[0] for value in lists["public-dns-v4"]}
    for value in PUBLIC_DNS:
        if value not in listed:
            raise SystemExit(f"{value} is not in public-dns-v4")
        nets[ipaddress.ip_network(value)] = "public-dns"
    ranges = {}
    for cls in dict.fromkeys(cls for _, cls in RANGES + [("", "public-dns")]):
        for version in (4, 6):
            # Neighbours of one class become one range, so that the table stays small; membership does not change.
            members = [net for net, c in nets.items() if c == cls and net.version == version]
            ranges.update((net, cls) for net in ipaddress.collapse_addresses(members))
    short = lambda net: str(net.network_address) if net.prefixlen == net.max_prefixlen else str(net)
    for cls in sorted(set(ranges.values())):
        members = sorted((net for net, c in ranges.items() if c == cls), key=lambda n: (n.version, n))
        (out / f"hygiene-ranges-{cls}.tsv").write_text("range\n" + "".join(short(net) + "\n" for net in members), newline="\n")

    domains = {}
    for name, cls in DOMAINS:
        for value in lists[name]:
            value = value.strip().lower()
            value = re.sub(r"^https?://", "", value).split("/")[0].rstrip(".")
            # A leading dot means "and everything below it", the way the lists of providers are meant.
            suffix = value.startswith(".") or cls not in ("top-domain", "block-page")
            value = value.lstrip(".")
            if re.fullmatch(r"[a-z0-9_.-]{1,253}", value) and ("." in value or cls == "reserved-domain"):
                domains[value] = (("." if suffix else "") + value, cls)
    for cls in sorted({c for _, c in domains.values()}):
        write(out, f"hygiene-domains-{cls}.tsv", ["domain"], [(value,) for value, c in domains.values() if c == cls])
    hashes = {h.strip().lower() for name in HASHES for h in lists[name]}
    write(out, "hygiene-hashes.tsv", ["hash", "class"],
          [(h, "false-positive-hash") for h in hashes if re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", h)])


def actor_states(galaxy, out):
    """The main name and the country code that the list states for it: the judgement of its authors, nothing else."""
    actors = json.loads(galaxy.read_text(encoding="utf-8"))["values"]
    write(out, "actor-states.tsv", ["actor", "state"],
          [(clean(a["value"]), clean(a["meta"]["country"])) for a in actors if a.get("meta", {}).get("country")])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attack", type=pathlib.Path, required=True)
    parser.add_argument("--warninglists", type=pathlib.Path, required=True)
    parser.add_argument("--galaxy", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    attack_tables(args.attack, args.out)
    hygiene_tables(Lists(args.warninglists), args.out)
    actor_states(args.galaxy, args.out)


if __name__ == "__main__":
    main()
