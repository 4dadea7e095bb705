#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The guide is true: what it quotes of each `build/weir sim` and `build/weir experiment` command comes out, in that order, in every language.

A block of a page that begins with such a command quotes lines of what it prints; where a quoted line is only the
beginning of the real one, that is enough. Every page quotes the same commands, and every scenario and file that it
names is there. Prints TAP.
"""

import os
import re
import subprocess
import sys

import tap
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FOLDER = os.path.join(ROOT, "docs", "guide")
BLOCK = re.compile(r"^```\n\$ build/weir ((?:sim|experiment) [^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"build/weir sim ([a-z0-9][a-z0-9.-]*)")
LINK = re.compile(r"\]\(([^)#]+)\)")


def pages():
    names = sorted(name for name in os.listdir(FOLDER) if name.startswith("guide."))
    return {name: open(os.path.join(FOLDER, name), encoding="utf-8").read() for name in names}


def quoted_lines_come_out(text):
    blocks = BLOCK.findall(text)
    assert len(blocks) > 10, "hardly anything is quoted"
    for command, quoted in blocks:
        with tempfile.TemporaryDirectory() as folder:
            where = folder if command.startswith("experiment") else None  # it leaves a plot
            run = subprocess.run([weir, *command.split()], cwd=where, capture_output=True, text=True, timeout=120)
        assert run.returncode == 0, f"{command}: status {run.returncode}\n{run.stderr}"
        printed = iter(run.stdout.splitlines())
        for line in quoted.splitlines():
            assert any(real.startswith(line) for real in printed), f"{command} does not print, in its turn: {line}"


def scenarios_are_there(text):
    known = subprocess.run([weir, "sim", "--list"], capture_output=True, text=True, check=True).stdout
    names = {line.split()[0] for line in known.splitlines()[1:]}
    for name in NAMED.findall(text):
        assert name in names or name.startswith("fig-") or name.startswith("scenarios"), f"no scenario {name}"
    missing = names - set(NAMED.findall(text)) - {command.split()[-1] for command, _ in BLOCK.findall(text)}
    figures = {"structure", "queues", "deadlock", "opening", "closing", "demux"}  # named by figure
    assert missing <= figures, f"never mentioned: {sorted(missing - figures)}"


def files_are_there(text):
    for path in LINK.findall(text):
        assert os.path.exists(os.path.join(FOLDER, path)), f"no file {path}"


def same_commands_in_every_language(_):
    commands = [[command for command, _ in BLOCK.findall(text)] for text in pages().values()]
    assert len(commands) > 1 and all(one == commands[0] for one in commands), "the pages quote different commands"


weir = os.path.abspath(sys.argv[1])
checks = [(name, check) for name in pages() for check in (quoted_lines_come_out, scenarios_are_there, files_are_there)]
checks.append(("all pages", same_commands_in_every_language))
sys.exit(tap.run([(f"{name}: {check.__name__}", lambda c=check, n=name: c(pages().get(n, ""))) for name, check in checks]))
