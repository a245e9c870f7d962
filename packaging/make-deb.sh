#!/usr/bin/env bash
# Builds the Debian package below build/package and checks it with lintian: any error or warning fails.
#   packaging/make-deb.sh          the path of the package is the last line, on standard output
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=tools/setup.sh
. "$root/tools/setup.sh"

ensure_packages "${build_packages[@]}" dpkg-dev file lintian man-db
configure release
build release manual

out=$root/build/package
rm -rf -- "$out"
mkdir -p "$out"
# Times in the archive are those of the package's changelog: the same source gives the same package.
SOURCE_DATE_EPOCH=$(date -d "$(sed -n 's/^ -- .*>  //p' "$root/packaging/debian-changelog" | head -n 1)" +%s)
export SOURCE_DATE_EPOCH
(umask 022 && cd "$root/build/release" && cpack -G DEB -B "$out") >"$out/cpack.log" 2>&1 || {
  cat "$out/cpack.log" >&2
  fail "cpack failed"
}
rm -rf -- "$out/_CPack_Packages"
debs=("$out"/*.deb)
[[ ${#debs[@]} -eq 1 && -f ${debs[0]} ]] || fail "cpack made no package (see $out/cpack.log)"

unpacked=$(mktemp -d)
trap 'rm -rf -- "$unpacked"' EXIT
dpkg-deb -x "${debs[0]}" "$unpacked"
if grep -rlF -- "$root" "$unpacked" >&2; then fail "these files of the package name the folder they were built in"; fi

say "lintian:"
# Run as root it says so with a warning of its own, which is none of the package.
lintian --allow-root --fail-on error,warning "${debs[0]}" </dev/null >&2 || fail "lintian found errors or warnings"
say "lintian: no errors, no warnings"
printf '%s\n' "${debs[0]}"
