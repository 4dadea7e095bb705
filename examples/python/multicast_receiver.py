#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Joins a group and prints the next datagram that is sent to it.

Several receivers on one host can share the port, and each gets its copy: for that each sets SO_REUSEADDR.

usage: multicast_receiver.py GROUP PORT
"""

import socket
import sys


def main(group, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        receiver.bind(("", int(port)))
        membership = socket.inet_aton(group) + socket.inet_aton("0.0.0.0")
        receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        print("received:", receiver.recv(65536).decode())


main(*sys.argv[1:]) if len(sys.argv) == 3 else sys.exit(__doc__)
