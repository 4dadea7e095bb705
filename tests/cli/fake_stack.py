# SPDX-License-Identifier: Apache-2.0
"""A stack that answers what a test wants: one JSON document a line, each way, over a Unix socket."""

import json
import os
import socket
import threading


class FakeStack:
    """Answers every request with `reply`: a document, or bytes sent as they are; None hangs up."""

    def __init__(self, path, reply):
        self.path = path
        self.reply = reply
        self.requests = []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(8)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            with conn, conn.makefile("rb") as lines:
                self._answer(conn, lines)

    def _answer(self, conn, lines):
        for line in lines:
            self.requests.append(json.loads(line))
            if self.reply is None:
                return
            reply = self.reply if isinstance(self.reply, bytes) else json.dumps(self.reply).encode() + b"\n"
            try:
                conn.sendall(reply)
            except BrokenPipeError:
                return

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        os.unlink(self.path)


def end(text):
    """("10.0.0.1", 80) of "10.0.0.1:80"; "*" is the port of a wildcard."""
    addr, port = text.rsplit(":", 1)
    return {"addr": addr, "port": 0 if port == "*" else int(port)}


def sock(state, local, remote="0.0.0.0:*", **more):
    """A socket as the stack tells of it; `more` replaces values, recvq and sendq may be numbers of bytes."""
    queue = {"bytes": 0, "limit": 262144, "hidden": 0, "exact": True}
    told = {
        "id": 1,
        "proto": "tcp",
        "state": state,
        "local": end(local),
        "remote": end(remote),
        "recvq": queue,
        "sendq": {**queue, "unsent": 0},
        "out_of_order": 0,
        "written": 0,
        "delivered": 0,
        "program": None,
        "has_handle": True,
        "listener": 0,
        "accept_len": 0,
        "backlog": 0,
        "incomplete_len": 0,
        "accept_dropped": 0,
        "timer": {"kind": "none", "left_ns": 0, "retransmits": 0},
        "uid": 0,
        "inode": 0,
    }
    for name in ("recvq", "sendq"):
        given = more.pop(name, {})
        told[name] = {**told[name], **(given if isinstance(given, dict) else {"bytes": given})}
    return {**told, **more}


def world(**hosts):
    """The reply to "sockets" of a world whose hosts have these sockets."""
    return {
        "weir": 1,
        "time_ns": 0,
        "world": "default",
        "hosts": [{"name": name, "sockets": sockets, "counters": {}} for name, sockets in hosts.items()],
    }
