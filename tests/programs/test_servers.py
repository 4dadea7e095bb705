# SPDX-License-Identifier: Apache-2.0
"""redis, iperf3, Python's socketserver with threads, ncat both ways: all complete without error."""

import json
import subprocess
import sys
import threading

import pytest
from conftest import PATIENCE, need

SOCKETSERVER = """
import socketserver
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            piece = self.request.recv(65536)
            if not piece:
                return
            self.request.sendall(piece)
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
Server(("", 7), Echo).serve_forever()
"""

ECHO_CLIENT = """
import os, socket, sys, threading
def one():
    sent = os.urandom(300000)
    with socket.create_connection((sys.argv[1], 7)) as s:
        writer = threading.Thread(target=lambda: (s.sendall(sent), s.shutdown(socket.SHUT_WR)))
        writer.start()
        got = b''.join(iter(lambda: s.recv(65536), b''))
        writer.join()
    results.append(got == sent)
results = []
threads = [threading.Thread(target=one) for _ in range(20)]
[t.start() for t in threads]
[t.join() for t in threads]
assert results == [True] * 20, results
print("20 echoes")
"""


def start_redis(world):
    need("redis-server", "redis-benchmark")
    world.start("b", "redis-server", "--port", "6379", "--save", "", "--appendonly", "no", "--protected-mode", "no", "--bind", "0.0.0.0")
    world.listening("b", 6379)


@pytest.mark.parametrize("pipeline", [1, 16])
def test_redis_benchmark(world, pipeline):
    start_redis(world)
    out = world.run("a", "redis-benchmark", "-h", "b", "-t", "get,set", "-c", "50", "-n", "100000", "-P", pipeline, "--csv", timeout=120)
    rows = [line for line in out.decode().splitlines() if line.startswith('"')]
    assert [r.split(",")[0] for r in rows if "test" not in r] == ['"SET"', '"GET"']


@pytest.mark.parametrize("options", [["-t", "5"], ["-t", "2", "-P", "4"], ["-t", "2", "-R"]])
def test_iperf3(world, options):
    need("iperf3")
    world.start("b", "iperf3", "-s")
    world.listening("b", 5201)
    report = json.loads(world.run("a", "iperf3", "-c", "b", "-J", *options))
    assert "error" not in report
    received = report["end"]["sum_received"]
    assert received["bytes"] > 0
    assert received["bytes"] <= report["end"]["sum_sent"]["bytes"]


def test_python_socketserver_threads(world):
    world.start("b", sys.executable, "-c", SOCKETSERVER)
    world.listening("b", 7)
    assert world.run("a", sys.executable, "-c", ECHO_CLIENT, "b").strip() == b"20 echoes"


@pytest.mark.parametrize("sender", ["client", "server"])
def test_ncat(world, payload, sender):
    need("ncat")
    data = payload(8).read_bytes()
    server = world.start("b", "ncat", "-l", "9000", *(["--send-only"] if sender == "server" else ["--recv-only"]),
                         stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    world.listening("b", 9000)
    client = world.start("a", "ncat", "b", "9000", *(["--recv-only"] if sender == "server" else ["--send-only"]),
                         stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    source, sink = (server, client) if sender == "server" else (client, server)
    sink.stdin.close()
    sink.stdin = None
    feeder = threading.Thread(target=lambda: (source.stdin.write(data), source.stdin.close()))
    feeder.start()
    got = sink.stdout.read()
    feeder.join(PATIENCE)
    assert got == data
    assert sink.wait(PATIENCE) == 0


def test_fork_without_exec_serves(world):
    """A server that forks for each connection: descriptors are inherited, each child has its socket."""
    server = """
import os, signal, socket
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
l = socket.socket(); l.bind(("", 7)); l.listen(16)
while True:
    c, _ = l.accept()
    if os.fork() == 0:
        l.close()
        while True:
            piece = c.recv(65536)
            if not piece:
                os._exit(0)
            c.sendall(piece)
    c.close()
"""
    world.start("b", sys.executable, "-c", server)
    world.listening("b", 7)
    assert world.run("a", sys.executable, "-c", ECHO_CLIENT, "10.0.0.2").strip() == b"20 echoes"
