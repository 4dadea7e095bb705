# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of a transfer: the other side sees what it would see on Linux, no socket is left after the
documented time-outs, and the daemon's memory returns to where it was."""

import signal
import sys

from conftest import PATIENCE, wait_for

# Shorter waits than the defaults, so that the test sees their end.
WORLD = """
host { name = "a", address = { "10.0.0.1/24", "fd00::1/64" }, time_wait = "1s", fin_wait_2 = "1s" }
host { name = "b", address = { "10.0.0.2/24", "fd00::2/64" }, time_wait = "1s", fin_wait_2 = "1s" }
link { "a", "b" }
"""

SINK = """
import socket, sys
l = socket.socket(); l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); l.bind(("", 9)); l.listen(1)
print("ready", flush=True)
c, _ = l.accept()
n = 0
try:
    while True:
        piece = c.recv(1 << 16)
        if not piece:
            break
        n += len(piece)
        if n > 1 << 22:
            print("flowing", flush=True); n = -1 << 60
    print("end of stream", flush=True)
except OSError as e:
    print(e.strerror, flush=True)
"""

SOURCE = """
import socket, sys
c = socket.create_connection(("b", 9))
sent = 0
try:
    while True:
        sent += c.send(bytes(1 << 16))
        if sent > 1 << 22:
            print("flowing", flush=True); sent = -1 << 60
except OSError as e:
    print(e.strerror, flush=True)
"""


def start_pair(world):
    sink = world.start("b", sys.executable, "-c", SINK, text=True)
    assert sink.stdout.readline() == "ready\n"
    source = world.start("a", sys.executable, "-c", SOURCE, text=True)
    assert source.stdout.readline() == "flowing\n"
    assert sink.stdout.readline() == "flowing\n"
    return sink, source


def nothing_left(world):
    return not world.sockets("a") and not world.sockets("b")


def test_killed_sender_ends_the_stream_in_order(make_world):
    world = make_world(WORLD)
    sink, source = start_pair(world)
    source.send_signal(signal.SIGKILL)
    assert sink.stdout.readline() == "end of stream\n"
    assert sink.wait(PATIENCE) == 0
    wait_for(lambda: nothing_left(world), "all sockets gone")


def test_killed_receiver_resets_the_sender(make_world):
    world = make_world(WORLD)
    sink, source = start_pair(world)
    sink.send_signal(signal.SIGKILL)
    assert source.stdout.readline() in ("Connection reset by peer\n", "Broken pipe\n")
    source.wait(PATIENCE)
    wait_for(lambda: nothing_left(world), "all sockets gone")


def test_daemon_memory_returns(make_world):
    world = make_world(WORLD)

    def round_of_kills():
        sink, source = start_pair(world)
        source.send_signal(signal.SIGKILL)
        sink.wait(PATIENCE)
        sink, source = start_pair(world)
        sink.send_signal(signal.SIGKILL)
        source.wait(PATIENCE)
        wait_for(lambda: nothing_left(world), "all sockets gone")

    round_of_kills()  # the first one warms caches up
    before = world.memory_kib()
    for _ in range(4):
        round_of_kills()
    assert world.memory_kib() < before + 2048


def test_killed_while_listening_frees_the_port(make_world):
    world = make_world(WORLD)
    server = world.start("b", sys.executable, "-c", SINK, text=True)
    assert server.stdout.readline() == "ready\n"
    server.send_signal(signal.SIGKILL)
    server.wait(PATIENCE)
    wait_for(lambda: not world.sockets("b"), "listener gone")
    again = world.start("b", sys.executable, "-c", SINK, text=True)
    assert again.stdout.readline() == "ready\n"
