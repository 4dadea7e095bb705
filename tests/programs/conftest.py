# SPDX-License-Identifier: Apache-2.0
"""A world for each test, with its own socket, and unchanged programs in it.

Nothing here is asked of the kernel's network: programs run under `weir run`. Every process that a test
starts is ended by its pid, and every wait has a bound.
"""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEIR = os.environ.get("WEIR", str(ROOT / "build" / "weir"))
PATIENCE = 60  # seconds that anything may take


def wait_for(condition, what, patience=PATIENCE):
    """Asks until condition() is true. Only for what gives no event to wait for from outside."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {patience} s: {what}")


def end(process):
    """Asks first: a server that is killed leaves its workers behind."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(PATIENCE)


class World:
    def __init__(self, directory, world_file=None):
        self.directory = directory
        self.env = dict(os.environ, WEIR_STACK=str(directory / "weir.sock"))
        self.env["PATH"] += ":/usr/sbin"
        self.started = []
        self.exact = False  # programs are run with exact queues
        args = ["--world", str(world_file)] if world_file else []
        self.weir("up", *args)
        self.pid = self.view("world")["pid"]

    def weir(self, *args, check=True, **kwargs):
        return subprocess.run([WEIR, *args], env=self.env, check=check, capture_output=True, text=True, timeout=PATIENCE, **kwargs)

    def view(self, name):
        """The daemon's own answer, as the command prints it."""
        if name == "world":
            import socket

            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(PATIENCE)
                s.connect(self.env["WEIR_STACK"])
                s.sendall(b'{"view":"world"}\n')
                return json.loads(s.makefile().readline())
        return json.loads(self.weir(name, "-tan", "--json").stdout)

    def sockets(self, host):
        for h in self.view("netstat")["hosts"]:
            if h["name"] == host:
                return h["sockets"]
        raise AssertionError(f"no host {host}")

    def counters(self, host):
        for h in self.view("netstat")["hosts"]:
            if h["name"] == host:
                return h["counters"]
        raise AssertionError(f"no host {host}")

    def command(self, host, *program):
        exact = ["--exact"] if self.exact else []
        return [WEIR, "run", "--host", host, *exact, "--", *map(str, program)]

    def start(self, host, *program, **kwargs):
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        kwargs.setdefault("stdout", subprocess.PIPE)
        kwargs.setdefault("stderr", subprocess.STDOUT)
        process = subprocess.Popen(self.command(host, *program), env=self.env, cwd=self.directory, **kwargs)
        self.started.append(process)
        return process

    def run(self, host, *program, timeout=PATIENCE, **kwargs):
        """Runs to the end; fails with what the program said."""
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run(self.command(host, *program), env=self.env, cwd=self.directory, timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)
        assert done.returncode == 0, f"{program}: status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    def listening(self, host, port):
        def found():
            return any(s["state"] == "LISTEN" and s["local"]["port"] == port for s in self.sockets(host))

        wait_for(found, f"{host} listens on {port}")

    def memory_kib(self):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def close(self):
        for process in self.started:
            end(process)
            if process.stdout:
                process.stdout.close()
        self.weir("down", check=False)


@pytest.fixture
def make_world(tmp_path):
    worlds = []

    def make(text=None):
        directory = tmp_path / f"world{len(worlds)}"
        directory.mkdir()
        world_file = None
        if text:
            world_file = directory / "world.lua"
            world_file.write_text(text)
        worlds.append(World(directory, world_file))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture
def world(make_world):
    return make_world()


@pytest.fixture
def payload(tmp_path):
    """Writes a file of random bytes; gives its path."""

    def make(mib, name="payload"):
        path = tmp_path / name
        with open(path, "wb") as f:
            for _ in range(mib):
                f.write(os.urandom(1 << 20))
        return path

    return make


def need(*programs):
    """Skips with the reason when a program is missing: on CI nothing is."""
    path = os.environ["PATH"] + ":/usr/sbin"
    missing = [p for p in programs if not shutil.which(p, path=path)]
    if missing:
        pytest.skip("not installed: " + ", ".join(missing))
