#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends a file to the compression server, then reads the answer. It looks right and is not.

While it writes nobody takes what the server sends back. When the queues of that direction are full the server stops
reading, the queues of this direction fill too, and both programs wait in write() for ever. Small files fit into the
queues.

usage: gzip_client.py HOST PORT FILE COMPRESSED [SNDBUF [RCVBUF]]
"""

import socket
import sys

from dial import PIECE, dial, show


def main(host, port, source, result, *buffers):
    with dial(host, port, *buffers) as server, open(source, "rb") as file, open(result, "wb") as out:
        while piece := file.read(PIECE):
            server.sendall(piece)
            show("W")
        server.shutdown(socket.SHUT_WR)
        while piece := server.recv(PIECE):
            out.write(piece)
            show("R")
    show("\n")


main(*sys.argv[1:]) if len(sys.argv) > 4 else sys.exit(__doc__)
