#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The compression client without the deadlock: a second thread writes, this one reads.

The writer ends the stream when the file is sent; the reader takes what comes meanwhile, so the queues of the answer
always drain.

usage: gzip_client_threads.py HOST PORT FILE COMPRESSED [SNDBUF [RCVBUF]]
"""

import socket
import sys
import threading

from dial import PIECE, dial, show


def send(server, source):
    with open(source, "rb") as file:
        while piece := file.read(PIECE):
            server.sendall(piece)
            show("W")
    server.shutdown(socket.SHUT_WR)


def main(host, port, source, result, *buffers):
    with dial(host, port, *buffers) as server, open(result, "wb") as out:
        sender = threading.Thread(target=send, args=(server, source))
        sender.start()
        while piece := server.recv(PIECE):
            out.write(piece)
            show("R")
        sender.join()
    show("\n")


main(*sys.argv[1:]) if len(sys.argv) > 4 else sys.exit(__doc__)
