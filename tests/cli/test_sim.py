# SPDX-License-Identifier: Apache-2.0
"""`weir sim` with many seeds, in shards, for machines; `weir new`."""

import json
import os
import pty
import re
import shlex
import stat
import subprocess

from conftest import COMMAND
from test_usage import refused

WORLD = "host { name = 'A', address = '10.0.0.1/24' }\n"
SOMETIMES = WORLD + "at('1s', function() expect('x', 'not often', math.random(8) > 1) end)\n"
WRONG = WORLD + "at('1s', function() nonsense() end)\n"


def script(tmp_path, text, name="one.lua"):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def failing_seeds(text):
    return [int(seed) for seed in re.findall(r"^FAILED .*  seed (\d+)$", text, re.MULTILINE)]


def test_a_sweep_collects_all_failures_and_tells_how_to_see_each(weir, tmp_path):
    path = script(tmp_path, SOMETIMES, "it's one.lua")
    run = weir.run("sim", "--seeds", "1..100", path)
    failed = failing_seeds(run.out)
    assert run.returncode == 1 and run.err == ""
    assert 1 < len(failed) < 40 and run.out.splitlines()[-1] == f"100 runs, {len(failed)} failed"
    for command in re.findall(r"^  again: (.*)$", run.out, re.MULTILINE)[:3]:
        again = weir.run(*shlex.split(command)[1:])
        assert again.returncode == 1 and "it's one.lua:2: expected x not often" in again.out


def test_shards_make_up_the_whole(weir, tmp_path):
    path = script(tmp_path, SOMETIMES)
    whole = weir.run("sim", "--seeds", "1..100", path)
    parts = [weir.run("sim", "--seeds", "1..100", "--shard", f"{i}/3", path) for i in (1, 2, 3)]
    runs = [int(part.out.splitlines()[-1].split()[0]) for part in parts]
    assert runs == [34, 33, 33]
    assert sorted(seed for part in parts for seed in failing_seeds(part.out)) == failing_seeds(whole.out)


def test_a_wrong_script_is_tried_once(weir, tmp_path):
    run = weir.run("sim", "--seeds", "1..100", script(tmp_path, WRONG), script(tmp_path, SOMETIMES, "two.lua"))
    assert run.returncode == 4 and run.err.count("nonsense") == 1
    assert run.out.splitlines()[-1].startswith("101 runs, ")


def test_results_for_machines(weir, tmp_path):
    path = script(tmp_path, SOMETIMES)
    run = weir.run("--json", "sim", "--seeds", "1..20", path)
    document = json.loads(run.out)
    assert document["weir"] == 1 and document["runs"] == 20 == len(document["results"])
    bad = [one for one in document["results"] if one["status"] == "failed"]
    assert run.returncode == 1 and document["failed"] == len(bad) > 0
    assert "one.lua:2: expected x" in bad[0]["failures"][0]
    assert bad[0]["again"] == f"weir sim --seed {bad[0]['seed']} {path}"
    good = [one for one in document["results"] if one["status"] == "ok"][0]
    assert good["expectations"] == 1 and good["seconds"] == 1.0 and "again" not in good
    wrong = json.loads(weir.run("--json", "sim", "--check", script(tmp_path, WRONG)).out)["results"][0]
    assert wrong["status"] == "wrong" and ":2:" in wrong["error"]


def test_the_list_for_machines(weir):
    document = json.loads(weir.out("--json", "sim", "--list"))
    figures = [word for one in document["scenarios"] for word in one["figure"].split()]
    assert document["weir"] == 1 and {"6.2", "6.12"} <= set(figures)


def test_wrong_words_of_a_sweep(weir, tmp_path):
    path = script(tmp_path, SOMETIMES)
    for words in (["--seeds", "9..1"], ["--seeds", "1"], ["--seeds", "1..x"], ["--seeds", "1..2", "--shard", "3/2"]):
        refused(weir.run("sim", *words, path), 2)
    refused(weir.run("sim", "--shard", "0/2", "--check", path), 2)
    refused(weir.run("sim", "--shard", "1/2", path), 2, "--shard goes with")
    refused(weir.run("--json", "sim", path), 2, "--json goes with")


def on_terminal(*words):
    """What the command writes to stderr when that is a terminal."""
    ours, theirs = pty.openpty()
    run = subprocess.Popen([COMMAND, *words], stdout=subprocess.DEVNULL, stderr=theirs, env={"TERM": "xterm"})
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            piece = b""
        if not piece:
            break
        seen += piece
    os.close(ours)
    return run.wait(), seen.decode()


def test_progress_on_a_terminal_is_erased_at_the_end(tmp_path):
    busy = WORLD + "for i = 1, 300 do at(i .. 'ms', function() for k = 1, 3000 do end end) end\n"
    status, seen = on_terminal("sim", "--seeds", "1..400", script(tmp_path, busy))
    assert status == 0
    assert re.search(r"sim .*one\.lua  seed \d+/400  0 failed", seen)
    assert seen.endswith("\r\x1b[K")
    status, seen = on_terminal("--quiet", "sim", "--seeds", "1..400", script(tmp_path, busy))
    assert (status, seen) == (0, "")


def test_a_new_scenario_passes_and_is_not_overwritten(weir, tmp_path):
    path = str(tmp_path / "mine")
    assert weir.out("new", path) == f"wrote {path}.lua\n"
    assert weir.run("sim", "--seeds", "1..50", path + ".lua").returncode == 0
    assert "2 expectations held" in weir.out("sim", path + ".lua")
    text = (tmp_path / "mine.lua").read_text()
    refused(weir.run("new", path + ".lua"), 1, "is there already")
    assert (tmp_path / "mine.lua").read_text() == text
    refused(weir.run("new"), 2)
    refused(weir.run("new", str(tmp_path / "no" / "where")), 1, "No such file")


def test_a_new_scenario_where_nothing_may_be_written(weir, tmp_path):
    if os.geteuid() != 0:
        os.chmod(tmp_path, stat.S_IRUSR | stat.S_IXUSR)
        refused(weir.run("new", str(tmp_path / "mine")), 5, "Permission denied")
    else:
        refused(weir.run("new", "/proc/mine"), 1, "cannot write")
