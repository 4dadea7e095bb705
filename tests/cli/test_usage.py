# SPDX-License-Identifier: Apache-2.0
"""Bad input: three lines (what failed, what Weir saw, what to try) and the status that says which kind it was."""

import os
import re
import socket
import tempfile

import pytest
from fake_stack import sock, world

EMPTY = world(a=[])


def refused(run, status, *saw):
    """An error as it should be: nothing on stdout, at most three lines, the first of them weir's."""
    lines = run.err.splitlines()
    assert run.returncode == status and run.out == "", run.err
    assert 1 < len(lines) <= 3 and lines[0].startswith("weir: ")
    assert lines[-1].startswith("  hint: ") or len(lines) == 2
    assert not re.search(r"\berrno\b|\[Errno|error \d", run.err)
    for words in saw:
        assert words in run.err
    return lines


@pytest.mark.parametrize("typed, meant", [("netsat", "netstat"), ("netstta", "netstat"), ("s", "ss"), ("queue", "queues")])
def test_an_unknown_command_and_the_nearest(weir, typed, meant):
    lines = refused(weir.run(typed), 2, f'no command "{typed}"')
    assert lines[1].startswith("  usage: weir ") and lines[2] == f'  hint: did you mean "{meant}"?'


@pytest.mark.parametrize("words", [[], ["fhqwhgads"], ["--"], ["help", "fhqwhgads"], ["--frobnicate"], ["-x"]])
def test_nothing_that_could_be_meant(weir, words):
    lines = refused(weir.run(*words), 2)
    assert lines[1].startswith("  usage: weir ") and lines[2].startswith("  hint: weir help")


@pytest.mark.parametrize(
    "words, saw",
    [
        (["netstat", "-x"], "netstat has no option -x"),
        (["netstat", "-tz"], "netstat has no option -z"),
        (["netstat", "--bok"], "netstat has no option --bok"),
        (["netstat", "--tc"], 'did you mean "--tcp"?'),
        (["netstat", "--jso"], 'did you mean "--json"?'),
        (["netstat", "--as"], "--as needs a value: SPELLING"),
        (["netstat", "--as", "windows"], 'not "windows"'),
        (["netstat", "--tcp=yes"], "takes no value"),
        (["netstat", "a", "b"], "takes one host"),
        (["netstat", "--stack="], "needs a path"),
        (["ss", "-x"], "ss has no option -x"),
        (["ss", "--color", "red"], 'not "red"'),
        (["version", "2"], "takes no argument"),
        (["help", "ss", "netstat"], "takes one command"),
        (["-S"], "needs a value: PATH"),
    ],
)
def test_options_that_are_none(weir, words, saw):
    weir.serve(EMPTY)
    refused(weir.run(*words), 2, saw, "usage: weir ")
    assert weir.stack.requests == []


@pytest.mark.parametrize(
    "words",
    [
        ["netstat", "-t", "-a", "-n", "a"],
        ["netstat", "-tan", "a"],
        ["netstat", "a", "-tan"],
        ["netstat", "--tcp", "--all", "--host", "a"],
        ["netstat", "-tan", "--host=a"],
        ["netstat", "-tan", "--", "a"],
        ["--color=never", "netstat", "--color", "auto", "-ta", "a"],
    ],
)
def test_ways_to_write_the_same(weir, words):
    weir.serve(world(a=[sock("LISTEN", "0.0.0.0:22")]))
    text = weir.out(*words)
    assert text.startswith("Active Internet connections (servers") and text.count("\n") == 3
    assert weir.stack.requests == [{"view": "sockets", "host": "a"}]


def test_text_from_the_command_line_cannot_drive_the_terminal(weir):
    lines = refused(weir.run("net\x1b[2J\nstat"), 2)
    assert lines[0] == 'weir: there is no command "net?[2J?stat"'


def test_which_stack(weir, tmp_path):
    """--stack, else $WEIR_STACK, else $XDG_RUNTIME_DIR/weir.sock, else one in /tmp for this user."""
    weir.serve(EMPTY)
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path)}
    nowhere = str(tmp_path / "nowhere.sock")
    assert weir.run("netstat", WEIR_STACK=weir.path).returncode == 0
    assert weir.run("netstat", WEIR_STACK="", **runtime).returncode == 0
    assert weir.run("-S", weir.path, "netstat", WEIR_STACK=nowhere).returncode == 0
    assert weir.run("netstat", "--stack", weir.path, WEIR_STACK=nowhere).returncode == 0
    assert len(weir.stack.requests) == 4
    refused(weir.run("netstat", WEIR_STACK=nowhere, **runtime), 3, nowhere)
    refused(weir.run("netstat", "--stack", nowhere), 3, nowhere)
    path = f"/tmp/weir-{os.geteuid()}/weir.sock"
    if not os.path.exists(path):
        refused(weir.run("netstat", WEIR_STACK="", XDG_RUNTIME_DIR=""), 3, path)


@pytest.mark.parametrize("words", [["netstat"], ["ss"], ["queues", "a#1"]])
def test_no_stack_runs(weir, words):
    refused(weir.run(*words), 3, "no running stack", weir.path, "weir up")


def test_a_stack_that_died(weir):
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(weir.path)
    refused(weir.run("netstat"), 3, "no running stack", "nobody listens")


@pytest.mark.parametrize(
    "reply", [None, b"", b"HTTP/1.1 400 Bad Request\r\n", b"{\n", b"[]\n", b'{"hosts":[]}\n', b'{"weir":"1"}\n', b"\xff\xfe\n"]
)
def test_something_else_listens(weir, reply):
    weir.serve(reply)
    if reply == b"":
        weir.stack.reply = None
    refused(weir.run("netstat"), 3, "no running stack answered", weir.path)


@pytest.mark.parametrize(
    "broken",
    [
        {"weir": 1},
        {"weir": 1, "hosts": {}},
        {"weir": 1, "hosts": [{"name": "a"}]},
        {"weir": 1, "hosts": [{"sockets": []}]},
        world(a=[{}]),
        world(a=[sock("SPOILED", "10.0.0.1:1")]),
        world(a=[sock("LISTEN", "x" * 80 + ":1")]),
        world(a=[sock("LISTEN", "10.0.0.1:65536")]),
        world(a=[sock("LISTEN", "10.0.0.1:1"), 5]),
    ],
)
def test_an_answer_that_makes_no_sense(weir, broken):
    weir.serve(broken)
    for words in (["netstat", "-ta"], ["ss", "-ta"]):
        refused(weir.run(*words), 3, "answer cannot be read")


def test_queues_that_make_no_sense(weir):
    weir.serve({"weir": 1, "queues": [{"name": "SendQ"}]})
    refused(weir.run("queues", "a#1"), 3, "answer cannot be read")


def test_a_stack_of_another_version(weir):
    weir.serve({"weir": 2, "hosts": []})
    refused(weir.run("netstat"), 3, "version 2", "reads 1")


def test_more_than_this_version_knows_does_no_harm(weir):
    weir.serve({**world(a=[{**sock("LISTEN", "0.0.0.0:22"), "new": {"a": 1}}]), "other": [1]})
    assert " 0.0.0.0:22 " in weir.out("netstat", "-ta")


@pytest.mark.parametrize("status, left_with", [(2, 2), (1, 1), (5, 5), (0, 1), (-4, 1), (999, 1), ("x", 1)])
def test_the_stacks_own_errors(weir, status, left_with):
    error = {"what": "there is no host \"c\"", "saw": "this world has a, b", "try": "weir netstat a"}
    weir.serve({"weir": 1, "error": error, "status": status})
    for words in (["netstat", "c"], ["ss", "c"], ["queues", "c#1"]):
        run = weir.run(*words)
        refused(run, left_with)
        assert run.err == 'weir: there is no host "c"\n  this world has a, b\n  hint: weir netstat a\n'


def test_a_host_that_is_none(weir):
    weir.serve(world())
    refused(weir.run("netstat", "c"), 2, 'no host "c"')
    refused(weir.run("ss", "c", "state", "established"), 2, 'no host "c"')
    refused(weir.run("netstat", b"\xff"), 2)


def test_a_path_too_long_for_a_socket(weir):
    refused(weir.run("-S", "/" + "x" * 200, "netstat"), 2, "too long", "xxxx")


def serve_as(user, path):
    """Another user's process listens at path until the returned descriptor is closed; returns (pid, descriptor)."""
    ready, told = os.pipe()
    waits, release = os.pipe()
    pid = os.fork()
    if pid:
        os.close(told)
        os.close(waits)
        assert os.read(ready, 1) == b"r"
        os.close(ready)
        return pid, release
    os.close(release)
    os.setresuid(user, user, user)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o777)
    listener.listen()
    os.write(told, b"r")
    os.read(waits, 1)
    os._exit(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming other users takes root")
def test_a_stack_of_somebody_else(weir):
    """What listens where the stack should be must be this user's or root's."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        path = os.path.join(folder, "weir.sock")
        pid, release = serve_as(1234, path)
        try:
            run = weir.run("-S", path, "netstat", user=65534)
        except PermissionError:
            pytest.skip("other users cannot run the command from where it was built")
        finally:
            os.close(release)
            os.waitpid(pid, 0)
        refused(run, 5, "belongs to somebody else", path)


def test_help_tells_of_every_command(weir):
    text = weir.out("--help")
    assert weir.out("help") == text == weir.out("-h")
    commands = re.findall(r"^  ([a-z]+) {2,}\S", text, re.MULTILINE)
    assert {"run", "sim", "new", "up", "down", "netstat", "ss", "queues", "help", "version"} == set(commands)
    for command in commands:
        told = weir.out("help", command)
        assert told.startswith(f"usage: weir {command}")
        assert weir.out(command, "--help") == told


@pytest.mark.parametrize("words", [["run"], ["run", "--hots", "a", "--", "true"], ["down", "now"], ["up", "a", "b"], ["up", "-d"]])
def test_programs_and_worlds_that_are_not_named_rightly(weir, words):
    refused(weir.run(*words), 2, f"usage: weir {words[0]}")


@pytest.mark.parametrize("command", ["netstat", "ss", "queues"])
def test_help_tells_of_every_option_and_all_are_taken(weir, command):
    weir.serve(EMPTY)
    told = weir.out("help", command)
    usage = told.splitlines()[0]
    options = re.findall(r"^  (?:-(\w))?(?:, |    )--([a-z-]+)( [A-Z]+)?  ", told, re.MULTILINE)
    assert options
    for letter, name, value in options:
        if letter:
            assert letter in usage, f"-{letter} is not in the usage line"
        words = ["--" + name] + (["linux"] if value else [])
        run = weir.run(command, *words, *(["-" + letter] if letter else []), *(["a#1"] if command == "queues" else []))
        assert "no option" not in run.err


def test_version(weir):
    text = weir.out("version")
    assert re.fullmatch(r"weir \d+\.\d+\.\d+\n", text)
    assert weir.out("--version") == weir.out("-V") == text


def test_output_that_cannot_be_written(weir):
    weir.serve(world(a=[sock("LISTEN", "0.0.0.0:22")]))
    with open("/dev/full", "wb") as full:
        run = weir.run("netstat", "-ta", stdout=full)
    refused(run, 1, "could not be written")
