# SPDX-License-Identifier: Apache-2.0
"""ss's table: columns, words, filters."""

import json

import pytest
from fake_stack import sock, world

TCP = {
    "cwnd_bytes": 14480,
    "ssthresh_bytes": None,
    "snd_mss": 1448,
    "rcv_mss": 536,
    "srtt_ns": 50_000,
    "rttvar_ns": 20_000,
    "rto_ns": 204_000_000,
    "snd_wnd": 65536,
    "rcv_wnd": 262144,
    "snd_wscale": 7,
    "rcv_wscale": 8,
    "timestamps": True,
    "segs_in": 12,
    "segs_out": 20,
    "bytes_resent": 0,
    "resent": 0,
}


def timer(kind, ms, retransmits=0):
    return {"kind": kind, "left_ns": ms * 1_000_000, "retransmits": retransmits}


def test_figure_6_6_first_message_sent(weir):
    program = {"pid": 1, "name": "A", "fd": 3}
    syn = sock("SYN_SENT", "10.21.44.33:43346", "192.0.2.8:22", program=program, timer=timer("on", 990))
    weir.serve(world(A=[syn]))
    assert weir.out("ss", "-tno", "A") == (
        "State     Recv-Q Send-Q Local Address:Port    Peer Address:Port Process\n"
        'SYN-SENT  0      0        10.21.44.33:43346      192.0.2.8:22    users:(("A",pid=1,fd=3)) timer:(on,990ms,0)\n'
    )
    assert weir.out("ss", "-tino", "A").endswith("timer:(on,990ms,0)\n\t weir_id:A#1 weir_delivered:0\n")


def test_figure_6_11_time_wait(weir):
    """The program is gone, the socket is there."""
    weir.serve(world(A=[sock("TIME_WAIT", "10.21.44.33:43346", "192.0.2.8:22", timer=timer("timewait", 59_000))]))
    assert weir.out("ss", "-to").splitlines()[1] == (
        "TIME-WAIT 0      0        10.21.44.33:43346      192.0.2.8:22    timer:(timewait,59sec,0)"
    )


def test_a_listener_tells_its_two_lengths(weir):
    listener = sock("LISTEN", "0.0.0.0:80", accept_len=2, backlog=511, incomplete_len=1, accept_dropped=4)
    weir.serve(world(a=[listener]))
    assert weir.out("ss", "-tlH") == "LISTEN    2      511    0.0.0.0:80      0.0.0.0:*\n"
    assert weir.out("ss", "-tliHO").endswith(" weir_id:a#1 weir_incomplete:1 weir_accept_dropped:4\n")


def test_columns_grow_with_their_contents(weir):
    six = "[fd00:1234:5678:9abc:def0:1234:5678:9abc]"
    weir.serve(
        world(
            a=[
                sock("ESTABLISHED", "::ffff:10.0.0.1:80", "::ffff:10.0.0.2:43346", proto="tcp6", recvq=12345678),
                sock("LISTEN", ":::80", ":::*", proto="tcp6", backlog=5),
                sock("LISTEN", ":::81", ":::*", proto="tcp6", backlog=5, v6only=True),
                sock("FIN_WAIT_1", six[1:-1] + ":1", six[1:-1] + ":22", proto="tcp6", sendq=1),
                sock("CLOSED", "0.0.0.0:53", proto="udp"),
            ]
        )
    )
    assert weir.out("ss", "-a") == (
        "Netid State      Recv-Q   Send-Q                             Local Address:Port"
        "                                 Peer Address:Port Process\n"
        "udp   UNCONN     0        0                                        0.0.0.0:53"
        "                                        0.0.0.0:*\n"
        "tcp   LISTEN     0        5                                              *:80"
        "                                              *:*\n"
        "tcp   LISTEN     0        5                                           [::]:81"
        "                                           [::]:*\n"
        "tcp   ESTAB      12345678 0                              [::ffff:10.0.0.1]:80"
        "                              [::ffff:10.0.0.2]:43346\n"
        f"tcp   FIN-WAIT-1 0        1      {six}:1       {six}:22\n"
    )


def test_info_names_what_tcp_knows(weir):
    conn = sock(
        "ESTABLISHED",
        "10.0.0.1:5",
        "10.0.0.2:80",
        recvq={"bytes": 10, "hidden": 5},
        sendq={"bytes": 700, "unsent": 200},
        written=5000,
        delivered=85,
        tcp=TCP,
    )
    weir.serve(world(a=[conn]))
    path = " wscale:7,8 rto:204 rtt:0.05/0.02 mss:1448 rcvmss:536 cwnd:10"
    traffic = " bytes_sent:4800 bytes_acked:4300 bytes_received:100 segs_out:20 segs_in:12"
    rest = " notsent:200 snd_wnd:65536 weir_id:a#1 weir_delivered:85 weir_rcv_wnd:262144\n"
    first = "ESTAB     15     700    10.0.0.1:5       10.0.0.2:80"
    assert weir.out("ss", "-tinH") == f"{first}\n\t{path}{traffic} send 2316800000bps{rest}"
    assert weir.out("ss", "-tiH") == f"{first}\n\t{path}{traffic} send 2.32Gbps{rest}"
    assert weir.out("ss", "-tioH") == f"{first}\n\t ts{path}{traffic} send 2.32Gbps{rest}"
    assert weir.out("ss", "-tiHO") == f"{first}   {path}{traffic} send 2.32Gbps{rest}"


def test_info_of_a_connection_in_trouble(weir):
    tcp = {**TCP, "ssthresh_bytes": 2896, "cwnd_bytes": 1448, "rto_ns": 1_608_000_000, "resent": 4, "bytes_resent": 5792}
    conn = sock("ESTABLISHED", "10.0.0.1:5", "10.0.0.2:80", tcp=tcp, timer=timer("on", 1250, 3), out_of_order=9)
    weir.serve(world(a=[conn]))
    words = weir.out("ss", "-tinHO").split()
    told = {"rto:1608", "backoff:3", "cwnd:1", "ssthresh:2", "bytes_sent:5792", "bytes_retrans:5792", "retrans:1/4"}
    assert told | {"weir_out_of_order:9"} <= set(words)
    assert [word for word in words if word.startswith("weir_")] == words[-4:]
    assert "timer:(on,1.250ms,3)" in weir.out("ss", "-to")


def test_info_of_a_measured_connection(weir):
    tcp = {**TCP, "delivery_bytes_per_s": 250_000, "delivery_limited": True, "rcv_rtt_ns": 30_500_000, "marked_out": 7}
    weir.serve(world(a=[sock("ESTABLISHED", "10.0.0.1:5", "10.0.0.2:80", tcp={**tcp, "delivered_segs": 90})]))
    told = weir.out("ss", "-tiHO")
    assert " delivery_rate 2Mbps delivered:90 delivered_ce:7 app_limited " in told
    assert " rcv_rtt:30.5 " in told
    assert " delivery_rate 2000000bps " in weir.out("ss", "-tinHO")


def test_memory_and_owner(weir):
    conn = sock(
        "ESTABLISHED",
        "::1:5",
        "::1:80",
        proto="tcp6",
        id=26,
        uid=33,
        inode=4711,
        recvq={"bytes": 100, "limit": 1000},
        sendq={"bytes": 200, "limit": 2000},
        out_of_order=50,
        timer=timer("keepalive", 7_200_000),
    )
    weir.serve(world(a=[conn]))
    assert weir.out("ss", "-tmH").endswith("\n\t skmem:(r150,rb1000,t0,tb2000,f0,w200,o0,bl0,d0)\n")
    assert weir.out("ss", "-teH").endswith(" timer:(keepalive,120min,0) uid:33 ino:4711 sk:1a v6only:1\n")


@pytest.mark.parametrize(
    "ms, text",
    [
        (4, "004ms"),
        (999, "999ms"),
        (1000, "1sec"),
        (9999, "9.999ms"),
        (10_999, "10sec"),
        (61_500, "1min1sec"),
        (607_000, "10min"),
    ],
)
def test_times_are_worded_as_in_ss(weir, ms, text):
    weir.serve(world(a=[sock("ESTABLISHED", "10.0.0.1:5", "10.0.0.2:80", timer=timer("persist", ms, 2))]))
    assert f" timer:(persist,{text},2)\n" in weir.out("ss", "-toH")


def test_inferred_values_are_marked(weir):
    inexact = {"exact": False}
    weir.serve(
        world(
            a=[
                sock("ESTABLISHED", "10.0.0.1:1", "10.0.0.2:80", recvq=inexact, sendq=inexact),
                sock("ESTABLISHED", "10.0.0.1:2", "10.0.0.2:80", recvq=inexact),
                sock("ESTABLISHED", "10.0.0.1:3", "10.0.0.2:80", sendq=inexact),
                sock("ESTABLISHED", "10.0.0.1:4", "10.0.0.2:80"),
            ]
        )
    )
    ends = [line.split("80", 1)[1].strip() for line in weir.out("ss", "-tH").splitlines()]
    assert ends == ["weir_inferred:recvq,sendq", "weir_inferred:recvq", "weir_inferred:sendq", ""]
    told = json.loads(weir.out("--json", "ss", "-t"))["hosts"][0]["sockets"]
    assert [one["recvq"]["exact"] for one in told] == [False, False, True, True]


def test_several_hosts(weir):
    conn = sock("ESTABLISHED", "10.0.0.1:5", "10.0.0.2:80")
    weir.serve(world(a=[conn], b=[]))
    header = "State     Recv-Q Send-Q Local Address:Port    Peer Address:Port Process\n"
    row = "ESTAB     0      0           10.0.0.1:5           10.0.0.2:80\n"
    assert weir.out("ss", "-t") == f"-- host a --\n{header}{row}-- host b --\n{header}"
    assert weir.out("ss", "-tH").endswith(" weir_host:a\n")
    weir.out("ss", "-t", "b", "state", "established")
    assert weir.stack.requests[-1] == {"view": "sockets", "host": "b"}


STATES = ["ESTABLISHED", "SYN_SENT", "SYN_RCVD", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT", "CLOSED", "CLOSE_WAIT"]
STATES += ["LAST_ACK", "LISTEN", "CLOSING"]
CONNECTED = set(STATES) - {"CLOSED", "LISTEN"}


@pytest.mark.parametrize(
    "words, states",
    [
        ([], CONNECTED - {"SYN_RCVD"}),
        (["-a"], set(STATES)),
        (["-l"], {"LISTEN"}),
        (["state", "established"], {"ESTABLISHED"}),
        (["state", "connected"], CONNECTED),
        (["state", "synchronized"], CONNECTED - {"SYN_SENT"}),
        (["state", "bucket"], {"SYN_RCVD", "TIME_WAIT"}),
        (["state", "big"], set(STATES) - {"SYN_RCVD", "TIME_WAIT"}),
        (["state", "SYN-RECV", "state", "listening"], {"SYN_RCVD", "LISTEN"}),
        (["exclude", "established"], set(STATES) - {"ESTABLISHED"}),
        (["state", "connected", "exclude", "time-wait"], CONNECTED - {"TIME_WAIT"}),
        (["-l", "state", "closed"], {"CLOSED"}),
    ],
)
def test_filters_of_states(weir, words, states):
    weir.serve(world(a=[sock(state, "10.0.0.1:5", "10.0.0.2:80") for state in STATES]))
    told = json.loads(weir.out("--json", "ss", "-t", *words))["hosts"][0]["sockets"]
    assert {one["state"] for one in told} == states


def test_one_state_needs_no_column(weir):
    weir.serve(world(a=[sock("ESTABLISHED", "10.0.0.1:5", "10.0.0.2:80")]))
    assert weir.out("ss", "-t", "state", "established").startswith("Recv-Q Send-Q Local Address:Port")


@pytest.mark.parametrize(
    "words, ports",
    [
        (["sport = :22"], [22]),
        (["sport", "=", "22"], [22]),
        (["sport", ":22"], [22]),
        (["dport", "eq", ":80"], [22, 1022]),
        (["dport != :80"], [80, 2000]),
        (["sport >= :1022"], [1022, 2000]),
        (["sport gt 1022"], [2000]),
        (["sport < :80"], [22]),
        (["sport le :80"], [22, 80]),
        (["src 10.0.0.1"], [22, 80]),
        (["src", "10.0.0.0/8"], [22, 80, 1022]),
        (["src", "10.0.0.0/15"], [22, 80]),
        (["src", "0.0.0.0/0"], [22, 80, 1022]),
        (["src 10.0.0.1:80"], [80]),
        (["src *:80"], [80]),
        (["src != 10.0.0.1"], [1022, 2000]),
        (["dst fd00::2"], [2000]),
        (["dst [fd00::/64]:443"], [2000]),
        (["dst", "fd00::/64"], [2000]),
        (["dst [fd00::2]:443"], [2000]),
        (["src fd00::/64 and dport = :444"], []),
        (["( dport = :80 or sport = :2000 )"], [22, 1022, 2000]),
        (["(dport = :80", "or", "sport = :2000)"], [22, 1022, 2000]),
        (["not ( dport = :80 || sport = :2000 )"], [80]),
        (["! sport :22", "! sport :80"], [1022, 2000]),
        (["sport :22 or sport :80 and src 10.0.0.9"], []),
        (["sport :22 or ( sport :80 and src 10.0.0.9 )"], [22]),
    ],
)
def test_filters_of_addresses_and_ports(weir, words, ports):
    weir.serve(
        world(
            a=[
                sock("ESTABLISHED", "10.0.0.1:22", "10.0.0.2:80"),
                sock("ESTABLISHED", "::ffff:10.0.0.1:80", "::ffff:10.0.0.2:81", proto="tcp6"),
                sock("ESTABLISHED", "10.2.0.1:1022", "10.0.0.2:80"),
                sock("ESTABLISHED", "fd00::1:2000", "fd00::2:443", proto="tcp6"),
            ]
        )
    )
    told = json.loads(weir.out("--json", "ss", "-t", *words))["hosts"][0]["sockets"]
    assert sorted(one["local"]["port"] for one in told) == ports


@pytest.mark.parametrize(
    "words, saw",
    [
        (["a", "b"], 'at "b"'),
        (["state", "establishd"], 'mean "established"'),
        (["state"], "where a state is expected"),
        (["sport"], "where a value is expected"),
        (["sport = :http"], "a port is expected"),
        (["sport = :65536"], "a port is expected"),
        (["src > 10.0.0.1"], "an operator is expected"),
        (["src 10.0.0.0/33"], "an address is expected"),
        (["src 10.0.0.256"], "an address is expected"),
        (["src [fd00::1"], "an address is expected"),
        (["src 10.0.0.1:x"], 'at "10.0.0.1:x": an address'),
        (["( sport = :22"], "a closing parenthesis"),
        (["sport = :22 )"], "closes nothing"),
        (["not"], "is expected"),
        (["sport = :22 and"], "is expected"),
        (["(" * 100], "nested too deeply"),
        (["sport 1 " * 200], "too long"),
        (["sport = " + "1" * 500], "too long"),
    ],
)
def test_filters_that_cannot_be_read(weir, words, saw):
    weir.serve(world(a=[]))
    run = weir.run("ss", *words)
    assert run.returncode == 2 and run.out == "" and saw in run.err and len(run.err.splitlines()) == 3
    assert weir.stack.requests == []
