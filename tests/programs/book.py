# SPDX-License-Identifier: Apache-2.0
"""The example programs (examples/) in their three languages, and when a pair of them is stuck."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, WEIR, need

EXAMPLES = ROOT / "examples"
LANGUAGES = ["c", "java", "python"]
NAMES = {  # as examples/python calls them: in Java
    "echo_client": "EchoClient",
    "echo_server": "EchoServer",
    "gzip_server": "GzipServer",
    "gzip_client": "GzipClient",
    "gzip_client_threads": "GzipClientThreads",
    "gzip_client_select": "GzipClientSelector",
    "write_first": "WriteFirst",
    "insistent_client": "InsistentClient",
    "lingering_client": "LingeringClient",
}
C_NAMES = {"gzip_client_select": "gzip_client_poll"}
WRITES = {1, 20, 44, 46}  # write, writev, sendto, sendmsg


@pytest.fixture(scope="session")
def classes(tmp_path_factory):
    need("java", "javac")
    directory = tmp_path_factory.mktemp("classes")
    sources = sorted((EXAMPLES / "java").glob("*.java"))
    subprocess.run(["javac", "-d", str(directory), *map(str, sources)], check=True, timeout=120)
    return directory


@pytest.fixture
def example(request):
    """example(language, name): the words that start it."""

    def words(language, name):
        if language == "python":
            return [sys.executable, EXAMPLES / "python" / f"{name}.py"]
        if language == "java":
            return ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", request.getfixturevalue("classes"), NAMES[name]]
        return [Path(WEIR).parent / "examples" / "c" / C_NAMES.get(name, name)]

    return words


def connections(world, host, port):
    """Connections of a host that have this port on one side."""
    return [s for s in world.sockets(host) if s["state"] != "LISTEN" and port in (s["local"]["port"], s["remote"]["port"])]


def blocked_in_write(pid):
    """A thread of the process is inside a system call that writes."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            call = (task / "syscall").read_text().split()[0]
        except OSError:
            continue
        if call.isdigit() and int(call) in WRITES:
            return True
    return False


def bounds(world, host, port):
    """SQS, RQS and their sum for what this host sends, as `weir queues` tells them, and what a blocked write has left."""
    for s in connections(world, host, port):
        if s["state"] != "ESTABLISHED":
            continue
        return json.loads(world.weir("--json", "queues", f"{host}#{s['id']}").stdout)["bounds"]
    return {}


def queues(socket):
    return {name: (socket[name]["bytes"], socket[name]["hidden"]) for name in ("sendq", "recvq")}


def is_stuck(world, port, client, server):
    """Both programs are inside write(), and both directions are full from end to end: nobody can go on, ever.

    Each SendQ is at its bound and the other side's window is closed, because nobody reads there; in the programs' own
    streams something waits, and does not move from one look to the next.
    """

    def look():
        sides = connections(world, "a", port) + connections(world, "b", port)
        full = len(sides) == 2 and all(
            s["sendq"]["bytes"] == s["sendq"]["limit"] and s["tcp"]["snd_wnd"] == 0 for s in sides
        )
        if not full or not blocked_in_write(client.pid) or not blocked_in_write(server.pid):
            return None
        return [queues(s) for s in sides]

    first = look()
    return first is not None and first == look()
