#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The compression client without the deadlock and with one thread.

The socket does not block, and a selector tells whether it can be written to or read from.

usage: gzip_client_select.py HOST PORT FILE COMPRESSED [SNDBUF [RCVBUF]]
"""

import selectors
import socket
import sys

from dial import PIECE, dial, show


def exchange(server, file, out):
    selector = selectors.DefaultSelector()
    selector.register(server, selectors.EVENT_READ | selectors.EVENT_WRITE)
    left = memoryview(b"")
    while True:
        (_, ready), = selector.select()
        if ready & selectors.EVENT_WRITE:
            left = left or memoryview(file.read(PIECE))
            if left:
                left = left[server.send(left):]
                show("W")
            else:
                server.shutdown(socket.SHUT_WR)
                selector.modify(server, selectors.EVENT_READ)
        if ready & selectors.EVENT_READ:
            piece = server.recv(PIECE)
            if not piece:
                return
            out.write(piece)
            show("R")


def main(host, port, source, result, *buffers):
    with dial(host, port, *buffers) as server, open(source, "rb") as file, open(result, "wb") as out:
        server.setblocking(False)
        exchange(server, file, out)
    show("\n")


main(*sys.argv[1:]) if len(sys.argv) > 4 else sys.exit(__doc__)
