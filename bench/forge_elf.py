#!/usr/bin/env python3
"""Puts the texts of one 64-bit ELF file onto another, as examples/code-exercise/forge.py does for PE: data for the benches, never run.

Texts are runs of 8 to 200 printable ASCII characters that end in NUL, in sections that are loaded and hold no code.
Python 3 standard library only.
"""
import re
import struct

TEXT = re.compile(rb"[\x20-\x7e]{8,200}(?=\0)")
PROGBITS, ALLOC, EXECINSTR = 1, 2, 4


class Elf:
    def __init__(self, data):
        self.data = bytearray(data)
        if data[:6] != b"\x7fELF\x02\x01":
            raise ValueError("no 64-bit little-endian ELF file")
        self.table = struct.unpack_from("<Q", data, 0x28)[0]
        self.entry, self.count, self.names = struct.unpack_from("<HHH", data, 0x3A)

    def sections(self):
        """(name offset, type, flags, address, offset, size)"""
        for i in range(self.count):
            yield struct.unpack_from("<IIQQQQ", self.data, self.table + i * self.entry)

    def texts(self):
        for _, kind, flags, _, offset, size in self.sections():
            if kind == PROGBITS and flags & ALLOC and not flags & EXECINSTR:
                for found in TEXT.finditer(bytes(self.data[offset:offset + size])):
                    yield offset + found.start(), found.group()

    def append(self, block):
        """a section of its own behind everything, as loaded read-only data; the section table moves to the end"""
        table = bytes(self.data[self.table:self.table + self.count * self.entry])
        end = max((address + size for _, _, flags, address, _, size in self.sections() if flags & ALLOC), default=0)
        name = next((n for n, kind, flags, _, _, _ in self.sections() if kind == PROGBITS and not flags & EXECINSTR), 0)
        self.data += bytes(-len(self.data) % 16)
        at = len(self.data)
        self.data += block + bytes(-len(block) % 16)
        self.table = len(self.data)
        self.data += table + struct.pack("<IIQQQQIIQQ", name, PROGBITS, ALLOC, (end + 0xFFFF) & ~0xFFF, at, len(block), 0, 0, 16, 0)
        self.count += 1
        struct.pack_into("<Q", self.data, 0x28, self.table)
        struct.pack_into("<H", self.data, 0x3C, self.count)


def transplant(donor, target, what):
    """returns the forged bytes and the set of what could be put onto it: "strings" (appended), "replace-strings" (written over)"""
    a, b, done = Elf(donor), Elf(target), set()
    if "replace-strings" in what:
        mine = sorted({t for _, t in a.texts()}, key=lambda t: (-len(t), t))
        for at, old in sorted(b.texts(), key=lambda t: (-len(t[1]), t[0])):
            fit = next((i for i, t in enumerate(mine) if len(t) <= len(old)), None)
            if fit is None:
                break
            text = mine.pop(fit)
            b.data[at:at + len(old)] = text + bytes(len(old) - len(text))
            done.add("replace-strings")
    if "strings" in what:
        block = b"".join(t + b"\0" for _, t in a.texts())
        if block:
            b.append(block)
            done.add("strings")
    return bytes(b.data), done
