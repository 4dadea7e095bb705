# SPDX-License-Identifier: Apache-2.0
"""Unchanged programs: the same pair of programs by turns over the kernel's loopback and over Weir.

Over Weir both run with `weir run`, on two hosts of a world of their own, started and stopped here. The kernel's
iperf3 uses cubic. Values are read from what the programs themselves report.
"""

import csv
import io
import json
import os
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

import table

IPERF3_SECONDS = 3
REDIS_REQUESTS = 100000
REPLY_WITHIN_S = 60


TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A program did not do what was asked: what it said."""


class Kernel:
    """Programs as they are, on the loopback interface."""

    name, server_address = "kernel", "127.0.0.1"

    def command(self, _side, argv):
        return argv

    def environment(self):
        return dict(os.environ)

    def daemon_seconds(self):
        return 0.0, 0.0


class Weir:
    """Programs on the hosts a and b of a world of our own."""

    name, server_address = "weir", "10.0.0.2"

    def __init__(self, build, directory):
        self.weir = os.path.join(build, "weir")
        self.stack = os.path.join(directory, "weir.sock")

    def command(self, side, argv):
        return [self.weir, "run", "--host", "b" if side == "server" else "a", "--", *argv]

    def environment(self):
        return dict(os.environ, WEIR_STACK=self.stack)

    def daemon_seconds(self):
        """Processor time (user, system) that the world has used so far."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as view:
            try:
                view.connect(self.stack)
            except OSError:
                return 0.0, 0.0
            credentials = view.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        pid = struct.unpack("3i", credentials)[0]
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return int(fields[11]) / TICKS, int(fields[12]) / TICKS

    def stop(self):
        subprocess.run([self.weir, "down"], env=self.environment(), check=False, stdout=subprocess.DEVNULL)


class Server:
    """A server program that is ready when the block begins and stopped when it ends."""

    def __init__(self, plane, argv, ready):
        self.plane, self.argv, self.ready = plane, argv, ready

    def __enter__(self):
        self.process = subprocess.Popen(
            self.plane.command("server", self.argv),
            env=self.plane.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = []
        for line in self.process.stdout:
            said.append(line)
            if self.ready in line:
                return self
        raise Failed(f"{self.argv[0]} on {self.plane.name} ended before it was ready: {''.join(said[-3:])}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stdout.close()
        self.process.wait(REPLY_WITHIN_S)


def client(plane, argv):
    """Runs a client to its end: what it printed."""
    try:
        run = subprocess.run(
            plane.command("client", argv),
            env=plane.environment(),
            capture_output=True,
            text=True,
            timeout=REPLY_WITHIN_S,
        )
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{argv[0]} on {plane.name} did not end within {REPLY_WITHIN_S} s") from late
    if run.returncode:
        raise Failed(f"{argv[0]} on {plane.name} ended with {run.returncode}: {(run.stdout + run.stderr)[-300:]}")
    return run.stdout


def iperf3(plane):
    """Gbit/s that the receiver counted."""
    with Server(plane, ["iperf3", "-s", "-p", "5201", "--forceflush"], "Server listening"):
        argv = ["iperf3", "-c", plane.server_address, "-p", "5201", "-t", str(IPERF3_SECONDS), "-J"]
        if plane.name == "kernel":
            argv += ["-C", "cubic"]
        report = json.loads(client(plane, argv))
    return report["end"]["sum_received"]["bits_per_second"] / 1e9


def redis(plane, *options):
    """GETs a second."""
    server = ["redis-server", "--port", "6399", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", ""]
    with Server(plane, server, "Ready to accept connections"):
        argv = ["redis-benchmark", "-h", plane.server_address, "-p", "6399", "-t", "get", "-c", "50"]
        rows = csv.DictReader(io.StringIO(client(plane, [*argv, "-n", str(REDIS_REQUESTS), "--csv", *options])))
        return float(next(rows)["rps"])


ROWS = [
    ("iperf3", f"iperf3, 1 stream, {IPERF3_SECONDS} s", "Gbit/s", iperf3),
    ("redis-get", "redis-benchmark -t get -c 50", "per s", redis),
    ("redis-get-p16", "redis-benchmark -t get -c 50 -P 16", "per s", lambda plane: redis(plane, "-P", "16")),
]


class Spending:
    """Processor time that one plane's rounds took: the world's, and the programs' with the helpers around them."""

    def __init__(self):
        self.world, self.programs = [0.0, 0.0], [0.0, 0.0]

    def during(self, plane, work):
        world, programs = plane.daemon_seconds(), resource.getrusage(resource.RUSAGE_CHILDREN)
        value = work(plane)
        world_after, after = plane.daemon_seconds(), resource.getrusage(resource.RUSAGE_CHILDREN)
        for i in range(2):
            self.world[i] += world_after[i] - world[i]
        self.programs[0] += after.ru_utime - programs.ru_utime
        self.programs[1] += after.ru_stime - programs.ru_stime
        return value

    def text(self):
        total = sum(self.world) + sum(self.programs) or 1.0
        parts = zip(
            ("world user", "world system", "programs user", "programs system"), (*self.world, *self.programs)
        )
        return ", ".join(f"{name} {100 * seconds / total:.0f} %" for name, seconds in parts if seconds > 0)


def measure_row(planes, rounds, row, what, unit, work):
    values = {plane.name: [] for plane in planes}
    spending = {plane.name: Spending() for plane in planes}
    failed = {}
    for number in range(rounds):
        for plane in planes:
            table.progress(f"{row}, {plane.name}, {number + 1} of {rounds}")
            if plane.name in failed:
                continue
            try:
                values[plane.name].append(spending[plane.name].during(plane, work))
            except Failed as why:
                failed[plane.name] = str(why).strip().replace("\n", " ")
    return [
        {"row": row, "what": what, "unit": unit, "engine": plane.name, "impossible": failed[plane.name]}
        if plane.name in failed
        else table.result(row, what, unit, plane.name, values[plane.name], spending[plane.name].text())
        for plane in planes
    ]


def measure(build, rounds):
    """The results of all rows whose programs are installed."""
    build = os.path.abspath(build)
    if not os.path.exists(os.path.join(build, "weir")):
        sys.exit(f"bench/run: {build}/weir is not there\nthe programs' rows run with it\ntry: make")
    results = []
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as directory:
        weir = Weir(build, directory)
        try:
            client(weir, ["true"])  # starts the world
            for row, what, unit, work in ROWS:
                if not shutil.which("iperf3" if row == "iperf3" else "redis-benchmark"):
                    print(f"{row}: its program is not installed", file=sys.stderr)
                    continue
                results += measure_row([weir, Kernel()], rounds, row, what, unit, work)
        finally:
            weir.stop()
    return results
