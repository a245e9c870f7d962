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
# What a run that was stopped left half-written, and what this one would leave.
tidy() { rm -rf "$cache"/*.new "$cache"/*.deb "$cache"/npm/*.new ${scratch:+"$scratch"}; }
trap tidy EXIT
trap 'exit 1' HUP INT TERM
tidy
# Whoever has npm has told it which registry can be reached; else the public one is asked.
fetch_npm() { # NAME@VERSION FOLDER: leaves FOLDER/package.tgz. Else 1, with `why` set; 2: the registry was not reached
  local name=${1%@*} version=${1##*@} told
  if command -v npm >/dev/null; then
    told=$(cd "$2" && timeout 180 npm pack --ignore-scripts --fetch-retries=0 "$1" 2>&1 >/dev/null) && mv "$2"/*.tgz "$2/package.tgz" && return 0
    why="npm: $(grep -m1 -iE 'code E|network|ERR!' <<<"$told" || echo 'no answer in 180 s')"
    # The registry's own answers have the number of an HTTP status; ETARGET: it has no such version.
    [[ $told =~ code\ (E[45][0-9][0-9]|ETARGET) ]] && return 1
    return 2
  fi
  if ! command -v curl >/dev/null; then
    why="neither npm nor curl is installed"
    return 2
  fi
  told=$(curl -fsSL --max-time 120 -o "$2/package.tgz" "https://registry.npmjs.org/$name/-/${name##*/}-$version.tgz" 2>&1)
  local code=$?
  ((code == 0)) && return 0
  why=${told%%$'\n'*}
  why=${why:-curl: exit code $code}
  ((code == 22)) && return 1 # an answer, but not the package
  return 2
}
echo "goodware: making the index of common run-time code (once, one to two minutes)" >&2
missing=0
refused=0
reason="" # why the first package that is missing could not be had
offline=0 # set by the first package of npm for which the registry is not reached
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
    reason=${reason:-apt-get cannot download $package}
    continue
  fi
  add "$package" "$folder"
done
while read -r package sum; do
  [[ $package == \#* ]] && continue
  total=$((total + 1))
  folder=$cache/npm/${package//\//_}
  if [[ ! -d $folder ]]; then
    mkdir -p "$folder.new"
    # Without a network nobody waits for each of them in turn.
    if ((offline == 0)); then
      fetch_npm "$package" "$folder.new"
      case $? in
        0)
          if ! echo "$sum  $folder.new/package.tgz" | sha512sum --check --status 2>/dev/null; then
            echo "goodware: $package: what was fetched has not the SHA-512 of tools/goodware-npm.txt and is not used; run tools/goodware.sh again later" >&2
            rm -rf "$folder.new"
            refused=$((refused + 1))
            continue
          fi
          if tar -xzf "$folder.new/package.tgz" -C "$folder.new" 2>/dev/null && rm "$folder.new/package.tgz"; then
            mv "$folder.new" "$folder"
          else
            reason=${reason:-$package cannot be unpacked into $cache}
          fi
          ;;
        1) reason=${reason:-$package: $why} ;;
        *)
          offline=1
          reason="npm's registry is not reached: $why"
          ;;
      esac
    fi
    rm -rf "$folder.new"
  fi
  if [[ ! -d $folder ]]; then
    missing=$((missing + 1))
    continue
  fi
  add "npm-${package//[@\/]/_}" "$folder"
done <"$(dirname -- "${BASH_SOURCE[0]}")/goodware-npm.txt"
scratch=$(mktemp -d)
echo 'int main(void) { return 0; }' >"$scratch/c.c"
printf '#include <iostream>\n#include <map>\n#include <string>\nint main() { std::map<std::string, int> m; for (std::string s; std::cin >> s;) ++m[s]; std::cout << m.size(); }\n' >"$scratch/cc.cc"
for flags in "-static" ""; do
  cc -O2 $flags -o "$scratch/c$flags" "$scratch/c.c" 2>/dev/null
  c++ -O2 $flags -o "$scratch/cc$flags" "$scratch/cc.cc" 2>/dev/null
done
add gcc-runtime "$scratch"
if ((missing > 0)); then
  echo "goodware: $missing of $total packages could not be fetched ($reason); run tools/goodware.sh again later" >&2
elif ((refused == 0)); then
  [[ ${2:-} == "" ]] && touch "$done_mark"
fi
exit 0
