# SPDX-License-Identifier: Apache-2.0
"""Unchanged programs over a bad link: 20 ms of delay, loss, reordering and duplication; what arrives is right."""

import hashlib
import sys

import pytest

WORLD = """
host {{ name = "a", address = {{ "10.0.0.1/24", "fd00::1/64" }} }}
host {{ name = "b", address = {{ "10.0.0.2/24", "fd00::2/64" }} }}
link {{ "a", "b", delay = "20ms", loss = "1%", reorder = "1%", duplicate = "1%", seed = {seed} }}
"""

SEND = """
import socket, sys
l = socket.socket(socket.AF_INET6); l.bind(("::", 9)); l.listen(1)
print("ready", flush=True)
c, _ = l.accept()
c.sendall(open(sys.argv[1], "rb").read())
c.close()
"""

RECEIVE = """
import hashlib, socket
c = socket.create_connection(("b", 9))
h = hashlib.sha256()
for piece in iter(lambda: c.recv(1 << 16), b""):
    h.update(piece)
print(h.hexdigest())
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_file_over_a_bad_link(make_world, payload, seed):
    world = make_world(WORLD.format(seed=seed))
    path = payload(2)
    sender = world.start("b", sys.executable, "-c", SEND, path, text=True)
    assert sender.stdout.readline() == "ready\n"
    got = world.run("a", sys.executable, "-c", RECEIVE, timeout=180)
    assert got.decode().strip() == hashlib.sha256(path.read_bytes()).hexdigest()
    assert world.counters("b")["tcp_resent"] > 0
