#!/usr/bin/env bash
# The report page: built again and compared with the committed template, its sum held against the engine's, and the page of
# sony-2014 and of a hostile case opened in a headless Chromium. Usage: web/check.sh ASCRIBE
# 0: all well; 1: a failure; 77: skipped, because Node, npm's registry or Chromium is not there.
set -euo pipefail
web=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
ascribe=$(realpath -- "$1")
root=$(dirname -- "$web")
out=$root/build/web
skip() {
  printf 'SKIPPED, the report page is not tested: %s\n' "$*" >&2
  exit 77
}

command -v npm >/dev/null || skip "no npm here"
cd "$web"
if [[ ! -d node_modules || package-lock.json -nt node_modules/.package-lock.json ]]; then
  npm ci --no-audit --no-fund >"$root/build/npm.log" 2>&1 || skip "npm ci failed (build/npm.log)"
fi
rm -rf "$out"
mkdir -p "$out"
npx vite build --outDir "$out/dist" --emptyOutDir >"$out/vite.log" 2>&1 || { cat "$out/vite.log" >&2; exit 1; }
node build/seal.js "$out/template.html" "$out/dist/index.html" >/dev/null
cmp "$out/template.html" "$root/src/report/template.html" || {
  echo "src/report/template.html is not what web/ builds: run 'npm run build' in web/ and commit it" >&2
  exit 1
}

# Twelve scenarios of random trust, always the same ones.
kb=$out/kb
investigate() { "$ascribe" --kb "$kb" --quiet investigate "$@"; }
investigate "$root/examples/sony-2014" --out "$out/sony" >/dev/null
node -e '
  const a = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  const heavy = a.claims.filter((c) => c.contributions.some((x) => Math.abs(x.nats) > 0.1)).map((c) => c.id);
  let state = 4711;
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  for (let i = 0; i < 12; ++i) {
    const words = [];
    for (const id of heavy) if (random() < (i + 1) / 12) words.push("--trust", `${id}=${(i % 3 === 0 ? Math.round(random()) : random()).toFixed(3)}`);
    if (i % 4 === 1) words.push("--flat-prior");
    if (i % 3 === 2) words.push("--unknown-prior", (0.05 + 0.9 * random()).toFixed(3));
    console.log([`s${i}`, ...words].join(" "));
  }' "$out/sony/assessment.json" >"$out/scenarios"
while read -r name words; do
  # shellcheck disable=SC2086
  investigate "$root/examples/sony-2014" --out "$out/what-if/$name" --save "$name" $words >/dev/null
done <"$out/scenarios"
REPORTS=$out/what-if npx vitest run || exit 1

command -v "${CHROMIUM:-chromium}" >/dev/null || skip "no chromium here; the sums were tested"
node test/hostile.js "$out/hostile"
investigate "$out/hostile" --out "$out/hostile-out" >/dev/null
# Code links need the exercise, built here, and a ledger of their own: the label is hostile.
code=()
if command -v cc >/dev/null; then
  exercise=$root/examples/code-exercise
  mkdir -p "$out/code/evidence"
  cc -O2 -o "$out/known" "$exercise/courier/courier.c" "$exercise/workshop/workshop.c"
  cc -O1 -DCOURIER_VERSION=2 -o "$out/code/evidence/found" "$exercise/courier/courier.c" "$exercise/workshop/workshop.c"
  "$ascribe" --kb "$out/kb-code" kb add --label 'actor=Mill,family=Courier,version=<b>1</b>' --known 2020-01-01 "$out/known" >/dev/null
  printf '%s\n' 'format = "ascribe-case/1"' 'id = "code"' 'title = "Code"' '[dates]' 'incident = "2021-05-01"' '[[source]]' 'id = "lab"' 'title = "Sample"' \
    'publisher = "Lab"' 'reliability = "A"' 'credibility = 1' 'published = "2021-05-02"' '[[evidence]]' 'file = "evidence/found"' 'source = "lab"' >"$out/code/case.toml"
  "$ascribe" --kb "$out/kb-code" --quiet investigate "$out/code" --out "$out/code-out" >/dev/null
  code=("$out/code-out/report.html" "$out/code/evidence/found" "$out/known")
else
  echo 'SKIPPED, code side by side is not opened: no C compiler here' >&2
fi
OUT=$out node test/browser.js "$out/sony/report.html" "$root/examples/sony-2014" "$out/hostile-out/report.html" "${code[@]}"
node test/sliders.js "$ascribe" "$kb" "$root/examples/sony-2014" "$out/sony/report.html" "$out/sliders"
pages=$(pdfinfo "$out/report.pdf" | sed -n 's/^Pages: *//p')
marked=$(pdftotext "$out/report.pdf" - | awk 'BEGIN { RS = "\f" } /TLP:CLEAR/ { n++ } END { print n + 0 }')
if ((pages == 0 || marked != pages)); then
  echo "TLP on $marked of $pages printed pages" >&2
  exit 1
fi
echo "TLP on each of $pages printed pages"
