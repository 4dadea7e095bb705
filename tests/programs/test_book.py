# SPDX-License-Identifier: Apache-2.0
"""The book's programs in C, Java and Python, unchanged, over `weir run` (part 9 of the textbook: T9).

Echo: the client waits for all its bytes (T6.7). Compression: the client that writes first hangs on a large file (T3.4);
with a second thread (T3.5), or one thread and a selector (T3.6), it does not.
"""

import gzip
import os

import pytest
from book import LANGUAGES, classes, connections, example, is_stuck  # noqa: F401 (fixtures)
from conftest import PATIENCE, wait_for

LARGE = 4 << 20  # of random bytes: as many after compression


def patience(process, what):
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, f"{what}: {said}"
    return said


@pytest.fixture
def files(tmp_path):
    """A file of random bytes, and where its compressed form shall be."""
    original, packed = tmp_path / "original", tmp_path / "packed"
    original.write_bytes(os.urandom(LARGE))
    return original, packed


@pytest.mark.parametrize("server", LANGUAGES)
@pytest.mark.parametrize("client", LANGUAGES)
def test_T6_7_the_echo_client_gets_all_its_bytes_back(world, example, client, server):
    running = world.start("b", *example(server, "echo_server"), 7, 1, text=True)
    world.listening("b", 7)
    words = "20000" if client == "java" else "what lies underneath"
    said = world.run("a", *example(client, "echo_client"), "b", 7, words).decode()
    assert said.startswith("echo is right" if client == "java" else f"received: {words}")
    assert "echoed" in patience(running, "echo server")
    assert not [s for s in connections(world, "b", 7) if s["state"] != "TIME_WAIT"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_T3_4_the_compression_client_that_writes_first_hangs(world, example, files, language):
    server = world.start("b", *example(language, "gzip_server"), 9, 1, text=True)
    world.listening("b", 9)
    client = world.start("a", *example(language, "gzip_client"), "b", 9, *files, text=True)
    wait_for(lambda: is_stuck(world, 9, client, server), "both are stuck")
    client.kill()
    said = client.communicate(timeout=PATIENCE)[0]
    assert set(said) == {"W"} and 0 < len(said) < LARGE / 4096


@pytest.mark.parametrize("language", LANGUAGES)
def test_T3_4_and_a_small_file_fits_into_the_queues(world, example, files, language):
    original, packed = files
    original.write_bytes(os.urandom(50000))
    server = world.start("b", *example(language, "gzip_server"), 9, 1, text=True)
    world.listening("b", 9)
    said = world.run("a", *example(language, "gzip_client"), "b", 9, *files).decode().strip()
    assert said.rstrip("R").strip("W") == "" and said.count("W") == 13 and said.endswith("R")
    patience(server, "compression server")
    assert gzip.decompress(packed.read_bytes()) == original.read_bytes()


@pytest.mark.parametrize("name", ["gzip_client_threads", "gzip_client_select"])  # T3.5, T3.6
@pytest.mark.parametrize("buffers", [(), (700, 900)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_T3_5_T3_6_the_others_finish_and_the_result_decompresses(world, example, files, language, buffers, name):
    original, packed = files
    if buffers:  # small queues take their time
        original.write_bytes(os.urandom(300000))
    server = world.start("b", *example(language, "gzip_server"), 9, 1, *buffers, text=True)
    world.listening("b", 9)
    said = world.run("a", *example(language, name), "b", 9, *files, *buffers).decode().strip()
    assert set(said) == {"W", "R"}
    assert buffers or "R" in said[: said.rindex("W")]  # so large a file cannot be sent without a read
    patience(server, "compression server")
    assert gzip.decompress(packed.read_bytes()) == original.read_bytes()


@pytest.mark.parametrize("server,client", [("c", "java"), ("java", "python"), ("python", "c")])
def test_languages_meet(world, example, files, server, client):
    original, packed = files
    running = world.start("b", *example(server, "gzip_server"), 9, 1, text=True)
    world.listening("b", 9)
    world.run("a", *example(client, "gzip_client_select"), "b", 9, *files)
    patience(running, "compression server")
    assert gzip.decompress(packed.read_bytes()) == original.read_bytes()


WORLD_OF_SHORT_TIME_WAIT = """
host { name = "a", address = { "10.0.0.1/24", "fd00::1/64" }, time_wait = "6s" }
host { name = "b", address = { "10.0.0.2/24", "fd00::2/64" }, time_wait = "6s" }
link { "a", "b" }
"""
IN_USE = {"c": "Address already in use", "python": "Address already in use", "java": "java.net.BindException"}


def test_T7_2_a_restarted_client_that_insists_on_its_port_waits_for_the_end_of_TIME_WAIT(make_world, example):
    world = make_world(WORLD_OF_SHORT_TIME_WAIT)
    world.start("b", *example("c", "echo_server"), 7, text=True)
    world.listening("b", 7)
    ports = {language: 40000 + i for i, language in enumerate(LANGUAGES)}

    def run(language):
        words = [*example(language, "insistent_client"), "b", 7, ports[language]]
        process = world.start("a", *words, text=True)
        return process.communicate(timeout=PATIENCE)[0], process.returncode

    for language in LANGUAGES:
        assert run(language) == (f"connected from port {ports[language]}\n", 0)
        assert [s["state"] for s in world.sockets("a") if s["local"]["port"] == ports[language]] == ["TIME_WAIT"]
        said, status = run(language)
        assert status != 0 and IN_USE[language] in said
    wait_for(lambda: not world.sockets("a"), "TIME_WAIT is over")
    for language in LANGUAGES:
        assert run(language) == (f"connected from port {ports[language]}\n", 0)
