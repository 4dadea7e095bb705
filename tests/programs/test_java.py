# SPDX-License-Identifier: Apache-2.0
"""The echo pairs of examples/java on an unmodified JVM, every pairing of blocking sockets and selectors."""

import subprocess

import pytest
from book import classes  # noqa: F401 (a fixture)
from conftest import PATIENCE


@pytest.mark.parametrize("family", ["dual", "v4"])
@pytest.mark.parametrize("client", ["EchoClient", "SelectorEchoClient"])
@pytest.mark.parametrize("server", ["EchoServer", "SelectorEchoServer"])
def test_echo(world, classes, server, client, family):
    options = ["-Djava.net.preferIPv4Stack=true"] if family == "v4" else []
    running = world.start("b", "java", *options, "-cp", classes, server, "7", "1", text=True)
    world.listening("b", 7)
    out = world.run("a", "java", *options, "-cp", classes, client, "b", "7", "2000000", timeout=120)
    assert out.startswith(b"echo is right")
    said, _ = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0, said
    assert "Exception" not in said


def test_refused_is_a_ConnectException(world, classes):
    done = subprocess.run(world.command("a", "java", "-cp", classes, "EchoClient", "b", "8"), env=world.env,
                          capture_output=True, text=True, timeout=PATIENCE)
    assert "java.net.ConnectException" in done.stderr


def test_T7_2_port_in_use_is_a_BindException(world, classes):
    world.start("b", "java", "-cp", classes, "EchoServer", "7")
    world.listening("b", 7)
    done = subprocess.run(world.command("b", "java", "-cp", classes, "EchoServer", "7"), env=world.env,
                          capture_output=True, text=True, timeout=PATIENCE)
    assert "java.net.BindException" in done.stderr
