# SPDX-License-Identifier: Apache-2.0
"""T6.8: SO_LINGER {1,n} under unchanged programs. close() blocks until the closing handshake is done or the time is up,
and tells which: 0, or -1 and EWOULDBLOCK (an IOException in Java, where the book's program could not learn it)."""

import select
import signal
import sys

import pytest
from book import LANGUAGES, classes, connections, example  # noqa: F401 (fixtures)
from conftest import PATIENCE, wait_for

PORT = 9
EXACT_BYTES = 100000  # more than the server's RecvQ, less than SendQ
BYTES = 450000  # the same when the stream of the program that does not read holds up to 425984
SINK = """
import socket
l = socket.socket(); l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 3000); l.bind(("", 9)); l.listen()
s, _ = l.accept()
input()
n = 0
while piece := s.recv(65536):
    n += len(piece)
s.close()
print(n, flush=True)
"""


def start(world, example, language, n, seconds):
    """A server that does not read yet, and a client that has written and is in close()."""
    sink = world.start("b", sys.executable, "-c", SINK, stdin=-1, text=True)
    world.listening("b", PORT)
    client = world.start("a", *example(language, "lingering_client"), "b", PORT, n, seconds, text=True)
    assert client.stdout.readline() == "written\n"
    return sink, client


def state(world):
    return [s["state"] for s in connections(world, "a", PORT)]


def let_read(sink):
    sink.stdin.write("\n")
    sink.stdin.flush()


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_T6_8_close_waits_until_the_other_side_has_everything(world, example, language, exact):
    world.exact = exact
    n = EXACT_BYTES if exact else BYTES
    sink, client = start(world, example, language, n, 50)
    wait_for(lambda: state(world) == ["FIN_WAIT_1"], "closed by the program, and everything in SendQ")
    assert [s.get("linger") for s in connections(world, "a", PORT)] == ["waits"]
    assert select.select([client.stdout], [], [], 0)[0] == []  # close() has not returned
    let_read(sink)
    assert client.stdout.readline() == "closed\n"
    assert state(world) in (["FIN_WAIT_2"], ["TIME_WAIT"])
    assert sink.communicate(timeout=PATIENCE)[0] == f"{n}\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_T6_8_close_says_when_the_time_was_up_first(world, example, language):
    sink, client = start(world, example, language, BYTES, 1)
    assert client.stdout.readline().startswith("closed, but not in time: Resource temporarily unavailable")
    assert client.wait(PATIENCE) == 0
    assert state(world) == ["FIN_WAIT_1"]  # it goes on without the program
    assert [s["linger"] for s in connections(world, "a", PORT)] == ["time is up"]
    assert 'weir_linger:"time is up"' in world.weir("ss", "-ti", "a").stdout
    let_read(sink)
    assert sink.communicate(timeout=PATIENCE)[0] == f"{BYTES}\n"


def test_close_does_not_wait_when_another_process_has_the_socket(world):
    program = """
import os, socket, struct
s = socket.create_connection(("b", 9))
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 50))
s.sendall(bytes(450000))
if os.fork() == 0:
    input()
    os._exit(0)
os.close(s.detach())
print("closed", flush=True)
os._exit(0)
"""
    world.start("b", sys.executable, "-c", SINK, stdin=-1)
    world.listening("b", PORT)
    client = world.start("a", sys.executable, "-c", program, stdin=-1, text=True)
    assert client.stdout.readline() == "closed\n"
    assert state(world) == ["ESTABLISHED"]
    client.stdin.close()
    wait_for(lambda: state(world) == ["FIN_WAIT_1"], "the child has closed it too")


def test_a_signal_ends_the_wait(world):
    program = """
import os, signal, socket, struct
signal.signal(signal.SIGALRM, lambda *_: None)
signal.siginterrupt(signal.SIGALRM, True)
s = socket.create_connection(("b", 9))
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 50))
s.sendall(bytes(450000))
print(os.getpid(), flush=True)
os.close(s.detach())
print("closed", flush=True)
"""
    world.start("b", sys.executable, "-c", SINK, stdin=-1)
    world.listening("b", PORT)
    client = world.start("a", sys.executable, "-c", program, text=True)
    client.stdout.readline()
    wait_for(lambda: state(world) == ["FIN_WAIT_1"], "in close()")
    client.send_signal(signal.SIGALRM)
    assert client.stdout.readline() == "closed\n"
