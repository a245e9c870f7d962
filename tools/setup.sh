# Sourced by ./run and ./test: checks the packages, installs what is missing, configures and builds a preset.
# Expects $root, the folder of the repository. docs/dependencies.md says what each package is for.

build_packages=(
  g++ cmake ninja-build pkg-config ccache
  libsqlite3-dev libssl-dev libfmt-dev nlohmann-json3-dev libsimdjson-dev libcli11-dev libtomlplusplus-dev
  libexpected-dev libre2-dev liblzma-dev libdeflate-dev libarchive-dev libzydis-dev libcapstone-dev libcpp-httplib-dev libgtest-dev libgmock-dev
  poppler-utils xz-utils
)
test_packages=(python3-jsonschema liblief-dev yara)
clang_packages=(clang libclang-rt-14-dev)

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$(basename "$0"): $*"
  exit 1
}

# Names on standard output the packages that are not installed.
missing_packages() {
  local installed package
  # dpkg-query answers with 1 when it does not know one of them; under `set -e` that must not end the list.
  installed=" $(dpkg-query -W -f='${Package}:${db:Status-Status} ' "$@" 2>/dev/null || true)"
  for package in "$@"; do
    [[ $installed == *" $package:installed "* ]] || printf '%s\n' "$package"
  done
}

# Leaves apt alone when all is there, so that everything works offline and without rights.
ensure_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "no dpkg here: packages are not checked; needed are the equivalents of: $*"
    return 0
  fi
  local -a missing apt
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} == 0)) && return 0
  # The lock may be held by the automatic upgrades of a fresh machine.
  apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
  if [[ $EUID -ne 0 ]]; then
    if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
      apt=(sudo "${apt[@]}")
    else
      fail "missing packages, and neither root nor sudo to install them. Ask for: apt-get install ${missing[*]}"
    fi
  fi
  say "installing: ${missing[*]}"
  # An outdated list still serves when the mirror cannot be reached: the installation decides.
  "${apt[@]}" -qq update </dev/null >&2 || say "apt-get update failed; trying with the lists that are here"
  "${apt[@]}" -qq -y --no-install-recommends install "${missing[@]}" </dev/null >&2 ||
    fail "could not install: ${missing[*]} (no network? install them by hand, then run this again)"
}

cores() { nproc 2>/dev/null || echo 2; }

# ccache needs a folder it may write to; some service accounts and containers have no home.
set_cache() {
  [[ -n ${CCACHE_DIR:-} ]] && return 0
  local cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}
  if ! mkdir -p "$cache/ccache" 2>/dev/null || [[ ! -w $cache/ccache ]]; then export CCACHE_DIR=$root/build/ccache; fi
}

# configure PRESET [OPTION...]
configure() {
  local preset=$1 folder=$root/build/$1 log
  shift
  mkdir -p "$root/build" 2>/dev/null || fail "cannot write to $root/build"
  set_cache
  # Presets say all that matters; what the user's shell exports for other projects must not leak in.
  unset CMAKE_GENERATOR CMAKE_BUILD_TYPE CMAKE_TOOLCHAIN_FILE CXXFLAGS CPPFLAGS LDFLAGS
  # A copied or moved repository: CMake refuses a cache that was made elsewhere.
  if [[ -f $folder/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    rm -rf -- "$folder"
  fi
  log=$root/build/configure-$preset.log
  (cd "$root" && cmake --preset "$preset" "$@") >"$log" 2>&1 && return 0
  cat "$log" >&2
  fail "cmake --preset $preset failed"
}

# build PRESET [TARGET...]
build() {
  local preset=$1 target
  local -a targets=()
  shift
  for target in "$@"; do targets+=(--target "$target"); done
  (cd "$root" && cmake --build --preset "$preset" --parallel "$(cores)" "${targets[@]}") >&2 || fail "the build of preset $preset failed"
}
