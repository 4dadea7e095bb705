# SPDX-License-Identifier: Apache-2.0
"""The same calls on the kernel's sockets and on Weir's print the same; and what Weir cannot offer is refused with a
clear message, never handed to the kernel's TCP."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PATIENCE, wait_for

CALLS = Path(__file__).with_name("socket_calls.py")


def test_same_results_as_the_kernel(world):
    kernel = subprocess.run([sys.executable, str(CALLS)], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    weir = world.run("a", sys.executable, CALLS).decode()
    assert weir.splitlines() == kernel.splitlines()


def test_udp_is_refused_with_a_message(world):
    program = "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.sendto(b'x', ('10.0.0.2', 9))"
    done = subprocess.run(world.command("a", sys.executable, "-c", program), env=world.env, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1
    assert "weir:" in done.stderr and "UDP" in done.stderr
    assert world.counters("a")["udp_out"] == 0


def test_a_call_past_the_shim_fails_closed(world):
    program = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
for family in (2, 10):
    assert libc.syscall(41, family, 1, 0) == -1  # socket()
    print(errno.errorcode[ctypes.get_errno()])
"""
    assert world.run("a", sys.executable, "-c", program).split() == [b"EAFNOSUPPORT", b"EAFNOSUPPORT"]


def test_static_program_is_refused(world, tmp_path):
    source = tmp_path / "static.c"
    source.write_text("int main(void) { return 0; }\n")
    subprocess.run(["gcc", "-static", "-o", str(tmp_path / "static"), str(source)], check=True, timeout=PATIENCE)
    done = subprocess.run(world.command("a", tmp_path / "static"), env=world.env, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 126
    lines = done.stderr.strip().splitlines()
    assert 1 <= len(lines) <= 3 and "static" in done.stderr


@pytest.mark.parametrize("args,status", [(["--host", "nobody", "--", "true"], (2, 125)), (["--", "/no/such/program"], (127,))])
def test_what_cannot_be_run(world, args, status):
    done = subprocess.run([world.command("a")[0], "run", *args], env=world.env, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode in status
    assert 1 <= len(done.stderr.strip().splitlines()) <= 3


def test_exit_status_is_the_programs(world):
    for code in (0, 3):
        done = subprocess.run(world.command("a", "sh", "-c", f"exit {code}"), env=world.env, timeout=PATIENCE)
        assert done.returncode == code


HOLD = "import socket; l = socket.socket(); l.bind(('', 9)); l.listen(); print('ready', flush=True); c, _ = l.accept(); input()"
FILL = "import socket; c = socket.create_connection(('b', 9)); c.sendall(bytes(3000000))"


def test_queues_of_a_live_connection(world):
    """SendQ, RecvQ and Delivered of a stalled transfer; inferred where the program's own stream hides bytes."""
    server = world.start("b", sys.executable, "-c", HOLD, stdin=subprocess.PIPE)
    assert server.stdout.readline() == b"ready\n"
    world.start("a", sys.executable, "-c", FILL)

    def stalled():
        found = [s for s in world.sockets("a") if s["state"] == "ESTABLISHED" and s["sendq"]["bytes"] > 0]
        return found and found[0]

    sender = wait_for(stalled, "bytes in SendQ")
    doc = json.loads(world.weir("queues", f"a#{sender['id']}", "--json").stdout)
    assert [q["name"] for q in doc["queues"]] == ["SendQ", "RecvQ", "Delivered"]
    assert sum(q["bytes"] for q in doc["queues"]) == doc["written"]
    assert doc["exact"] is False
    assert "inferred" in world.weir("queues", f"a#{sender['id']}").stdout
    server.stdin.close()
    server.stdin = None
