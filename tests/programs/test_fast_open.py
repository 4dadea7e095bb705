# SPDX-License-Identifier: Apache-2.0
"""TCP Fast Open of unchanged programs: the second connection's request goes with its SYN."""

import sys

from conftest import end

SERVER = """
import socket
s = socket.socket()
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 5)
s.bind(("", 7))
s.listen()
while True:
    peer, _ = s.accept()
    peer.sendall(peer.recv(1000).upper())
    peer.close()
"""

CLIENT = """
import socket
TCP_FASTOPEN_CONNECT, SYN_DATA = 30, 32
for _ in range(2):
    with socket.socket() as s:
        s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
        s.connect(("10.0.0.2", 7))
        s.sendall(b"request")
        print(s.recv(1000).decode(), bool(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[5] & SYN_DATA))
"""


def test_the_second_request_goes_with_the_syn(world):
    server = world.start("b", sys.executable, "-c", SERVER)
    world.listening("b", 7)
    assert world.run("a", sys.executable, "-c", CLIENT).decode().split("\n")[:2] == ["REQUEST False", "REQUEST True"]
    assert world.counters("b")["tcp_fast_opens"] == 1
    end(server)
