#!/usr/bin/env python3
"""Prints the second table of docs/bench-index.md: the command `match` for programs of some 1,000 functions against a
code base of any size whose features are those of this Debian machine's own programs (bench/code_world.h).

    bench/code_scale.py DIR [FUNCTIONS [REAL [OWN]]]

Needs 20 GB in DIR for 10,000,000 functions and, for a truly cold cache, root. Leaves DIR/code_scale for further runs."""
import glob, hashlib, os, statistics, subprocess, sys, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build/release")
WANTED = range(900, 1101)  # functions of a sample
SAMPLES, WARM = 7, 3


def programs():
    """(package, path) of ELF files, in an order that has nothing to do with their names."""
    found = []
    for listing in glob.glob("/var/lib/dpkg/info/*.list"):
        package = os.path.basename(listing)[:-5].split(":")[0]
        for path in open(listing, errors="replace").read().splitlines():
            if not any(part in path for part in ("/bin/", "/sbin/", "/lib/", "/libexec/")) or path.endswith((".o", ".a", ".ko")):
                continue
            try:
                if os.path.islink(path) or not os.path.isfile(path) or not 8192 <= os.path.getsize(path) <= 6_000_000:
                    continue
                with open(path, "rb") as file:
                    if file.read(4) == b"\x7fELF":
                        found.append((hashlib.md5(path.encode()).hexdigest(), package, path))
            except OSError:
                pass
    return [(package, path) for _, package, path in sorted(found)]


def run(kb, path, options=()):
    """Wall and CPU seconds, peak MiB and output of one command."""
    begin = time.monotonic()
    process = subprocess.Popen([os.path.join(BUILD, "ascribe"), "match", "--kb", kb, *options, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"match {path}: exit code {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out


def drop_caches(kb):
    os.sync()
    try:
        with open("/proc/sys/vm/drop_caches", "w") as file:
            file.write("3")
        return "drop_caches"
    except OSError:
        for folder, _, names in os.walk(kb):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return "POSIX_FADV_DONTNEED"


def main():
    where = os.path.join(sys.argv[1], "code_scale")
    functions, real, own = (sys.argv[2:] + ["10000000", "200000", "12"][len(sys.argv) - 2:])[:3]
    os.makedirs(where, exist_ok=True)
    names, kb = os.path.join(where, "programs"), os.path.join(where, "kb")
    if not os.path.exists(kb):
        with open(names, "w") as file:
            file.writelines(f"{package}\t{path}\n" for package, path in programs())
        subprocess.run(["cmake", "--build", BUILD, "--target", "code_bench", "ascribe"], check=True, stdout=sys.stderr)
        subprocess.run([os.path.join(BUILD, "bench/code_bench"), names, real, functions, own, os.path.join(kb, "code")], check=True)
    size = sum(os.path.getsize(p) for p in glob.glob(os.path.join(kb, "code/samples/index/*")))
    print(f"index {size / 2**30:.2f} GiB", flush=True)
    chosen = []
    for line in open(names):
        path = line.rstrip("\n").split("\t")[1]
        if not 400_000 <= os.path.getsize(path) <= 1_500_000:
            continue
        head = run(kb, path)[3].split("\n  ")
        if len(head) > 1 and head[1].split(" ")[0].isdigit() and int(head[1].split(" ")[0]) in WANTED:
            chosen.append((path, head[1].split(",")[0]))
        if len(chosen) == SAMPLES:
            break
    cold_all, warm_all, peak_all = [], [], []
    for path, size in chosen:
        how = drop_caches(kb)
        cold, cold_cpu, peak, out = run(kb, path)
        warm = [run(kb, path) for _ in range(WARM)]
        if any(w[3] != out for w in warm):
            sys.exit(f"{path}: two runs differ")
        cold_all.append(cold)
        warm_all.append(statistics.median(w[0] for w in warm))
        peak_all.append(peak)
        print(f"{path}: {size}; cold ({how}) {cold:.2f} s wall {cold_cpu:.2f} s CPU; warm {warm_all[-1]:.2f} s wall "
              f"{statistics.median(w[1] for w in warm):.2f} s CPU; peak {peak:.0f} MiB", flush=True)
    print(f"median: cold {statistics.median(cold_all):.2f} s (worst {max(cold_all):.2f}), warm {statistics.median(warm_all):.2f} s, peak at most {max(peak_all):.0f} MiB")


if __name__ == "__main__":
    main()
