#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends its words to a group, in one datagram. How far it goes is its time to live: 1 stays on this link.

usage: multicast_sender.py GROUP PORT WORDS [TTL]
"""

import socket
import sys


def main(group, port, words, ttl=1):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, int(ttl))
        sender.sendto(words.encode(), (group, int(port)))


main(*sys.argv[1:]) if len(sys.argv) > 3 else sys.exit(__doc__)
