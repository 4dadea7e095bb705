#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends its words to an echo server and waits until every byte has come back.

That is more than politeness: close() says nothing about delivery, and only the server's own bytes tell a client that
its message was read.

usage: echo_client.py HOST PORT WORDS
"""

import socket
import sys


def main(host, port, words):
    message = words.encode()
    back = b""
    with socket.create_connection((host, int(port))) as server:
        server.sendall(message)
        while len(back) < len(message):  # TCP keeps no message boundaries
            piece = server.recv(len(message) - len(back))
            if not piece:
                sys.exit(f"the server closed after {len(back)} of {len(message)} bytes")
            back += piece
    print("received:", back.decode())


main(*sys.argv[1:]) if len(sys.argv) == 4 else sys.exit(__doc__)
