#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client that insists on its local port, and closes first.

Started again it cannot have the port while its old connection is in TIME_WAIT: bind() says EADDRINUSE.

usage: insistent_client.py HOST PORT LOCAL-PORT
"""

import socket
import sys


def main(host, port, local_port):
    with socket.socket() as server:
        server.bind(("", int(local_port)))
        server.connect((host, int(port)))
        print("connected from port", server.getsockname()[1])


main(*sys.argv[1:]) if len(sys.argv) == 4 else sys.exit(__doc__)
