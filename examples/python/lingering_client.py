#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes N bytes to a server and closes with SO_LINGER.

close() waits until the other host's TCP has all of them and has answered the closing message, but no longer than the
time given.

usage: lingering_client.py HOST PORT BYTES SECONDS
"""

import os
import socket
import struct
import sys


def main(host, port, total, seconds):
    server = socket.create_connection((host, int(port)))
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, int(seconds)))
    server.sendall(bytes(int(total)))
    print("written", flush=True)
    try:
        os.close(server.detach())
        print("closed", flush=True)
    except OSError as why:
        print("closed, but not in time:", why.strerror, flush=True)


main(*sys.argv[1:]) if len(sys.argv) == 5 else sys.exit(__doc__)
