#!/bin/bash
# goodware.sh ASCRIBE [KB]: makes the index of common run-time code, once: what is found there weighs nothing in a match.
# Debian's and npm's packages are downloaded into the user's cache (no root, nothing is installed or run) and read; static run-times
# come from two empty programs that the system's compiler links. Without network what is there already is used, and that is said.
set -u
export LC_ALL=C
ascribe=$1
kb=(${2:+--kb "$2"})
cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/ascribe/goodware
mkdir -p "$cache" 2>/dev/null || { echo "goodware: cannot write to $cache; matches will count library code" >&2; exit 0; }
# Run-times of the toolchains, and libraries that programs carry inside. MSVC's static run-time comes with the launchers that
# Python's packaging tools ship and with npm's packages; Rust's and Go's with small programs written in them.
packages=(
  gcc-mingw-w64-x86-64-win32-runtime gcc-mingw-w64-i686-win32-runtime libz-mingw-w64 gdb-mingw-w64-target gpgv-win32
  python3-distlib
  zlib1g libssl3 libsqlite3-0 libcurl4 libstdc++6 libbz2-1.0 liblzma5 libzstd1 libexpat1 libpng16-16 libuv1
  ripgrep fd-find gosu fzf
)
done_mark=$cache/added-2
[[ -e $done_mark && ${2:-} == "" ]] && exit 0
# Whoever has npm has told it which registry can be reached; else the public one is asked.
fetch_npm() { # NAME@VERSION FOLDER: leaves FOLDER/package.tgz
  local name=${1%@*} version=${1##*@}
  if command -v npm >/dev/null; then
    (cd "$2" && timeout 180 npm pack --ignore-scripts --silent --fetch-retries=0 "$1" && mv ./*.tgz package.tgz) >/dev/null 2>&1
  else
    curl -fsSL --max-time 120 -o "$2/package.tgz" "https://registry.npmjs.org/$name/-/${name##*/}-$version.tgz" 2>/dev/null
  fi
}
echo "goodware: making the index of common run-time code (once, one to two minutes)" >&2
missing=0
offline=0 # set by the first package of npm that cannot be had
total=0
add() { # PACKAGE FOLDER
  "$ascribe" "${kb[@]}" --quiet kb add --goodware --label "package=$1" "$2" >/dev/null 2>&1 || true
}
for package in "${packages[@]}"; do
  total=$((total + 1))
  folder=$cache/$package
  if [[ ! -d $folder ]]; then
    (cd "$cache" && apt-get -qq download "$package" >/dev/null 2>&1 && dpkg-deb -x "$package"_*.deb "$folder.new" && mv "$folder.new" "$folder")
    rm -rf "$cache/$package"_*.deb "$folder.new"
  fi
  if [[ ! -d $folder ]]; then
    missing=$((missing + 1))
    continue
  fi
  add "$package" "$folder"
done
while read -r package sum; do
  [[ $package == \#* ]] && continue
  total=$((total + 1))
  folder=$cache/npm/${package//\//_}
  if [[ ! -d $folder ]]; then
    rm -rf "$folder.new" && mkdir -p "$folder.new"
    # Without a network nobody waits for each of them in turn.
    if ((offline == 0)) && ! fetch_npm "$package" "$folder.new"; then offline=1; fi
    [[ -e $folder.new/package.tgz ]] && echo "$sum  $folder.new/package.tgz" | sha512sum --check --status &&
      tar -xzf "$folder.new/package.tgz" -C "$folder.new" && rm "$folder.new/package.tgz" && mv "$folder.new" "$folder"
    rm -rf "$folder.new"
  fi
  if [[ ! -d $folder ]]; then
    missing=$((missing + 1))
    continue
  fi
  add "npm-${package//[@\/]/_}" "$folder"
done <"$(dirname -- "${BASH_SOURCE[0]}")/goodware-npm.txt"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
echo 'int main(void) { return 0; }' >"$scratch/c.c"
printf '#include <iostream>\n#include <map>\n#include <string>\nint main() { std::map<std::string, int> m; for (std::string s; std::cin >> s;) ++m[s]; std::cout << m.size(); }\n' >"$scratch/cc.cc"
for flags in "-static" ""; do
  cc -O2 $flags -o "$scratch/c$flags" "$scratch/c.c" 2>/dev/null
  c++ -O2 $flags -o "$scratch/cc$flags" "$scratch/cc.cc" 2>/dev/null
done
add gcc-runtime "$scratch"
if ((missing > 0)); then
  echo "goodware: $missing of $total packages could not be fetched (no network?); run tools/goodware.sh again later" >&2
else
  [[ ${2:-} == "" ]] && touch "$done_mark"
fi
exit 0
