# SPDX-License-Identifier: Apache-2.0
"""netstat's table, byte for byte. [T1.4]"""

import json

from fake_stack import sock, world

HEADER = "Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n"
ALL = "Active Internet connections (servers and established)\n" + HEADER
CONNECTED = "Active Internet connections (w/o servers)\n" + HEADER
SERVERS = "Active Internet connections (only servers)\n" + HEADER
SERVER = sock("LISTEN", "0.0.0.0:22")
LONG6 = "fd00:1234:5678:9abc:def0:1234:5678:9abc"


def rows(text):
    return text.split("State      \n", 1)[1]


def test_figure_6_7_server_set_up(weir):
    weir.serve(world(B=[SERVER]))
    assert weir.out("netstat", "-tan", "B") == ALL + (
        "tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN     \n"
    )
    assert weir.stack.requests == [{"view": "sockets", "host": "B"}]


def test_figure_6_7_in_the_books_spelling(weir):
    weir.serve(world(B=[{**SERVER, "accept_len": 3}]))
    assert weir.out("netstat", "-tan", "B", "--as", "book") == ALL + (
        "tcp        0      0 0.0.0.0:22              0.0.0.0:0               LISTENING  \n"
    )


def test_figure_6_6_first_message_sent(weir):
    weir.serve(world(A=[sock("SYN_SENT", "10.21.44.33:43346", "192.0.2.8:22")]))
    assert rows(weir.out("netstat", "-tan", "A")) == (
        "tcp        0      0 10.21.44.33:43346       192.0.2.8:22            SYN_SENT   \n"
    )


def test_figure_6_8_request_arrived(weir):
    weir.serve(world(B=[sock("SYN_RCVD", "192.0.2.8:22", "10.21.44.33:43346"), SERVER]))
    assert rows(weir.out("netstat", "-tan", "B")) == (
        "tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN     \n"
        "tcp        0      0 192.0.2.8:22            10.21.44.33:43346       SYN_RECV   \n"
    )
    assert " SYN_RCVD   \n" in weir.out("netstat", "-tan", "B", "--as=book")


def test_figure_6_8_completed_but_not_accepted(weir):
    waiting = sock("ESTABLISHED", "192.0.2.8:22", "10.21.44.33:43346", recvq=300, listener=1, has_handle=False)
    weir.serve(world(B=[{**SERVER, "accept_len": 1, "backlog": 5}, waiting]))
    assert rows(weir.out("netstat", "-tan", "B")) == (
        "tcp        1      0 0.0.0.0:22              0.0.0.0:*               LISTEN     \n"
        "tcp      300      0 192.0.2.8:22            10.21.44.33:43346       ESTABLISHED\n"
    )


def test_figures_6_10_and_6_11_a_closes_first(weir):
    """The row is there although no program is."""
    half = [sock("FIN_WAIT_2", "10.21.44.33:43346", "192.0.2.8:22", has_handle=False)]
    weir.serve(world(A=half, B=[sock("CLOSE_WAIT", "192.0.2.8:22", "10.21.44.33:43346")]))
    assert weir.out("netstat", "-tn", "--no-header") == (
        "tcp        0      0 10.21.44.33:43346       192.0.2.8:22            FIN_WAIT2  \n"
        "tcp        0      0 192.0.2.8:22            10.21.44.33:43346       CLOSE_WAIT \n"
    )
    assert "FIN_WAIT_2 \n" in weir.out("netstat", "-tn", "--as", "book", "A")


def test_simultaneous_close(weir):
    weir.serve(world(A=[sock("CLOSING", "10.0.0.1:43346", "10.0.0.2:22")]))
    assert rows(weir.out("netstat", "-tan")) == (
        "tcp        0      0 10.0.0.1:43346          10.0.0.2:22             CLOSING    \n"
    )


def test_every_state_in_both_spellings(weir):
    spelled = {
        "ESTABLISHED": ("ESTABLISHED", "ESTABLISHED"),
        "SYN_SENT": ("SYN_SENT", "SYN_SENT"),
        "SYN_RCVD": ("SYN_RECV", "SYN_RCVD"),
        "FIN_WAIT_1": ("FIN_WAIT1", "FIN_WAIT_1"),
        "FIN_WAIT_2": ("FIN_WAIT2", "FIN_WAIT_2"),
        "TIME_WAIT": ("TIME_WAIT", "TIME_WAIT"),
        "CLOSED": ("CLOSE", "CLOSED"),
        "CLOSE_WAIT": ("CLOSE_WAIT", "CLOSE_WAIT"),
        "LAST_ACK": ("LAST_ACK", "LAST_ACK"),
        "CLOSING": ("CLOSING", "CLOSING"),
    }
    weir.serve(world(a=[sock(state, "10.0.0.1:1", "10.0.0.2:2") for state in spelled]))
    for column, spelling in enumerate(("linux", "book")):
        lines = rows(weir.out("netstat", "-a", "--as", spelling)).splitlines()
        assert [line[68:] for line in lines] == [f"{names[column]:<11}" for names in spelled.values()]


def test_four_kinds_of_rows_and_their_order(weir):
    """tcp, tcp6, udp and udp6 rows, `0.0.0.0:*` and `:::*`; v4-mapped addresses print as IPv4, as net-tools does."""
    weir.serve(
        world(
            a=[
                sock("CLOSED", ":::5353", ":::*", proto="udp6"),
                sock("CLOSED", "0.0.0.0:53", proto="udp"),
                sock("ESTABLISHED", "::ffff:10.0.0.1:80", "::ffff:10.0.0.2:43346", proto="tcp6", recvq=7),
                sock("LISTEN", ":::80", ":::*", proto="tcp6"),
                sock("ESTABLISHED", "10.0.0.1:5000", "10.0.0.9:53", proto="udp"),
                SERVER,
            ]
        )
    )
    assert weir.out("netstat", "-a") == ALL + (
        "tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN     \n"
        "tcp6       0      0 :::80                   :::*                    LISTEN     \n"
        "tcp6       7      0 10.0.0.1:80             10.0.0.2:43346          ESTABLISHED\n"
        "udp        0      0 0.0.0.0:53              0.0.0.0:*                          \n"
        "udp        0      0 10.0.0.1:5000           10.0.0.9:53             ESTABLISHED\n"
        "udp6       0      0 :::5353                 :::*                               \n"
    )


def test_which_rows_are_shown(weir):
    listening6 = sock("LISTEN", ":::80", ":::*", proto="tcp6")
    connected = sock("ESTABLISHED", "10.0.0.1:80", "10.0.0.2:5")
    asked = sock("CLOSED", "0.0.0.0:53", proto="udp")
    asking = sock("ESTABLISHED", "10.0.0.1:9", "10.0.0.2:53", proto="udp")
    weir.serve(world(a=[listening6, connected, asked, asking, sock("CLOSED", "0.0.0.0:*")]))
    shown = {
        "-t": (CONNECTED, [connected]),
        "-tl": (SERVERS, [listening6]),
        "-ul": (SERVERS, [asked]),
        "-u": (CONNECTED, [asking]),
        "-l": (SERVERS, [listening6, asked]),
        "-4l": (SERVERS, [asked]),
        "-6a": (ALL, [listening6]),
    }
    for flags, (header, wanted) in shown.items():
        text = weir.out("netstat", flags)
        assert text.startswith(header), flags
        assert len(rows(text).splitlines()) == len(wanted), flags
        told = json.loads(weir.out("--json", "netstat", flags))["hosts"][0]["sockets"]
        assert told == wanted, flags
    assert len(rows(weir.out("netstat", "-ta")).splitlines()) == 3


def test_queues_are_what_weir_and_the_program_hold(weir):
    hidden = sock(
        "ESTABLISHED",
        "10.0.0.1:80",
        "10.0.0.2:5",
        id=3,
        recvq={"bytes": 1000, "hidden": 24},
        sendq={"bytes": 5, "hidden": 9999999, "exact": False},
        delivered=77,
    )
    weir.serve(world(a=[hidden, sock("ESTABLISHED", "10.0.0.1:81", "10.0.0.2:5", id=12)]))
    run = weir.run("netstat", "-t", "--more")
    header, first, second = run.out.splitlines()[1:]
    assert header == HEADER[:-1] + " Deliv  Seen      Id"
    assert first == (
        "tcp     1024 10000004 10.0.0.1:80             10.0.0.2:5              ESTABLISHED    77  inferred  a#3"
    )
    assert second.endswith("ESTABLISHED     0  exact     a#12")
    assert run.err == "note: queues of 1 socket are inferred: bytes wait in the program's own stream\n"
    plain = weir.run("netstat", "-t")
    assert plain.out.splitlines()[2] == first[: -len("    77  inferred  a#3")]
    assert "(--more says which)" in plain.err
    assert weir.run("-q", "netstat", "-t").err == ""


def test_linux_counts_syn_and_fin(weir):
    """As measured: SYN_SENT Send-Q 1, CLOSE_WAIT Recv-Q 1; an unacknowledged FIN is in Send-Q."""
    counted = {
        "SYN_SENT": (0, 1),
        "ESTABLISHED": (0, 0),
        "CLOSE_WAIT": (1, 0),
        "FIN_WAIT_1": (0, 1),
        "FIN_WAIT_2": (0, 0),
        "LAST_ACK": (0, 1),
        "CLOSING": (0, 1),
        "TIME_WAIT": (0, 0),
    }
    weir.serve(world(a=[sock(state, "10.0.0.1:1", "10.0.0.2:2", recvq=5, sendq=6) for state in counted]))
    for flags, extra in ((["--kernel-counts"], 1), ([], 0)):
        lines = rows(weir.out("netstat", "-a", *flags)).splitlines()
        told = [tuple(int(word) for word in line.split()[1:3]) for line in lines]
        assert told == [(5 + recv * extra, 6 + send * extra) for recv, send in counted.values()]


def test_columns_of_timer_program_and_user(weir):
    """The words and columns of net-tools 2.10, taken from its output."""
    nginx = {"pid": 1234, "name": "nginx", "fd": 7}
    longest = {"pid": 4194304, "name": "a-program-with-a-long-name"}

    def conn(kind, seconds, retransmits=0, **more):
        timer = {"kind": kind, "left_ns": int(seconds * 1e9), "retransmits": retransmits}
        return sock("ESTABLISHED", "10.0.0.1:80", "10.0.0.2:5", timer=timer, **more)

    weir.serve(
        world(
            a=[
                conn("none", 9, program=nginx, uid=33, inode=43803),
                conn("on", 0.504, 1, program=longest),
                conn("timewait", 59.885),
                conn("persist", 0.024, 2),
                conn("keepalive", 7200),
            ]
        )
    )
    text = weir.out("netstat", "-tanope")
    assert text.splitlines()[1] == HEADER[:-1] + " User       Inode      PID/Program name     Timer"
    assert [line[80:] for line in text.splitlines()[2:]] == [
        "33         43803      1234/nginx           off (0.00/0/0)",
        "0          0          4194304/a-program-w  on (0.50/1/0)",
        "0          0          -                    timewait (59.88/0/0)",
        "0          0          -                    probe (0.02/0/2)",
        "0          0          -                    keepalive (7200.00/0/0)",
    ]
    assert [line[80:] for line in weir.out("netstat", "-to").splitlines()[1:3]] == ["Timer", "off (0.00/0/0)"]


def test_long_addresses_are_cut_and_the_port_is_not(weir):
    """Taken from net-tools' own output for these addresses."""
    weir.serve(world(a=[sock("ESTABLISHED", LONG6 + ":55472", LONG6 + ":80", proto="tcp6")]))
    assert rows(weir.out("netstat", "-ta")) == (
        "tcp6       0      0 fd00:1234:5678:9a:55472 fd00:1234:5678:9abc::80 ESTABLISHED\n"
    )
    assert rows(weir.out("netstat", "-taW")) == f"tcp6       0      0 {LONG6}:55472 {LONG6}:80 ESTABLISHED\n"


def test_several_hosts_are_told_apart(weir):
    """Each host has its own sockets, the same port on both."""
    weir.serve(world(a=[SERVER], b=[SERVER]))
    row = "tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN     \n"
    assert weir.out("netstat", "-tan") == f"-- host a --\n{ALL}{row}-- host b --\n{ALL}{row}"
    assert weir.out("-H", "netstat", "-tan") == row + row
    assert weir.stack.requests == [{"view": "sockets"}] * 2


def test_text_from_outside_cannot_drive_the_terminal(weir):
    program = {"pid": 1, "name": "x\x1b[2J\ny"}
    weir.serve(world(a=[sock("ESTABLISHED", "10.0.0.1:80", "10.0.0.2:5", program=program)]))
    assert " 1/x?[2J?y " in weir.out("netstat", "-tp")
    weir.serve(world(**{"a\x1b": [SERVER], "b": []}))
    assert "-- host a? --" in weir.out("netstat", "-ta") and " weir_id:a?#1 " in weir.out("ss", "-tail")


def test_ten_thousand_sockets(weir):
    count = 10000
    weir.serve(world(a=[sock("ESTABLISHED", "10.0.0.1:80", f"10.0.0.2:{1 + i}", id=i) for i in range(count)]))
    lines = rows(weir.out("netstat", "-tn")).splitlines()
    assert len(lines) == count and lines[-1].split()[4] == f"10.0.0.2:{count}"
