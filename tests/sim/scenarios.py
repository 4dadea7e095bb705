#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The scenarios that come with Weir: all hold, every figure is found, and two runs print the same bytes.

Also that builds of the same sources, optimised or with sanitizers, print the same bytes: each leaves a record beside its
command and compares it with those of the others. And what `weir sim` says of scripts that are wrong. Prints TAP.
"""

import glob
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import tap

FIGURES = ["6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "6.8", "6.9", "6.10", "6.11", "6.12"]
WRONG = "host { name = 'A', address = '10.0.0.1/24' }\nprogram('A', function()\n  nonsense()\nend)\n"
FAILS = "host { name = 'A', address = '10.0.0.1/24' }\nat('1s', function() expect('T1.1', 'no', false) end)\n"

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RECORD = "scenario-outputs.json"

weir = os.path.abspath(sys.argv[1])
cases = []
outputs = {}


def case(function):
    cases.append(function)
    return function


def sim(*words):
    return subprocess.run([weir, "sim", *words], capture_output=True, timeout=120)


def names():
    run = sim("--list")
    assert run.returncode == 0, run.stderr
    return [line.split()[0].decode() for line in run.stdout.splitlines()[1:]]


def script(text):
    with tempfile.NamedTemporaryFile("w", suffix=".lua", delete=False) as file:
        file.write(text)
    return file.name


@case
def all_hold():
    first, second = sim("--check", "--all"), sim("--check", "--all")
    assert first.returncode == 0, first.stdout.decode()
    assert first.stdout == second.stdout
    assert len(names()) == first.stdout.count(b"\nok ") + first.stdout.startswith(b"ok ")


@case
def two_runs_print_the_same_bytes():
    for name in names():
        first, second = sim("--seed", "42", name), sim("--seed", "42", name)
        assert first.returncode == 0, f"{name}: {first.stdout.decode()}"
        assert first.stdout == second.stdout, name
        outputs[name] = hashlib.sha256(first.stdout).hexdigest()


def sources():
    """What a build is made of, as one number."""
    digest = hashlib.sha256()
    for top in ("include", "src", "scenarios"):
        for folder, folders, files in os.walk(os.path.join(ROOT, top)):
            folders.sort()
            for name in sorted(files):
                with open(os.path.join(folder, name), "rb") as file:
                    digest.update(f"{folder}/{name}\0".encode() + file.read())
    return digest.hexdigest()


@case
def builds_of_the_same_sources_print_the_same_bytes():
    own = {"sources": sources(), "outputs": outputs}
    folder = os.path.dirname(weir)
    others = 0
    for path in glob.glob(os.path.join(ROOT, "build*", RECORD)):
        with open(path, encoding="utf-8") as file:
            other = json.load(file)
        if os.path.dirname(path) != folder and other["sources"] == own["sources"]:
            others += 1
            different = [name for name in outputs if outputs[name] != other["outputs"].get(name)]
            assert not different, f"{path} has other bytes for {different}"
    with open(os.path.join(folder, RECORD), "w", encoding="utf-8") as file:
        json.dump(own, file)
    print(f"# compared with {others} other build{'' if others == 1 else 's'}")


@case
def other_seeds_hold_too():
    for seed in range(2, 12):
        run = sim("--check", "--all", "--seed", str(seed))
        assert run.returncode == 0, run.stdout.decode()


@case
def every_figure_is_one_command():
    for figure in FIGURES:
        run = sim(f"fig-{figure}")
        assert run.returncode == 0 and f"== figure {figure}".encode() in run.stdout, figure


@case
def a_wrong_script_is_status_4_and_names_the_line():
    path = script(WRONG)
    run = sim(path)
    assert run.returncode == 4 and f"{path}:3:".encode() in run.stderr, run
    assert sim("--check", path).returncode == 4
    os.unlink(path)


@case
def a_failed_expectation_is_status_1_and_says_how_to_see_it_again():
    path = script(FAILS)
    run = sim("--check", "--seed", "9", path)
    assert run.returncode == 1 and f"{path}:2: expected T1.1".encode() in run.stdout, run
    assert f"weir sim --seed 9 {path}".encode() in run.stdout
    assert sim(path).returncode == 1
    os.unlink(path)


@case
def wrong_usage_is_status_2():
    for words in ([], ["--all"], ["--list", "queues"], ["queues", "closing"], ["--seed", "x", "queues"], ["--lits"]):
        assert sim(*words).returncode == 2, words
    run = sim("queus")
    assert run.returncode == 2 and b'did you mean "queues"' in run.stderr, run


@case
def a_missing_file_is_status_4():
    assert sim("/nowhere/at/all.lua").returncode == 4


def main():
    status = tap.run([(function.__name__, function) for function in cases])
    sys.exit(status)


if __name__ == "__main__":
    main()
