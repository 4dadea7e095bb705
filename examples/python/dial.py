# SPDX-License-Identifier: Apache-2.0
"""What the clients share: a connected socket with queues of given sizes, and letters that show calls as they happen."""

import socket
import sys

PIECE = 4096


def dial(host, port, sndbuf=0, rcvbuf=0):
    """Buffers are set before the handshake, so the server sees the window that they make."""
    error = None
    for family, kind, protocol, _, address in socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM):
        server = socket.socket(family, kind, protocol)
        for option, size in ((socket.SO_SNDBUF, sndbuf), (socket.SO_RCVBUF, rcvbuf)):
            if int(size):
                server.setsockopt(socket.SOL_SOCKET, option, int(size))
        try:
            server.connect(address)
            return server
        except OSError as why:
            error = why
            server.close()
    sys.exit(f"{host}: {error}")


def show(letter):
    """W for a write, R for a read."""
    sys.stdout.write(letter)
    sys.stdout.flush()
