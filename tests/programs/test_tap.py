# SPDX-License-Identifier: Apache-2.0
"""Interop with the kernel's TCP over TAP, both directions; a capture in which tshark finds no malformed packet and
no bad checksum. In a network namespace of the test's own; needs root."""

import hashlib
import os
import subprocess
import sys

import pytest
from conftest import PATIENCE, need

WORLD = """
host {{ name = "a" }}
tap {{ host = "a", name = "{device}", address = "192.0.2.1/24" }}
"""

SEND = """
import socket, sys
if sys.argv[1] == "listen":
    l = socket.socket(); l.bind(("", 9)); l.listen(1); print("ready", flush=True); c, _ = l.accept()
else:
    c = socket.create_connection((sys.argv[1], 9))
with open(sys.argv[2], "rb") as f:
    c.sendfile(f)
c.close()
"""

RECEIVE = """
import hashlib, socket, sys
if sys.argv[1] == "listen":
    l = socket.socket(); l.bind(("", 9)); l.listen(1); print("ready", flush=True); c, _ = l.accept()
else:
    c = socket.create_connection((sys.argv[1], 9))
h = hashlib.sha256()
for piece in iter(lambda: c.recv(1 << 16), b""):
    h.update(piece)
print(h.hexdigest(), flush=True)
"""

NEEDS_ROOT = "needs root, TUN and network namespaces"


class Namespace:
    """A namespace in which the daemon makes its TAP device; the kernel's end has 192.0.2.2."""

    def __init__(self, name):
        self.name = name
        subprocess.run(["ip", "netns", "add", name], check=True)
        self.ip("link", "set", "lo", "up")

    def ip(self, *args):
        subprocess.run(["ip", "-n", self.name, *args], check=True)

    def command(self, *args):
        return ["ip", "netns", "exec", self.name, *map(str, args)]

    def close(self):
        subprocess.run(["ip", "netns", "del", self.name], check=True)


@pytest.fixture
def namespace():
    if os.getuid() != 0 or not os.path.exists("/dev/net/tun"):
        pytest.skip(NEEDS_ROOT)
    need("ip", "tshark", "tcpdump")
    n = Namespace(f"weir{os.getpid()}")
    yield n
    n.close()


@pytest.fixture
def tap_world(namespace, tmp_path, monkeypatch):
    import conftest

    wrapper = tmp_path / "weir-in-namespace"
    wrapper.write_text(f"#!/bin/sh\nexec ip netns exec {namespace.name} {conftest.WEIR} \"$@\"\n")
    wrapper.chmod(0o755)
    monkeypatch.setattr(conftest, "WEIR", str(wrapper))
    directory = tmp_path / "world"
    directory.mkdir()
    world_file = directory / "world.lua"
    world_file.write_text(WORLD.format(device="weir0"))
    world = conftest.World(directory, world_file)
    namespace.ip("addr", "add", "192.0.2.2/24", "dev", "weir0")
    namespace.ip("link", "set", "weir0", "up")
    yield world
    world.close()


def start_capture(namespace, path):
    process = subprocess.Popen(namespace.command("tcpdump", "-i", "weir0", "-s", "0", "-B", "65536", "-U", "-w", path),
                               stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "listening on" in line:
            return process
    raise AssertionError("tcpdump did not start")


def frames(path, condition):
    """Frames of Weir's for which tshark finds the condition true; it verifies all checksums on the way. The kernel's
    own frames go out with checksums unfinished, so they are not asked about."""
    said = subprocess.run(["tshark", "-r", path, "-n", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
                           "-o", "tcp.desegment_tcp_streams:FALSE", "-d", "tcp.port==9,data",
                           "-Y", f"ip.src == 192.0.2.1 && ({condition})"],
                          capture_output=True, text=True, timeout=300, check=True)
    return said.stdout.splitlines()


@pytest.mark.parametrize("sender", ["weir", "kernel"])
@pytest.mark.parametrize("opener", ["weir", "kernel"])
def test_100_mib_with_the_kernel(namespace, tap_world, payload, tmp_path, sender, opener):
    path = payload(100)
    want = hashlib.sha256(path.read_bytes()).hexdigest()
    address = {"weir": "192.0.2.1", "kernel": "192.0.2.2"}
    other = {"weir": "kernel", "kernel": "weir"}
    processes = {}

    def launch(who, program, where):
        args = [sys.executable, "-c", program, where, str(path)]
        command = tap_world.command("a", *args) if who == "weir" else namespace.command(*args)
        processes[who] = subprocess.Popen(command, env=tap_world.env, stdout=subprocess.PIPE, text=True)
        return processes[who]

    capture = start_capture(namespace, tmp_path / "capture.pcap")
    try:
        program = {sender: SEND, other[sender]: RECEIVE}
        listener = launch(other[opener], program[other[opener]], "listen")
        assert listener.stdout.readline() == "ready\n"
        launch(opener, program[opener], address[other[opener]])
        got, _ = processes[other[sender]].communicate(timeout=180)
        assert processes[sender].wait(PATIENCE) == 0
        assert got.strip() == want
    finally:
        for process in processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()
        capture.terminate()
        capture.wait(PATIENCE)
        capture.stderr.close()
    path = tmp_path / "capture.pcap"
    assert frames(path, "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0") == []
    assert len(frames(path, "tcp.checksum.status == 1 && ip.checksum.status == 1")) > 1000
