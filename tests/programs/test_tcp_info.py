# SPDX-License-Identifier: Apache-2.0
"""What unchanged programs read in TCP_INFO of a transfer that has a rate and a round trip to measure."""

import json
import sys

PROGRAM = """
import json, socket, struct, sys

BYTES = 4_000_000
FLAGS, RCV_RTT, DELIVERY_RATE, REHASH, LENGTH = 7, 92, 160, 236, 280

def told(s):
    raw = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LENGTH)
    return {"length": len(raw), "flags": raw[FLAGS], "rcv_rtt_us": struct.unpack_from("I", raw, RCV_RTT)[0],
            "delivery_rate": struct.unpack_from("Q", raw, DELIVERY_RATE)[0],
            "rehash": struct.unpack_from("I", raw, REHASH)[0]}

if sys.argv[1] == "receives":
    listener = socket.create_server(("", 9000))
    peer, _ = listener.accept()
    left = BYTES
    while left:
        left -= len(peer.recv(100000))
    peer.sendall(json.dumps(told(peer)).encode() + b"\\n")
    peer.recv(1)
else:
    s = socket.create_connection(("10.0.0.2", 9000))
    s.sendall(bytes(BYTES))
    theirs = s.makefile().readline()
    print(json.dumps({"sender": told(s), "receiver": json.loads(theirs)}))
"""

WORLD = """
host { name = "a", address = "10.0.0.1/24" }
host { name = "b", address = "10.0.0.2/24" }
link { "a", "b", delay = "10ms", rate = "40Mbit/s" }
"""


def test_a_transfer_is_measured(make_world):
    world = make_world(WORLD)
    receiver = world.start("b", sys.executable, "-c", PROGRAM, "receives")
    world.listening("b", 9000)
    told = json.loads(world.run("a", sys.executable, "-c", PROGRAM, "sends"))
    receiver.wait(timeout=20)
    assert told["sender"]["length"] == told["receiver"]["length"] == 280
    assert told["sender"]["rehash"] == 0
    # Five million bytes a second at most, headers counted; the machine may be slow, and the queues are small.
    assert 100_000 < told["sender"]["delivery_rate"] <= 5_500_000
    assert 20_000 <= told["receiver"]["rcv_rtt_us"] < 5_000_000
