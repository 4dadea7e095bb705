#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends each datagram back to where it came from.

usage: udp_echo_server.py PORT
"""

import socket
import sys


def main(port):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as server:
        server.bind(("", int(port)))
        while True:
            server.sendto(*server.recvfrom(65536))


main(*sys.argv[1:]) if len(sys.argv) == 2 else sys.exit(__doc__)
