#!/usr/bin/env bash
# Installs the package in a fresh minimal Debian 12 (debootstrap, in a temporary folder), uses it as a new user would,
# removes it and checks that nothing is left.
#   packaging/try-deb.sh [PACKAGE]     default: the one below build/package
# Ends with 77 and says why when it cannot try: not root, or no mirror. MIRROR=... names another mirror.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=tools/setup.sh
. "$root/tools/setup.sh"

skip() {
  say "SKIPPED, the package was NOT tried: $*"
  exit 77
}

debs=("$root"/build/package/*.deb)
deb=${1:-${debs[0]}}
[[ -f $deb ]] || fail "no package at $deb; run packaging/make-deb.sh first"
[[ $EUID -eq 0 ]] || skip "a chroot needs root"
ensure_packages debootstrap

mirror=${MIRROR:-http://deb.debian.org/debian}
work=$(mktemp -d)
chroot=$work/root
clean() {
  umount "$chroot/proc" 2>/dev/null || true
  # Nothing of the host may be below when it is deleted.
  if ! grep -qF " $chroot/" /proc/mounts; then rm -rf -- "$work"; else say "still mounted, left in place: $work"; fi
}
trap clean EXIT

say "debootstrap bookworm from $mirror"
debootstrap --variant=minbase --include=man-db,bash-completion,zsh,fish bookworm "$chroot" "$mirror" >"$work/debootstrap.log" 2>&1 || {
  tail -n 20 "$work/debootstrap.log" >&2
  skip "debootstrap failed (mirror not reachable, or mknod and mount not allowed here)"
}
# The program finds its data through /proc/self/exe.
mountpoint -q "$chroot/proc" || mount -t proc proc "$chroot/proc" || skip "/proc cannot be mounted"
cp /etc/resolv.conf "$chroot/etc/resolv.conf" 2>/dev/null || true

# inside COMMAND...: as an ordinary user with an empty home.
inside() { chroot --userspec=guest:guest "$chroot" env -i PATH=/usr/bin:/bin HOME=/home/guest LC_ALL=C.UTF-8 "$@" </dev/null; }
as_root() { chroot "$chroot" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@" </dev/null; }
# Every path outside of what changes by itself: caches, logs, the package database, the guest's home.
listing() { (cd "$chroot" && find . -xdev \( -path ./proc -o -path ./var/cache -o -path ./var/log -o -path ./var/lib -o -path ./home -o -path ./tmp \) -prune -o -print | LC_ALL=C sort); }
check() {
  local what=$1
  shift
  if "$@" >"$work/check.log" 2>&1; then
    say "ok      $what"
  else
    cat "$work/check.log" >&2
    fail "FAILED  $what"
  fi
}

as_root useradd --create-home guest
as_root apt-get -qq update >/dev/null || skip "apt-get update failed in the chroot"
cp -- "$deb" "$chroot/tmp/ascribe.deb"
# What it depends on first, so that the difference is the package alone.
mapfile -t needs < <(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed 's/ *(.*//; s/^ *//; s/ *|.*//')
check "what it depends on is in Debian 12: ${needs[*]}" as_root apt-get -qq -y --no-install-recommends install "${needs[@]}"
listing >"$work/before"

check "installs with apt-get" as_root apt-get -qq -y --no-install-recommends install /tmp/ascribe.deb
listing >"$work/installed"
check "dpkg finds its files unchanged" bash -c '[[ -z $(chroot "$1" dpkg --verify ascribe) ]]' _ "$chroot"
check "--version" inside ascribe --version

try=/home/guest/try
inside mkdir "$try"
check "ascribe demo" inside sh -c "cd $try && ascribe demo >report.out"
check "the demonstration says what it found and where the page is" inside grep -qx 'Page      out/sony-2014/report.html' "$try/report.out"
check "ascribe verify" inside sh -c "cd $try && ascribe verify out/sony-2014"
check "ascribe kb verify" inside ascribe kb verify
inside sed -i 's/Lazarus/Lazarvs/' "$try/out/sony-2014/assessment.json"
check "a changed assessment does not verify" bash -c '! "$@"' _ chroot --userspec=guest:guest "$chroot" env -i PATH=/usr/bin HOME=/home/guest ascribe verify "$try/out/sony-2014"
check "man page" inside sh -c 'test "$(man -w ascribe)" = /usr/share/man/man1/ascribe.1.gz && zcat /usr/share/man/man1/ascribe.1.gz | grep -q kb'
check "apropos knows it" inside sh -c 'lexgrog /usr/share/man/man1/ascribe.1.gz | grep -q "ascribe - "'
check "bash completes" inside bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader ascribe; COMP_WORDS=(ascribe inv); COMP_CWORD=1; _ascribe; [[ ${COMPREPLY[*]} == investigate ]]'
check "zsh finds the function" inside zsh -c 'autoload -Uz compinit; compinit -D -u; [[ $_comps[ascribe] == _ascribe ]]'
check "fish completes" inside fish -c 'complete -C "ascribe kb ver" | string match -q "verify*"'
for file in copyright changelog.gz changelog.Debian.gz README.md docs/weighing.md; do
  check "share/doc/ascribe/$file" test -s "$chroot/usr/share/doc/ascribe/$file"
done

check "is removed" as_root apt-get -qq -y purge ascribe
listing >"$work/after"
check "left something to remove" bash -c '! cmp -s "$1" "$2"' _ "$work/before" "$work/installed"
check "nothing is left" diff "$work/before" "$work/after"
check "nor in the package database" bash -c '! find "$1/var/lib" -name "*ascribe*" | grep .' _ "$chroot"
say "the package installs, works and goes away: $(basename "$deb")"
