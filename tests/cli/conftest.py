# SPDX-License-Identifier: Apache-2.0
"""The `weir` command, run against stacks that these tests make up."""

import os
import subprocess

import pytest
from fake_stack import FakeStack

COMMAND = os.environ["WEIR_COMMAND"]
SECONDS = 60


class Weir:
    """Runs the command; each test has a directory and a stack's path of its own."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "weir.sock")
        self.stack = None
        kept = ("PATH", "LC_ALL", "ASAN_OPTIONS", "UBSAN_OPTIONS", "MALLOC_PERTURB_")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ}

    def serve(self, reply):
        self.close()
        self.stack = FakeStack(self.path, reply)
        return self

    def run(self, *words, stdout=subprocess.PIPE, user=None, **environment):
        run = subprocess.run(
            [COMMAND, *words],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            user=user,
            timeout=SECONDS,
            env={**self.environment, "WEIR_STACK": self.path, **environment},
        )
        run.out, run.err = (text.decode(errors="surrogateescape") for text in (run.stdout or b"", run.stderr))
        return run

    def out(self, *words):
        """What it prints when all is well: nothing on stderr, status 0."""
        run = self.run(*words)
        assert (run.err, run.returncode) == ("", 0)
        return run.out

    def close(self):
        if self.stack:
            self.stack.close()
        self.stack = None


@pytest.fixture
def weir(tmp_path):
    command = Weir(str(tmp_path))
    yield command
    command.close()
