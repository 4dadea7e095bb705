# SPDX-License-Identifier: Apache-2.0
"""The picture of SendQ, RecvQ and Delivered, Figures 6.2 to 6.4."""

import json

import pytest


def queue(name, host, *parts, **more):
    pieces = [{"write": write, "bytes": size} for write, size in parts]
    return {"name": name, "host": host, "bytes": sum(size for _, size in parts), "parts": pieces, **more}


def reply(writes, *queues, **more):
    return {
        "weir": 1,
        "host": "A",
        "id": 3,
        "peer": {"host": "B", "id": 5},
        "exact": True,
        "written": sum(size for _, size in writes),
        "writes": [{"n": n, "bytes": size} for n, size in writes],
        "queues": list(queues),
        **more,
    }


BOOK = [(1, 1000), (2, 2000), (3, 5000)]
WRITES = "              write#1 ▒1000   write#2 ░2000   write#3 ▓5000                        written 8000\n"
FIG_6_2 = reply(
    BOOK,
    queue("SendQ", "A", (2, 1500), (3, 5000)),
    queue("RecvQ", "B", (1, 1000), (2, 500)),
    queue("Delivered", "B"),
)


def test_figure_6_2(weir):
    weir.serve(FIG_6_2)
    assert weir.out("queues", "A#3") == WRITES + (
        "  A SendQ     ░░░░░░▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓                              6500   (1500 of #2, 5000 of #3)\n"
        "  B RecvQ     ▒▒▒▒░░                                                  1500   (1000 of #1, 500 of #2)\n"
        "  B Delivered                                                            0\n"
    )
    assert weir.stack.requests == [{"view": "queues", "host": "A", "id": 3}]


def test_figure_6_3(weir):
    weir.serve(
        reply(
            BOOK,
            queue("SendQ", "A", (3, 500)),
            queue("RecvQ", "B", (2, 1500), (3, 4500)),
            queue("Delivered", "B", (1, 1000), (2, 500)),
        )
    )
    assert weir.out("queues", "A#3") == WRITES + (
        "  A SendQ     ▓▓                                                       500   (500 of #3)\n"
        "  B RecvQ     ░░░░░░▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓                                6000   (1500 of #2, 4500 of #3)\n"
        "  B Delivered ▒▒▒▒░░                                                  1500   (1000 of #1, 500 of #2)\n"
    )


def test_figure_6_4(weir):
    weir.serve(
        reply(
            BOOK,
            queue("SendQ", "A", (3, 500)),
            queue("RecvQ", "B", (3, 2000)),
            queue("Delivered", "B", (1, 1000), (2, 2000), (3, 2500)),
        )
    )
    assert weir.out("queues", "A#3") == WRITES + (
        "  A SendQ     ▓▓                                                       500   (500 of #3)\n"
        "  B RecvQ     ▓▓▓▓▓▓▓▓                                                2000   (2000 of #3)\n"
        "  B Delivered ▒▒▒▒░░░░░░░░▓▓▓▓▓▓▓▓▓▓                                  5500   (1000 of #1, 2000 of #2, 2500 of #3)\n"
    )


def test_without_unicode(weir):
    weir.serve(FIG_6_2)
    text = weir.out("--ascii", "queues", "A#3")
    assert text.isascii()
    assert text == weir.out("queues", "A#3").translate({ord("▒"): "=", ord("░"): "-", ord("▓"): "#"})
    assert weir.out("queues", "--ascii", "A#3") == text


def test_json_is_the_stacks_document(weir):
    weir.serve(FIG_6_2)
    assert json.loads(weir.out("queues", "--json", "A#3")) == FIG_6_2


@pytest.mark.parametrize("words", [["a#3"], ["--host", "a", "3"], ["--host=a", "#3"]])
def test_ways_to_name_a_socket(weir, words):
    weir.serve(FIG_6_2)
    weir.out("queues", *words)
    assert weir.stack.requests == [{"view": "queues", "host": "a", "id": 3}]


@pytest.mark.parametrize(
    "words, saw",
    [
        ([], "needs an id"),
        (["a#3", "a#4"], "takes one id, not 2"),
        (["a"], "is no id"),
        (["a#"], "is no id"),
        (["a#3x"], "is no id"),
        (["a#-3"], "is no id"),
        (["a#99999999999999999999"], "is no id"),
        (["3"], "does not say on which host"),
    ],
)
def test_ids_that_are_none(weir, words, saw):
    weir.serve(FIG_6_2)
    run = weir.run("queues", *words)
    assert run.returncode == 2 and run.out == "" and saw in run.err and len(run.err.splitlines()) == 3
    assert weir.stack.requests == []


def test_a_peer_outside_the_world(weir):
    weir.serve(reply([(1, 100)], queue("SendQ", "client", (1, 60)), peer=None))
    run = weir.run("queues", "client#9")
    assert run.out.splitlines() == [
        " " * 15 + "write#1 ▒100" + " " * 57 + "written 100",
        "  client SendQ " + "▒" * 32 + " " * 26 + "60   (60 of #1)",
    ]
    assert "outside this world" in run.err and run.returncode == 0


def test_inferred_values_are_marked(weir):
    weir.serve(reply([(1, 100)], queue("SendQ", "A", (1, 60), exact=False), queue("RecvQ", "B", (1, 40)), exact=False))
    run = weir.run("queues", "A#3")
    written, sendq, recvq = run.out.splitlines()
    assert written.endswith("written 100 (inferred)")
    assert sendq.endswith("60   (60 of #1)   inferred") and recvq.endswith("40   (40 of #1)")
    assert run.err.startswith("note: inferred: ")


def test_many_writes(weir):
    """However many, the picture keeps its width: the first two and the last, the first pieces and a count."""
    writes = [(n, 10) for n in range(5, 69)]
    weir.serve(reply(writes, queue("SendQ", "A", *writes), queue("RecvQ", "B"), queue("Delivered", "B"), written=10_680))
    written, sendq, *_ = weir.out("queues", "A#3").splitlines()
    assert written == (
        "              write#5 ░10     write#6 ▓10   (61 more)   write#68 ░10               written 10680"
    )
    assert sendq.count("▒") + sendq.count("░") + sendq.count("▓") <= 48
    assert sendq.endswith(" 640   (10 of #5, 10 of #6, 10 of #7, 10 of #8, 10 of #9, 59 more; at the end 10 of #68)")


def test_a_single_byte_is_seen(weir):
    writes = [(1, 1), (2, 10**12), (3, 1)]
    weir.serve(reply(writes, queue("SendQ", "A", *writes), queue("RecvQ", "B"), queue("Delivered", "B")))
    bar = weir.out("queues", "A#3").splitlines()[1][14:].split(" ")[0]
    assert bar == "▒" + "░" * 31 + "▓"
