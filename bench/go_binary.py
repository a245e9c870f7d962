#!/usr/bin/env python3
"""Builds a very large Go program for measuring: go_binary.py OUT [--packages N] [--functions N] [--data MIB] [--strip]

Nothing comes from the network: PACKAGES generated packages of FUNCTIONS functions each (struct methods, maps, slices, texts,
errors, closures, generic helpers; numbers and texts differ from one to the next), the larger part of Go's standard library
by import, and DATA MiB of embedded bytes that do not compress. The result is never run. Deterministic but for the Go version.
"""
import argparse, os, pathlib, random, subprocess, sys, tempfile

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("out", type=pathlib.Path)
p.add_argument("--packages", type=int, default=260)
p.add_argument("--functions", type=int, default=420)
p.add_argument("--data", type=int, default=48, help="MiB of embedded bytes")
p.add_argument("--strip", action="store_true", help="-ldflags '-s -w'")
p.add_argument("--goarch", default="amd64")
p.add_argument("--goos", default="linux")
a = p.parse_args()

STANDARD = """archive/tar archive/zip bufio bytes compress/bzip2 compress/flate compress/gzip compress/lzw container/heap container/list
crypto/aes crypto/cipher crypto/des crypto/ecdsa crypto/ed25519 crypto/rsa crypto/sha256 crypto/sha512 crypto/tls crypto/x509 database/sql
debug/dwarf debug/elf debug/macho debug/pe encoding/asn1 encoding/base64 encoding/csv encoding/gob encoding/hex encoding/json encoding/pem
encoding/xml expvar go/ast go/format go/parser go/printer go/types hash/crc32 html/template image/draw image/gif image/jpeg image/png
index/suffixarray log math/big math/rand mime/multipart net net/http net/http/httputil net/mail net/rpc net/smtp net/textproto net/url
os/exec regexp sort strconv strings text/tabwriter text/template time""".split()
WORDS = "beacon session packet frame token window buffer record stream header digest vector cursor bucket signal handle route query".split()


def function(r, i):
    w, v = r.choice(WORDS), r.choice(WORDS)
    n, m, k = r.randrange(33, 1 << 31), r.randrange(3, 61), r.randrange(1 << 40, 1 << 62)
    kind = i % 6
    if kind == 0:
        return f"""
func (s *Store) {w.title()}{i}(in []byte, n int) (map[string]int, error) {{
	if n > {n % 4096} || len(in) == 0 {{
		return nil, fmt.Errorf("{w} {i} of {v}: %d bytes, want {m}", len(in))
	}}
	out := make(map[string]int, n)
	for i, b := range in {{
		key := strconv.Itoa(int(b)*{m}) + "/{v}{r.randrange(1 << 20)}"
		out[key] += i ^ {n}
		if s.limit > {m} && out[key]%{m + 2} == {m // 3} {{
			s.seen = append(s.seen, key)
		}}
	}}
	return out, nil
}}
"""
    if kind == 1:
        return f"""
func {w.title()}{i}(data []uint32, seed uint64) uint64 {{
	h := seed ^ {k}
	for i := 0; i+4 <= len(data); i += 4 {{
		a, b, c, d := data[i], data[i+1], data[i+2], data[i+3]
		a = bits.RotateLeft32(a*{n | 1}, {m % 31}) ^ b
		c = (c+{n // 3})<<{m % 13} | d>>{32 - m % 13}
		h = (h+uint64(a))*{k | 1} ^ uint64(c)<<{m % 29}
	}}
	switch h % 7 {{
	case 0:
		return h + {n}
	case 2:
		return h ^ {k // 7}
	case 3, 5:
		return bits.ReverseBytes64(h) - {n // 5}
	}}
	return h % {n}
}}
"""
    if kind == 2:
        return f"""
func (s *Store) Each{w.title()}{i}(rows []Row, fn func(Row) error) (err error) {{
	defer func() {{
		if err != nil {{
			err = fmt.Errorf("{v} %s after {i}: %w", s.name, err)
		}}
	}}()
	sort.Slice(rows, func(i, j int) bool {{ return rows[i].Weight*{m} < rows[j].Weight+{n % 1000} }})
	for _, row := range rows {{
		if row.Weight < {m}.5 && !strings.HasPrefix(row.Name, "{w}-{i}-") {{
			continue
		}}
		row.Tags = append(row.Tags, "{v}.{r.randrange(1 << 24):x}", row.Name[:len(row.Name)/2])
		if err = fn(row); err != nil {{
			return err
		}}
	}}
	return nil
}}
"""
    if kind == 3:
        return f"""
func Parse{w.title()}{i}(text string) (*Row, error) {{
	fields := strings.Split(text, "{r.choice('|;,:')}")
	if len(fields) < {m % 5 + 2} {{
		return nil, errors.New("{w}{i}: too few fields of {v} {r.randrange(1 << 22)}")
	}}
	weight, err := strconv.ParseFloat(fields[1], 64)
	if err != nil {{
		return nil, err
	}}
	row := &Row{{Name: strings.ToLower(fields[0]), Weight: weight * {m}.25, Tags: fields[2:]}}
	if row.Weight > {n % 100000} {{
		row.Tags = append(row.Tags, "heavy-{w}-{i}")
	}}
	return row, nil
}}
"""
    if kind == 4:
        return f"""
func (r Row) Encode{w.title()}{i}(out *bytes.Buffer) int {{
	var head [16]byte
	binary.LittleEndian.PutUint64(head[:], uint64(len(r.Name))*{m}+{k})
	binary.BigEndian.PutUint32(head[8:], {n})
	out.Write(head[:])
	for i, tag := range r.Tags {{
		fmt.Fprintf(out, "%d:{w}{i}=%s;", i*{m}, tag)
		for _, c := range []byte(tag) {{
			out.WriteByte(c ^ {m} + byte(i))
		}}
	}}
	return out.Len() % {n % 8191 + 2}
}}
"""
    return f"""
func Merge{w.title()}{i}(a, b map[int64]*Row, ch chan<- int64) []*Row {{
	var rows []*Row
	for id, row := range a {{
		if other, ok := b[id+{m}]; ok && other.Name != row.Name {{
			rows = append(rows, pick(row, other, row.Weight > {m}.75))
			select {{
			case ch <- id * {n}:
			default:
			}}
		}}
	}}
	for len(rows) > {m % 17 + 4} {{
		rows = rows[:len(rows)-{m % 3 + 1}]
	}}
	return rows
}}
"""


def package(r, number, functions):
    body = "".join(function(r, i) for i in range(functions))
    names = []
    for line in body.splitlines():
        if line.startswith("func (s *Store) "): names.append(f"(*Store).{line.split(')')[1].split('(')[0].strip()}")
        elif line.startswith("func (r Row) "): names.append(f"Row.{line.split(')')[1].split('(')[0].strip()}")
        elif line.startswith("func "): names.append(line[5:].split("(")[0])
    kept = "".join(f"\t{n},\n" for n in names)
    return f"""package p{number}

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"sort"
	"strconv"
	"strings"
)

type Row struct {{
	Name   string
	Weight float64
	Tags   []string
}}

type Store struct {{
	name  string
	limit int
	seen  []string
}}

func pick[T any](a, b T, first bool) T {{
	if first {{
		return a
	}}
	return b
}}

// All keeps the linker from dropping what nobody calls.
var All = []any{{
{kept}}}
{body}"""


with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    (root / "go.mod").write_text("module bench.invalid/large\n\ngo 1.19\n")
    r = random.Random(20261128)
    for i in range(a.packages):
        (root / f"p{i}").mkdir()
        (root / f"p{i}/p.go").write_text(package(r, i, a.functions))
    (root / "data.bin").write_bytes(b"".join(r.randbytes(1 << 20) for _ in range(a.data)))
    standard = "".join(f'\t_ "{s}"\n' for s in STANDARD)
    own = "".join(f'\t"bench.invalid/large/p{i}"\n' for i in range(a.packages))
    uses = "".join(f"\tn += len(p{i}.All)\n" for i in range(a.packages))
    (root / "main.go").write_text(f"""package main

import (
	_ "embed"
	"fmt"
{standard}{own})

//go:embed data.bin
var data string

func main() {{
	n := len(data)
{uses}	fmt.Println(n)
}}
""")
    env = dict(os.environ, GOFLAGS="-mod=mod", GOPROXY="off", GOARCH=a.goarch, GOOS=a.goos, CGO_ENABLED="0")
    command = ["go", "build", "-p", "2", "-trimpath", "-o", str(a.out.resolve())] + (["-ldflags", "-s -w"] if a.strip else []) + ["."]
    done = subprocess.run(command, cwd=root, env=env)
    if done.returncode: sys.exit(done.returncode)
print(f"{a.out}: {a.out.stat().st_size / 1e6:.1f} MB")
