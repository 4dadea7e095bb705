#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends its words in one datagram and waits for them to come back.

UDP repeats nothing, so the client does, five times at most.

usage: udp_echo_client.py HOST PORT WORDS
"""

import socket
import sys


def main(host, port, words):
    family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as server:
        server.connect(address)  # datagrams of others do not come in
        server.settimeout(3)
        for _ in range(5):
            server.send(words.encode())
            try:
                print("received:", server.recv(65536).decode())
                return
            except TimeoutError:
                continue
    sys.exit("no answer")


main(*sys.argv[1:]) if len(sys.argv) == 4 else sys.exit(__doc__)
