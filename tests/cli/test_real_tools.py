# SPDX-License-Identifier: Apache-2.0
"""The same sockets told by the real netstat and ss, and by Weir from a description of them. [T1.4]

Sockets of the kernel on loopback stand for every kind of row; what the real tool prints of them must be
what Weir prints when the stack describes them so.
"""

import os
import re
import shutil
import socket
import subprocess
import time

import pytest
from fake_stack import sock, world

WAIT_SECONDS = 10


def program_name():
    with open("/proc/self/cmdline", "rb") as line:
        return os.path.basename(line.read().split(b"\0")[0].decode())


def listener(family, addr, backlog, v6only=None):
    made = socket.socket(family)
    if v6only is not None:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    made.bind((addr, 0))
    made.listen(backlog)
    return made


def describe(made, state, **more):
    """A kernel's socket as the stack would tell of it."""
    ends = ["%s:%s" % made.getsockname()[:2], "%s:%s" % (("::" if made.family == socket.AF_INET6 else "0.0.0.0"), "*")]
    try:
        ends[1] = "%s:%s" % made.getpeername()[:2]
    except OSError:
        pass
    kind = "tcp" if made.type == socket.SOCK_STREAM else "udp"
    return sock(
        state,
        *ends,
        proto=kind + ("6" if made.family == socket.AF_INET6 else ""),
        program={"pid": os.getpid(), "name": program_name(), "fd": made.fileno()},
        inode=os.fstat(made.fileno()).st_ino,
        uid=os.geteuid(),
        **more,
    )


class Live:
    """Listeners of both families, connections with and without bytes, half-closed ones, UDP."""

    def __init__(self):
        v4 = listener(socket.AF_INET, "127.0.0.1", 7)
        both = listener(socket.AF_INET6, "::", 5, v6only=0)
        six = listener(socket.AF_INET6, "::1", 5, v6only=1)
        mapped = socket.create_connection(("127.0.0.1", both.getsockname()[1]))
        mapped_end, _ = both.accept()
        mapped.sendall(b"x" * 300)
        plain6 = socket.create_connection(six.getsockname()[:2])
        plain6_end, _ = six.accept()
        closing = socket.create_connection(v4.getsockname())
        closing_end, _ = v4.accept()
        closing.shutdown(socket.SHUT_WR)
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.bind(("0.0.0.0", 0))
        asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        asking.connect(("127.0.0.1", bound.getsockname()[1]))
        states = {
            v4: ("LISTEN", {"backlog": 7}),
            both: ("LISTEN", {"backlog": 5}),
            six: ("LISTEN", {"backlog": 5}),
            mapped: ("ESTABLISHED", {}),
            mapped_end: ("ESTABLISHED", {"recvq": 300}),
            plain6: ("ESTABLISHED", {}),
            plain6_end: ("ESTABLISHED", {}),
            closing: ("FIN_WAIT_2", {}),
            closing_end: ("CLOSE_WAIT", {}),
            bound: ("CLOSED", {}),
            asking: ("ESTABLISHED", {}),
        }
        self.sockets = list(states)
        self.told = [describe(made, state, **more) for made, (state, more) in states.items()]
        self.ports = sorted({made.getsockname()[1] for made in self.sockets})
        self.settle(closing, closing_end, mapped_end)

    def settle(self, closing, closing_end, mapped_end):
        """Awaits the states and bytes that are described: the FIN has come and is acknowledged, 300 bytes are there."""
        mapped_end.recv(300, socket.MSG_PEEK | socket.MSG_WAITALL)
        assert closing_end.recv(1, socket.MSG_PEEK) == b""
        deadline = time.monotonic() + WAIT_SECONDS
        while closing.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) != b"\x05":
            assert time.monotonic() < deadline
            time.sleep(0.001)  # no call awaits FIN_WAIT_2

    def rows(self, text):
        """The lines of the real tool that are about these sockets: other programs' may share one port, not both."""
        ours = {(str(told["local"]["port"]), str(told["remote"]["port"] or "*")) for told in self.told}
        return [line for line in text.splitlines() if tuple(re.findall(r":(\d+|\*)(?= |$)", line)[:2]) in ours]

    def close(self):
        for made in self.sockets:
            made.close()


@pytest.fixture
def live():
    sockets = Live()
    yield sockets
    sockets.close()


def real(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(not shutil.which("netstat"), reason="net-tools is not installed")
@pytest.mark.parametrize("flags", ["-tuan", "-tuanW", "-tuanp", "-tane", "-tln", "-tn", "-un", "-uln", "-tuanpeo"])
def test_netstat_prints_the_same(weir, live, flags):
    told = real("netstat", flags)
    weir.serve(world(a=live.told))
    ours = weir.out("netstat", flags, "--kernel-counts").splitlines()
    assert ours[:2] == told.splitlines()[:2]
    assert len(ours) > 2 and sorted(ours[2:]) == sorted(live.rows(told))


def words(text):
    """Lines as words: ss pads to widths that depend on everything it prints, and joins two headers in a pipe."""
    return [" ".join(line.replace("PortProcess", "Port Process").split()) for line in text.splitlines()]


@pytest.mark.skipif(not shutil.which("ss"), reason="iproute2 is not installed")
@pytest.mark.parametrize("flags", ["-tuanp", "-tanp", "-tlnp", "-tnpH", "-unpa", "-tan4p", "-tan6p"])
@pytest.mark.parametrize("states", [[], ["state", "established"], ["state", "listening"], ["exclude", "close-wait"]])
def test_ss_prints_the_same(weir, live, flags, states):
    ports = " or ".join(f"sport = :{port}" for port in live.ports)
    told = real("ss", flags, *states, f"( {ports} )")
    weir.serve(world(a=live.told))
    ours = words(weir.out("ss", flags, "--kernel-counts", *states, f"( {ports} )"))
    first = 0 if "H" in flags else 1
    assert ours[:first] == words(told)[:first] and sorted(ours[first:]) == sorted(words("\n".join(live.rows(told))))


@pytest.mark.skipif(not shutil.which("ss"), reason="iproute2 is not installed")
def test_ss_aligns_the_same(weir, live):
    """Column for column, where a long state and long addresses make ss's own widths larger than Weir's least ones."""
    flags = ["-tanp", "( " + " or ".join(f"sport = :{port}" for port in live.ports) + " )"]
    told = live.rows(real("ss", *flags))
    weir.serve(world(a=live.told))
    ours = weir.out("ss", *flags, "--kernel-counts").splitlines()[1:]
    starts = {len(re.match(r"\S+ +\S+ +\S+ +\S+:", line).group()) for line in ours}
    assert len(ours) == len(told) and len(starts) == 1
    assert starts == {len(re.match(r"\S+ +\S+ +\S+ +\S+:", line).group()) for line in told}
