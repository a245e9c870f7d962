#!/usr/bin/env python3
"""Measures `ascribe serve`: requests a second of a case's assessment on one core, and a client among slow ones.

    bench/serve.py build/release/ascribe examples/sony-2014 [--runs 5] [--seconds 5]

The server is bound to core 0, this client to the other cores. On a machine with other work answers a second say how much of the
core was left; the answers for each second of processor time that the server used say what a core of its own would bear.
Whole answers are asked for with wrk (Debian package "wrk") where it is installed, since a client in Python is slower than the server.
Otherwise standard library only. Prints the table of docs/bench-serve.md.
"""
import argparse
import os
import re
import selectors
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time


def start(program, cases, home):
    env = {"HOME": home, "PATH": "/usr/bin:/bin"}
    taskset = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    child = subprocess.Popen(taskset + [program, "serve", "--port", "0", "--quiet", "--cases", cases],
                             stdout=subprocess.PIPE, env=env, text=True)
    return child, int(child.stdout.readline().rstrip("/\n").rsplit(":", 1)[1])


def connect(port):
    s = socket.create_connection(("127.0.0.1", port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def read_answer(s):
    data = b""
    while b"\r\n\r\n" not in data:
        more = s.recv(1 << 20)
        if not more:
            raise RuntimeError("the server closed the connection")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    left = int(fields.get(b"Content-Length", b"0")) - len(body)
    while left > 0:
        left -= len(s.recv(min(left, 1 << 20)))
    return int(head.split(b" ", 2)[1]), fields


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rate(pid, port, request, status, seconds, connections):
    """Answers a second, and for each second of the server's processor time, over `connections` kept open; each has one request under way."""
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        s = connect(port)
        s.sendall(request)
        selector.register(s, selectors.EVENT_READ)
    done = 0
    used = processor_seconds(pid)
    begin = time.perf_counter()
    end = begin + seconds
    while time.perf_counter() < end:
        for key, _ in selector.select(1):
            got, _ = read_answer(key.fileobj)
            if got != status:
                raise RuntimeError(f"status {got} instead of {status}")
            done += 1
            key.fileobj.sendall(request)
    took = time.perf_counter() - begin
    used = processor_seconds(pid) - used
    for key in list(selector.get_map().values()):
        key.fileobj.close()
    return done / took, done / max(used, 0.01)


def rate_wrk(pid, port, path, headers, seconds, connections):
    """The same, asked by wrk, which counts answers above 399 as errors."""
    words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", *[w for h in headers for w in ("-H", h)], f"http://localhost:{port}{path}"]
    used = processor_seconds(pid)
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    used = processor_seconds(pid) - used
    if re.search(r"Socket errors|Non-2xx", text):
        raise RuntimeError(text)
    done, took = re.search(r"(\d+) requests in ([\d.]+)s", text).groups()
    return int(done) / float(took), int(done) / max(used, 0.01)


def one(port, path="/api/v1/cases"):
    """Milliseconds of one request on a new connection."""
    begin = time.perf_counter()
    with connect(port) as s:
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        status, _ = read_answer(s)
    assert status == 200, status
    return (time.perf_counter() - begin) * 1000


def slow_clients(port, count, asks, path):
    """`count` clients that send one byte a second, and again when they are cut off; the times of one more, asked ten times a second."""
    stop = threading.Event()
    cut = [0]

    def trickle():
        head = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nX-Slow: ".encode() + b"a" * 1000
        sockets = []
        while not stop.is_set():
            while len(sockets) < count:
                sockets.append([connect(port), 0])
            for item in sockets:
                try:
                    item[0].sendall(head[item[1]:item[1] + 1])
                    item[1] += 1
                except OSError:
                    item[0].close()
                    item[0] = None
            cut[0] += sum(1 for item in sockets if item[0] is None)
            sockets = [item for item in sockets if item[0] is not None]
            stop.wait(1)
        for item in sockets:
            item[0].close()

    thread = threading.Thread(target=trickle)
    thread.start()
    time.sleep(3)
    times = []
    for _ in range(asks):
        times.append(one(port, path))
        time.sleep(0.1)
    stop.set()
    thread.join()
    return times, cut[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("case")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    args = parser.parse_args()
    program = os.path.abspath(args.program)
    with tempfile.TemporaryDirectory() as home:
        cases = os.path.join(home, "out")
        case = os.path.basename(os.path.abspath(args.case))
        subprocess.run([program, "investigate", args.case, "--out", os.path.join(cases, case), "--quiet"], check=True, env={"HOME": home, "PATH": "/usr/bin:/bin"})
        size = os.path.getsize(os.path.join(cases, case, "assessment.json"))
        child, port = start(program, cases, home)
        try:
            if hasattr(os, "sched_setaffinity") and os.cpu_count() > 1:
                os.sched_setaffinity(0, set(range(1, os.cpu_count())))
            path = f"/api/v1/cases/{case}"
            with connect(port) as s:
                s.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
                _, fields = read_answer(s)
            full = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode()
            tagged = full[:-2] + b"If-None-Match: " + fields[b"ETag"] + b"\r\n\r\n"
            print(f"assessment of {case}: {size} bytes; {args.runs} runs of {args.seconds:g} s, asked by {'wrk' if shutil.which('wrk') else 'this script'}, median (least to most)\n")
            print("| what | answers a second | answers a second of processor time |\n|---|---|---|")
            spread = lambda values: f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"
            conditional = ["If-None-Match: " + fields[b"ETag"].decode()]
            for name, request, headers, status in (("200, the whole assessment", full, [], 200), ("304, If-None-Match", tagged, conditional, 304)):
                for connections in (1, 8):
                    if shutil.which("wrk"):
                        rates = [rate_wrk(child.pid, port, path, headers, args.seconds, connections) for _ in range(args.runs)]
                    else:
                        rates = [rate(child.pid, port, request, status, args.seconds, connections) for _ in range(args.runs)]
                    print(f"| {name}, {connections} connection{'s' if connections > 1 else ''} | {spread([r[0] for r in rates])} | {spread([r[1] for r in rates])} |")
            print("\n| a client, new connection | median | at most |\n|---|---|---|")
            alone = [one(port, path) for _ in range(100)]
            print(f"| alone | {statistics.median(alone):.1f} ms | {max(alone):.1f} ms |")
            times, cut = slow_clients(port, 200, 200, path)
            print(f"| the 201st, beside 200 that send one byte a second | {statistics.median(times):.1f} ms | {max(times):.1f} ms |")
            print(f"\nMeanwhile {cut} of the slow ones were cut off and came again.")
        finally:
            child.terminate()
            child.wait()


if __name__ == "__main__":
    main()
