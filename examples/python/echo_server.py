#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends back what its clients send, one client after the other, until each has ended its stream.

usage: echo_server.py PORT [CLIENTS]
"""

import socket
import sys


def echo(client):
    total = 0
    while piece := client.recv(4096):
        client.sendall(piece)
        total += len(piece)
    print("echoed", total, flush=True)


def main(port, clients=0):
    with socket.create_server(("", int(port)), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        left = int(clients) or -1
        while left:
            client, _ = server.accept()
            with client:
                echo(client)
            left -= 1


main(*sys.argv[1:]) if len(sys.argv) > 1 else sys.exit(__doc__)
