#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads uncompressed bytes and writes back compressed ones as it goes; ends its stream when the client has.

It holds little: a client that only writes finds, sooner or later, all queues of both directions full.

usage: gzip_server.py PORT [CLIENTS [SNDBUF [RCVBUF]]]
"""

import socket
import sys
import zlib

GZIP = 16 + zlib.MAX_WBITS


def compress(client):
    compressor = zlib.compressobj(wbits=GZIP)
    while piece := client.recv(4096):
        client.sendall(compressor.compress(piece))
    client.sendall(compressor.flush())


def main(port, clients=0, sndbuf=0, rcvbuf=0):
    with socket.socket(socket.AF_INET6) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for option, size in ((socket.SO_SNDBUF, sndbuf), (socket.SO_RCVBUF, rcvbuf)):
            if int(size):
                server.setsockopt(socket.SOL_SOCKET, option, int(size))
        server.bind(("", int(port)))
        server.listen()
        left = int(clients) or -1
        while left:
            client, _ = server.accept()
            with client:
                compress(client)
            left -= 1


main(*sys.argv[1:]) if len(sys.argv) > 1 else sys.exit(__doc__)
