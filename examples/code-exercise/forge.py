#!/usr/bin/env python3
"""forge.py DONOR TARGET OUT [--header] [--stamp] [--debug] [--resources] [--strings] [--replace-strings]
   forge.py --mark TARGET OUT --products ID.BUILD.COUNT,… --stamp-at SECONDS --pdb PATH

Puts what DONOR says about its making onto a copy of TARGET, both 64- or 32-bit PE: an exercise in telling a false flag. Without
options all but --replace-strings. The result is data for the tests; it is never run.

  --header           DOS header, stub and Rich header (its key stays valid), and the linker version
  --stamp            time stamp
  --debug            PDB path
  --resources        the whole resource tree: version texts, languages
  --strings          DONOR's texts, appended in a section of their own
  --replace-strings  also written over TARGET's texts where they fit
  --mark             instead: gives TARGET a Rich header of these products (key valid), a time stamp and a PDB path

Python 3 standard library only.
"""
import argparse
import re
import struct
import sys

ALL = ("header", "stamp", "debug", "resources", "strings")


class Pe:
    def __init__(self, data):
        self.data = bytearray(data)
        self.read()

    def read(self):
        d = self.data
        self.at = struct.unpack_from("<I", d, 0x3C)[0]
        if d[:2] != b"MZ" or d[self.at:self.at + 4] != b"PE\0\0":
            raise ValueError("no PE file")
        self.sections, self.optional = struct.unpack_from("<H", d, self.at + 6)[0], self.at + 24
        size = struct.unpack_from("<H", d, self.at + 20)[0]
        self.plus = struct.unpack_from("<H", d, self.optional)[0] == 0x20B
        self.directories = self.optional + (112 if self.plus else 96)
        self.table = self.optional + size

    def u32(self, at):
        return struct.unpack_from("<I", self.data, at)[0]

    def set(self, at, value, form="<I"):
        struct.pack_into(form, self.data, at, value)

    def section_list(self):
        for i in range(self.sections):
            at = self.table + 40 * i
            name, size, rva, raw_size, raw = struct.unpack_from("<8sIIII", self.data, at)
            yield name.rstrip(b"\0"), rva, size, raw, raw_size, self.u32(at + 36)

    def offset(self, rva):
        for _, start, size, raw, raw_size, _ in self.section_list():
            if start <= rva < start + max(size, raw_size) and rva - start < raw_size:
                return raw + rva - start
        return None

    def first_raw(self):
        return min((raw for _, _, _, raw, raw_size, _ in self.section_list() if raw_size), default=len(self.data))

    def take_front(self, front, linker):
        """front: everything before "PE"; it has its own e_lfanew"""
        block = bytes(self.data[self.at:self.table + 40 * self.sections])
        limit = self.first_raw()
        if len(front) + len(block) + 40 > limit:
            return False
        head = bytearray(limit)
        head[:len(front)] = front
        head[len(front):len(front) + len(block)] = block
        struct.pack_into("<I", head, 0x3C, len(front))
        self.data[:limit] = head
        self.read()
        if linker:
            self.data[self.optional + 2:self.optional + 4] = linker
        return True

    def add_section(self, name, content_of):
        """content_of(rva) -> bytes; returns rva, or None when the table is full"""
        align, file_align = self.u32(self.optional + 32), self.u32(self.optional + 36)
        up = lambda value, to: (value + to - 1) // to * to
        if self.table + 40 * (self.sections + 1) > self.first_raw():
            return None
        rva = up(max(start + max(size, raw_size) for _, start, size, _, raw_size, _ in self.section_list()), align)
        content = content_of(rva)
        certificates = self.directories + 8 * 4  # a signature would have to stand behind: it is dropped
        cut = self.u32(certificates)
        if cut:
            del self.data[cut:]
            self.set(certificates, 0), self.set(certificates + 4, 0)
        raw = up(len(self.data), file_align)
        self.data += bytes(raw - len(self.data)) + content + bytes(up(len(content), file_align) - len(content))
        struct.pack_into("<8sIIIIIIHHI", self.data, self.table + 40 * self.sections, name, len(content), rva, up(len(content), file_align), raw,
                         0, 0, 0, 0, 0x40000040)
        self.set(self.at + 6, self.sections + 1, "<H")
        self.set(self.optional + 56, up(rva + len(content), align))
        self.read()
        return rva

    def directory(self, index):
        return self.u32(self.directories + 8 * index), self.u32(self.directories + 8 * index + 4)

    def pdb(self):
        rva, size = self.directory(6)
        at = self.offset(rva) if rva else None
        for entry in range(0, size if at is not None else 0, 28):
            kind, length, _, raw = struct.unpack_from("<IIII", self.data, at + entry + 12)
            if kind == 2 and self.data[raw:raw + 4] == b"RSDS":
                return bytes(self.data[raw:raw + length])
        return None

    def set_pdb(self, record):
        at = {}

        def content(rva):
            at["rva"] = rva
            return bytes(28) + record
        rva = self.add_section(b".dbg", content)
        if rva is None:
            return False
        raw = self.offset(rva)
        struct.pack_into("<IIHHIIII", self.data, raw, 0, self.u32(self.at + 8), 0, 0, 2, len(record), rva + 28, raw + 28)
        self.set(self.directories + 48, rva), self.set(self.directories + 52, 28)
        return True

    def resources(self):
        rva, size = self.directory(2)
        at = self.offset(rva) if rva else None
        return (rva, bytes(self.data[at:at + size])) if at is not None and size else None

    def set_resources(self, old_rva, tree):
        def content(rva):
            moved = bytearray(tree)

            def walk(node, level):
                if level > 3 or node + 16 > len(moved):
                    return
                named, ids = struct.unpack_from("<HH", moved, node + 12)
                for i in range(named + ids):
                    entry = node + 16 + 8 * i
                    if entry + 8 > len(moved):
                        return
                    child = struct.unpack_from("<I", moved, entry + 4)[0]
                    if child & 0x80000000:
                        walk(child & 0x7FFFFFFF, level + 1)
                    elif child + 16 <= len(moved):
                        struct.pack_into("<I", moved, child, struct.unpack_from("<I", moved, child)[0] - old_rva + rva)
            walk(0, 1)
            return bytes(moved)
        rva = self.add_section(b".rsrc2", content)
        if rva is None:
            return False
        self.set(self.directories + 16, rva), self.set(self.directories + 20, len(tree))
        return True

    def texts(self):
        """(offset, bytes) of texts in sections that are not code"""
        for _, _, _, raw, raw_size, flags in self.section_list():
            if not flags & 0x20000000:
                for found in re.finditer(rb"[\x20-\x7e]{8,200}(?=\0)", bytes(self.data[raw:raw + raw_size])):
                    yield raw + found.start(), found.group()


def rich_front(products):
    """DOS header, stub and a Rich header with a valid key"""
    front = bytearray(0x80)
    front[:2] = b"MZ"
    struct.pack_into("<I", front, 0x3C, 0)
    rol = lambda value, by: (value << (by & 31) | value >> (32 - (by & 31))) & 0xFFFFFFFF if by & 31 else value
    key = len(front)
    for i, byte in enumerate(front):
        if not 0x3C <= i < 0x40:
            key += rol(byte, i)
    for product, build, count in products:
        key += rol(product << 16 | build, count)
    key &= 0xFFFFFFFF
    words = [0x536E6144 ^ key, key, key, key]
    for product, build, count in products:
        words += [(product << 16 | build) ^ key, count ^ key]
    words += [0x68636952, key]
    front += struct.pack(f"<{len(words)}I", *words)
    front += bytes(-len(front) % 16)
    return bytes(front)


def transplant(donor, target, what):
    """returns the forged bytes and the set of what could be put onto it"""
    a, b, done = Pe(donor), Pe(target), set()
    if "header" in what and b"Rich" in a.data[:a.at] and b.take_front(bytes(a.data[:a.at]), bytes(a.data[a.optional + 2:a.optional + 4])):
        done.add("header")
    if "stamp" in what:
        b.set(b.at + 8, a.u32(a.at + 8))
        done.add("stamp")
    if "replace-strings" in what:
        mine = sorted((t for _, t in a.texts()), key=lambda t: (-len(t), t))
        for at, old in sorted(b.texts(), key=lambda t: (-len(t[1]), t[0])):
            fit = next((i for i, t in enumerate(mine) if len(t) <= len(old)), None)
            if fit is None:
                break
            text = mine.pop(fit)
            b.data[at:at + len(old)] = text + bytes(len(old) - len(text))
            done.add("replace-strings")
    if "strings" in what:
        block = b"".join(t + b"\0" for _, t in a.texts())
        if block and b.add_section(b".text2", lambda rva: block) is not None:
            done.add("strings")
    if "debug" in what and a.pdb() and b.set_pdb(a.pdb()):
        done.add("debug")
    if "resources" in what and a.resources() and b.set_resources(*a.resources()):
        done.add("resources")
    return bytes(b.data), done


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    for name in ALL + ("replace-strings", "mark"):
        parser.add_argument("--" + name, action="store_true")
    parser.add_argument("--products", default="")
    parser.add_argument("--stamp-at", type=int, default=0)
    parser.add_argument("--pdb", default="")
    options = vars(parser.parse_args())
    if options["mark"]:
        source, out = options["files"]
        pe = Pe(open(source, "rb").read())
        products = [tuple(int(n) for n in p.split(".")) for p in options["products"].split(",")]
        ok = pe.take_front(rich_front(products), None)
        pe.set(pe.at + 8, options["stamp_at"])
        ok = pe.set_pdb(b"RSDS" + bytes(20) + options["pdb"].encode() + b"\0") and ok
        open(out, "wb").write(pe.data)
        return 0 if ok else 1
    donor, target, out = options["files"]
    what = {name for name in ALL + ("replace-strings",) if options[name.replace("-", "_")]} or set(ALL)
    data, done = transplant(open(donor, "rb").read(), open(target, "rb").read(), what)
    open(out, "wb").write(data)
    print("put on:", ", ".join(sorted(done)) or "nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
