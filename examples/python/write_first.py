#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One half of a pair of which both write N bytes before they read N bytes.

Whether they ever return depends on N and on the sizes of four queues: with SQS + RQS of a direction or less a write
needs no reader; with one byte more both wait for each other.

usage: write_first.py HOST|-l PORT BYTES [SNDBUF [RCVBUF]]
"""

import socket
import sys

from dial import dial


def exchange(peer, total):
    got = 0
    with peer:
        peer.sendall(bytes(total))
        print("written", total, flush=True)
        while got < total and (piece := peer.recv(total - got)):
            got += len(piece)
    print("read", got, flush=True)


def main(host, port, total, sndbuf=0, rcvbuf=0):
    if host != "-l":
        return exchange(dial(host, port, sndbuf, rcvbuf), int(total))
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for option, size in ((socket.SO_SNDBUF, sndbuf), (socket.SO_RCVBUF, rcvbuf)):
            if int(size):
                server.setsockopt(socket.SOL_SOCKET, option, int(size))
        server.bind(("", int(port)))
        server.listen()
        exchange(server.accept()[0], int(total))


main(*sys.argv[1:]) if len(sys.argv) > 3 else sys.exit(__doc__)
