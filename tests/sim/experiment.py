#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The experiment of chapter 6.3 (T4.1, T4.2): `weir experiment`. The same bytes each time; the knees where they are
predicted; a plot that a program can read. Prints TAP.
"""

import json
import os
import subprocess
import sys
import tempfile

import tap
import xml.etree.ElementTree

SVG = "{http://www.w3.org/2000/svg}"

weir = os.path.abspath(sys.argv[1])
folder = tempfile.mkdtemp()
cases = []


def case(function):
    cases.append(function)
    return function


def run(*words):
    done = subprocess.run([weir, "experiment", *words], cwd=folder, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    return done.stdout


def measured(*words):
    return json.loads(run("--json", *words))


def plot(path):
    """The plot's root, and the text in it."""
    root = xml.etree.ElementTree.parse(os.path.join(folder, path)).getroot()
    return root, [text.text for text in root.iter(SVG + "text")]


@case
def one_command_prints_the_table_and_draws_the_plot_and_two_runs_are_the_same():
    for name in ("buffers", "writes"):
        first = run(name), open(os.path.join(folder, name + ".svg")).read()
        second = run(name), open(os.path.join(folder, name + ".svg")).read()
        assert first == second
        table = first[0]
        assert "The knee is at" in table and len(table.splitlines()) > 20, table


@case
def T4_2_larger_queues_are_faster_until_the_link_is_the_limit():
    for rate, delay, product in (("20Mbit/s", "20ms", 100000), ("100Mbit/s", "2ms", 50000)):
        got = measured("buffers", "--rate", rate, "--delay", delay)
        assert got["bandwidth_delay_bytes"] == product, got
        assert 0.9 * product <= got["knee_rcvbuf_bytes"] < 1.6 * product, (rate, delay, got["knee_rcvbuf_bytes"])
        # A write that waits goes on when a third of SendQ is free: between two thirds and all of it is under way.
        assert 0.9 * product <= got["knee_sndbuf_bytes"] <= 2.1 * product, (rate, delay, got["knee_sndbuf_bytes"])
        rows = got["rows"]
        link = rows[-1]["predicted_bytes_per_s"]
        for row in rows:
            small = row["size_bytes"] < 16384  # a few segments: also delayed acknowledgements matter
            for key in ("both_bytes_per_s", "sndbuf_bytes_per_s", "rcvbuf_bytes_per_s"):
                assert row[key] <= 1.02 * row["predicted_bytes_per_s"], (rate, key, row)
            assert small or row["rcvbuf_bytes_per_s"] >= 0.85 * row["predicted_bytes_per_s"], (rate, row)
            assert small or row["both_bytes_per_s"] >= 0.6 * row["predicted_bytes_per_s"], (rate, row)
            assert row["size_bytes"] < 2.1 * product or row["both_bytes_per_s"] >= 0.97 * link, (rate, row)


@case
def T4_1_one_write_of_n_bytes_is_far_cheaper_than_n_writes_of_one():
    got = measured("writes")
    rows = {row["size_bytes"]: row for row in got["rows"]}

    def cost(size):
        return rows[size]["busy_ns"] / rows[size]["written_bytes"]

    assert cost(1) > 1000 * cost(1 << 20)
    assert got["bend_bytes"] / 2 <= got["knee_bytes"] <= 2 * got["bend_bytes"], got
    for size, row in rows.items():
        if size < got["bend_bytes"] / 2:  # a microsecond a call and a tenth of a nanosecond a byte
            predicted = size * 1e9 / (1000 + size / 10)
            assert 0.95 * predicted < row["bytes_per_s"] < 1.05 * predicted, row


@case
def T4_1_a_write_far_larger_than_SendQ_is_worked_off_in_chunks():
    got = measured("writes")
    large = got["rows"][-1]
    chunk = large["written_bytes"] / large["chunks"]
    assert large["size_bytes"] >= 64 * got["sndbuf_bytes"]
    assert got["sndbuf_bytes"] / 3 <= chunk <= got["sndbuf_bytes"], chunk


@case
def the_plot_is_well_formed_and_its_text_is_text():
    root, texts = plot("buffers.svg")
    assert root.tag == SVG + "svg" and root.get("viewBox")
    assert root.find(SVG + "title").text.startswith("Throughput against the sizes")
    assert "rate x round trip = 244 KiB" in texts and "both queues" in texts and "256 KiB" in texts
    assert sum(1 for _ in root.iter(SVG + "circle")) == 3 * 16
    assert "prefers-color-scheme: dark" in root.find(SVG + "style").text
    width, height = (float(root.get(side)) for side in ("width", "height"))
    for dot in root.iter(SVG + "circle"):
        assert 0 < float(dot.get("cx")) < width and 0 < float(dot.get("cy")) < height
    root, texts = plot("writes.svg")
    assert any("chunks" in text for text in texts)


@case
def the_plot_goes_where_it_is_told():
    path = os.path.join(folder, "elsewhere <&>.svg")
    run("writes", "--svg", path)
    plot(path)


@case
def wrong_usage_is_status_2():
    for words in ([], ["bufers"], ["buffers", "writes"], ["buffers", "--rate", "fast"], ["buffers", "--delay", "0ms"]):
        done = subprocess.run([weir, "experiment", *words], cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 2, words
    assert 'did you mean "buffers"' in subprocess.run(
        [weir, "experiment", "bufers"], capture_output=True, text=True, timeout=60
    ).stderr


def main():
    status = tap.run([(function.__name__, function) for function in cases])
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)
    sys.exit(status)


if __name__ == "__main__":
    main()
