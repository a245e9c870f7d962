#!/usr/bin/env bash
# Fuzzes `ascribe serve` one route after another under ASan + UBSan, and prints a table: what was asked, how often, how it was answered.
#   tools/fuzz-serve.sh [SECONDS a route, default 300] [ROUTE...]   (names as in GET /openapi.json; none: each, and the router alone)
#   JOBS=2 (default: the number of cores) runs that many routes at a time.
# Inputs that were found lie in build/fuzz/corpus/serve-ROUTE, crashers in build/fuzz/found/serve-ROUTE, logs in build/fuzz/log.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
target=$root/build/fuzz/fuzz/serve_fuzz
[[ -x $target ]] || { echo "fuzz-serve: build it first: cmake --preset fuzz && cmake --build --preset fuzz --target serve_fuzz" >&2; exit 2; }
seconds=${1:-300}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "fuzz-serve: SECONDS must be a number" >&2; exit 2; }
shift || true
routes=("$@")
((${#routes[@]})) || mapfile -t routes < <(echo router; ASCRIBE_FUZZ_ROUTE='?' "$target")
# The folder of cases of a run is made anew in memory.
[[ -w /dev/shm ]] && export TMPDIR=/dev/shm
mkdir -p "$root/build/fuzz/log"

fuzz_route() {
  local route=$1 name=serve-$1 log state=ok
  log=$root/build/fuzz/log/$name.txt
  mkdir -p "$root/build/fuzz/corpus/$name" "$root/build/fuzz/found/$name"
  [[ $route == router ]] && route=
  ASCRIBE_FUZZ_ROUTE=$route "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
    -dict="$root/fuzz/serve.dict" -artifact_prefix="$root/build/fuzz/found/$name/" "$root/build/fuzz/corpus/$name" "$root/fuzz/seeds/serve" \
    </dev/null >"$log" 2>&1 || state=FAILED
  printf '| %s | %s | %s | %s | %s |\n' "$1" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
    "$(grep -aoE 'cov: [0-9]+' "$log" | tail -1 | cut -d' ' -f2)" "$(sed -n 's/^answers: *//p' "$log")" "$state"
  [[ $state == ok ]]
}
export -f fuzz_route
export root target seconds
printf '| route | requests | edges | answers by status | |\n|---|---|---|---|---|\n'
printf '%s\0' "${routes[@]}" | xargs -0 -P "${JOBS:-$(nproc)}" -I{} bash -c 'fuzz_route "$1"' _ {}
