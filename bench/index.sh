#!/usr/bin/env bash
# Prints the figures of docs/bench-index.md. Needs 10 GB in DIR and, for a truly cold cache, root.
#   bench/index.sh DIR [FUNCTIONS]      2,000,000 functions are 32 million postings, 10,000,000 are 160 million
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
dir=$(mktemp -d -p "$1")
functions=${2:-2000000}
trap 'rm -rf "$dir"' EXIT
cmake --build "$root/build/release" --target index_bench >&2
bench() { "$root/build/release/bench/index_bench" "$1" "$dir/$2" "$functions" "${@:3}"; }

bench reference bare
bench lookup-reference bare
bench build scratch
bench commit one 1
bench lookup one
bench lookup one 2
bench query one
bench query one 2
bench query-slow one
for shares in 64:16:4:1 1:1 1:1:1:1; do
  rm -rf "$dir/several"
  bench commit several "$shares"
  bench lookup several
  bench lookup several 2
  bench query several
  bench query several 2
done
bench merge several
