#!/usr/bin/env bash
# Prints the table of docs/bench.md: of RUNS (5) runs the median of wall and processor seconds and the highest peak of memory,
# of the release build. Where others use the machine too, processor seconds say more than wall seconds.
#   bench/run.sh [PROGRAM]      needs python3 and GNU time (Debian package "time")
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
program=${1:-$root/build/release/ascribe}
runs=${RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$root/bench/make_case.py" "$work/many"

# row NAME cold|warm CASE
row() {
  local name=$1 mode=$2 case=$3
  "$program" --kb "$work/kb" -q investigate "$case" --out "$work/out" # so that "warm" is warm
  for ((i = 0; i < runs; i++)); do
    if [[ $mode == cold ]]; then rm -rf "$work/kb" "$work/out"; fi
    /usr/bin/time -f '%e %U %S %M' -a -o "$work/times" "$program" --kb "$work/kb" -q investigate "$case" --out "$work/out"
  done
  python3 - "$work/times" "$name" "$mode" <<'PY'
import statistics, sys
rows = [line.split() for line in open(sys.argv[1])]
wall = statistics.median(float(r[0]) for r in rows)
processor = statistics.median(float(r[1]) + float(r[2]) for r in rows)
peak = max(int(r[3]) for r in rows) / 1024
print("| %s | %s | %.2f | %.2f | %.0f |" % (sys.argv[2], sys.argv[3], wall, processor, peak))
PY
  rm -f "$work/times"
}

echo "| case | run | wall s (median of $runs) | processor s | peak MiB |"
echo "|---|---|---|---|---|"
for file in "$root"/examples/*/case.toml; do row "$(basename "$(dirname "$file")")" cold "$(dirname "$file")"; done
row sony-2014 warm "$root/examples/sony-2014"
row "100,000 STIX indicators" cold "$work/many"
row "100,000 STIX indicators" warm "$work/many"
