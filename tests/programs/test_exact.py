# SPDX-License-Identifier: Apache-2.0
"""Queues that are exact to the byte under unchanged programs: weir run --exact.

The pairs of the book hang at the size that the bounds predict (T3.2, T3.3, T3.4), on any SO_SNDBUF and SO_RCVBUF (T4.2).
"""

import gzip
import os
import sys
import zlib

import pytest
from book import LANGUAGES, bounds, classes, connections, example  # noqa: F401 (fixtures)
from conftest import PATIENCE, need, wait_for

PORT = 9
JDK_RCVBUF = 1024  # the JDK asks for so much when less is wanted
MSS = 1460  # of a link without faults


@pytest.fixture
def exact(make_world):
    world = make_world()
    world.exact = True
    return world


def start_pair(world, example, language, n, server_buffers, client_buffers):
    """Both write n bytes before they read n."""
    server = world.start("b", *example(language, "write_first"), "-l", PORT, n, *server_buffers, text=True)
    world.listening("b", PORT)
    client = world.start("a", *example(language, "write_first"), "b", PORT, n, *client_buffers, text=True)
    return server, client


def both_blocked(world, left):
    """Both programs are in write() with so many bytes that are in no queue: nobody reads, so for ever."""
    return [bounds(world, host, PORT).get("uncopied") for host in "ab"] == list(left)


def returns(world, example, language, n, server_buffers, client_buffers):
    for process in start_pair(world, example, language, n, server_buffers, client_buffers):
        said = process.communicate(timeout=PATIENCE)[0]
        assert said == f"written {n}\nread {n}\n"
    world.weir("down")
    world.weir("up")


def hangs(world, example, language, n, server_buffers, client_buffers):
    """Hangs, with every queue at its bound and every byte accounted for."""
    pair = start_pair(world, example, language, n, server_buffers, client_buffers)
    there, back = client_buffers[0] + server_buffers[1], server_buffers[0] + client_buffers[1]
    wait_for(lambda: both_blocked(world, (n - there, n - back)), "both are stuck, by the bytes that do not fit")
    assert bounds(world, "a", PORT)["sum"] == there and bounds(world, "b", PORT)["sum"] == back
    for host, sizes in (("a", client_buffers), ("b", server_buffers)):
        (s,) = connections(world, host, PORT)
        for name, size in zip(("sendq", "recvq"), sizes):
            assert (s[name]["bytes"], s[name]["limit"], s[name]["exact"]) == (size, size, True)
    for process in pair:
        process.kill()
        assert "written" not in process.communicate(timeout=PATIENCE)[0]
    world.weir("down")
    world.weir("up")


GRID = [(1, 1), (1, 2), (2, 1), (3, 500), (500, 3), (500, 500), (1000, 4000), (1448, 1449), (20000, 7), (65536, 100000)]


@pytest.mark.parametrize("buffers", GRID)
def test_T3_2_a_write_of_sqs_plus_rqs_returns_and_one_byte_more_hangs(exact, example, buffers):
    n = sum(buffers)
    returns(exact, example, "c", n, buffers, buffers)
    hangs(exact, example, "c", n + 1, buffers, buffers)


@pytest.mark.parametrize("language", ["c", "python"])
def test_T3_3_both_write_1500_with_queues_of_500(exact, example, language):
    hangs(exact, example, language, 1500, (500, 500), (500, 500))
    hangs(exact, example, language, 1001, (500, 500), (500, 500))
    returns(exact, example, language, 1000, (500, 500), (500, 500))


def test_T3_3_in_Java_whose_runtime_asks_for_no_less_than_1024_bytes_of_RecvQ(exact, example):
    hangs(exact, example, "java", 1525, (500, JDK_RCVBUF), (500, JDK_RCVBUF))
    returns(exact, example, "java", 1524, (500, JDK_RCVBUF), (500, JDK_RCVBUF))
    returns(exact, example, "java", 1524, (500, 500), (500, 500))


def test_T4_2_the_larger_direction_decides(exact, example):
    """One of the two returns from its write, reads, and frees the other."""
    server, client = (300, 5000), (100, 700)  # 5100 from client to server, 1000 back
    returns(exact, example, "c", 5100, server, client)
    hangs(exact, example, "c", 5101, server, client)


def compressed_after(data, limit):
    """How many bytes a compressor must have taken before it has given more than `limit`."""
    compressor, given = zlib.compressobj(wbits=16 + zlib.MAX_WBITS), 0
    for taken in range(1, len(data) + 1):
        given += len(compressor.compress(data[taken - 1 : taken]))
        if given > limit:
            return taken
    raise AssertionError("not enough data")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sqs,rqs", [(500, 500), (700, 3000), (4096, 16384), (60000, 30000)])
def test_T3_4_the_compression_client_hangs_at_the_size_that_the_bounds_predict(exact, example, tmp_path, language, sqs, rqs):
    """The server stops reading when what it has written back is more than SQS + RQS; then SQS + RQS more go in.

    Known to the server's last read, and to what of RecvQ is free but too little to be announced (RFC 9293 s3.8.6.2.2).
    """
    data = os.urandom(400000)
    original, packed = tmp_path / "original", tmp_path / "packed"
    back = sqs + (max(rqs, JDK_RCVBUF) if language == "java" else rqs)
    most = compressed_after(data, back) + sqs + rqs
    server = exact.start("b", *example("python", "gzip_server"), PORT, 0, sqs, rqs, text=True)
    exact.listening("b", PORT)

    original.write_bytes(data[: most - min(MSS, rqs // 2)])
    said = exact.run("a", *example(language, "gzip_client"), "b", PORT, original, packed, sqs, rqs).decode()
    assert said.strip().strip("W").strip("R") == ""
    assert gzip.decompress(packed.read_bytes()) == original.read_bytes()
    assert server.poll() is None

    wait_for(lambda: not [s for s in exact.sockets("b") if s["state"] == "ESTABLISHED"], "the first client is done")
    original.write_bytes(data[: most + min(4096, rqs) + 1])
    client = exact.start("a", *example(language, "gzip_client"), "b", PORT, original, packed, sqs, rqs, text=True)

    wait_for(lambda: all("uncopied" in bounds(exact, host, PORT) for host in "ab"), "both are stuck")
    client.kill()
    assert set(client.communicate(timeout=PATIENCE)[0]) == {"W"}


WRITER = """
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8000)
s.connect(("b", 9))
for n in (1000, 2000, 5000):
    assert s.send(bytes(n)) == n
input()
"""
READER = """
import socket
def room(s, n): s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, n)
l = socket.socket(); room(l, 1500); l.bind(("", 9)); l.listen()
s, _ = l.accept()
input(); print(len(s.recv(2000)), flush=True); room(s, 6000)
input(); room(s, 2000); print(len(s.recv(4000)), flush=True)
input()
"""


def test_T2_3_figures_6_2_to_6_4_with_real_programs(exact):
    """The bytes of each write, told apart, in the three queues; the sizes of RecvQ make the book's figures."""
    pipes = {"stdin": -1, "text": True}
    reader = exact.start("b", sys.executable, "-c", READER, **pipes)
    exact.listening("b", PORT)
    exact.start("a", sys.executable, "-c", WRITER, **pipes)

    def picture():
        for s in connections(exact, "a", PORT):
            said = exact.weir("--ascii", "queues", f"a#{s['id']}")
            assert said.stderr == ""  # nothing is inferred
            return [" ".join(line.split()[2:]).lstrip("#=- ") for line in said.stdout.splitlines()[1:4]]
        return None

    def is_shown(*rows):
        wait_for(lambda: picture() == list(rows), rows)

    def go():
        reader.stdin.write("\n")
        reader.stdin.flush()
        return reader.stdout.readline()

    is_shown("6500 (1500 of #2, 5000 of #3)", "1500 (1000 of #1, 500 of #2)", "0")
    assert go() == "1500\n"
    is_shown("500 (500 of #3)", "6000 (1500 of #2, 4500 of #3)", "1500 (1000 of #1, 500 of #2)")
    assert go() == "4000\n"
    is_shown("500 (500 of #3)", "2000 (2000 of #3)", "5500 (1000 of #1, 2000 of #2, 2500 of #3)")


@pytest.mark.parametrize("name", ["gzip_client_threads", "gzip_client_select"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_T3_5_T3_6_the_cures_work_with_any_buffers(exact, example, tmp_path, language, name):
    original, packed = tmp_path / "original", tmp_path / "packed"
    server = exact.start("b", *example(language, "gzip_server"), PORT, 3, 700, 3000, text=True)
    exact.listening("b", PORT)
    for size, buffers in ((0, (1, 1)), (3000, (100, 2000)), (60000, (5000, 2000))):
        original.write_bytes(os.urandom(size))
        exact.run("a", *example(language, name), "b", PORT, original, packed, *buffers)
        assert gzip.decompress(packed.read_bytes()) == original.read_bytes()
    assert server.wait(PATIENCE) == 0


def test_a_file_over_http(exact, payload):
    need("curl")
    path = payload(3)
    exact.start("b", sys.executable, "-m", "http.server", "-d", path.parent, "8000")
    exact.listening("b", 8000)
    assert exact.run("a", "curl", "-sS", f"http://b:8000/{path.name}") == path.read_bytes()


def test_a_blocked_write_ends_with_the_time_out_of_the_socket(exact):
    """SO_SNDTIMEO: what has been copied until then is what the write returns; then EAGAIN."""
    program = """
import socket, struct
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 300)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 2, 0))
s.connect(("b", 9))
n = s.send(bytes(2000))
try:
    s.send(b"x")
except BlockingIOError:
    print(n)
"""
    sink = "import socket; l = socket.socket(); l.setsockopt(1, 8, 700); l.bind(('', 9)); l.listen(); s = l.accept(); input()"
    exact.start("b", sys.executable, "-c", sink, stdin=-1)
    exact.listening("b", PORT)
    assert exact.run("a", sys.executable, "-c", program) == b"1000\n"


def test_urgent_data(exact):
    """A byte out of its turn would be in no queue: sending it is refused, and what comes is ordinary."""
    program = """
import errno, socket
listener = socket.create_server(("127.0.0.1", 9))
client = socket.create_connection(("127.0.0.1", 9))
server, _ = listener.accept()
try:
    client.send(b"x", socket.MSG_OOB)
except OSError as e:
    print(e.errno == errno.EOPNOTSUPP)
"""
    assert exact.run("a", sys.executable, "-c", program) == b"True\n"
    take = """
import socket
listener = socket.create_server(("", 9))
server, _ = listener.accept()
got = b""
while piece := server.recv(100):
    got += piece
print(got.decode())
"""
    send = """
import socket
client = socket.create_connection(("b", 9))
client.send(b"ab"); client.send(b"U", socket.MSG_OOB); client.send(b"cd")
"""
    server = exact.start("b", sys.executable, "-c", take, text=True)
    exact.listening("b", PORT)
    exact.exact = False
    exact.run("a", sys.executable, "-c", send)
    assert server.communicate(timeout=PATIENCE)[0] == "abUcd\n"
