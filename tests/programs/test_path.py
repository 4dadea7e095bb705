# SPDX-License-Identifier: Apache-2.0
"""Weir and the kernel on one emulated path (bench/rig): transfers either way through losses and reordering bring the
right bytes, and tshark finds no protocol error in what was sent. How fast they are is bench/path's business."""

import json
import os
import subprocess

import pytest
from conftest import PATIENCE, ROOT, need

RIG = ROOT / "build" / "bench" / "path-rig"
BYTES = 2_000_000
# The kernel writes a sum of 0 as 0xffff, which is the same number, also in TCP; tshark calls that illegal.
BAD = "_ws.malformed || ip.checksum.status == 0 || (tcp.checksum.status == 0 && tcp.checksum != 0xffff)"


@pytest.fixture(autouse=True)
def allowed():
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        pytest.skip("needs root, TUN and network namespaces")
    if not RIG.exists():
        pytest.skip("bench/path-rig is not built")


@pytest.mark.parametrize("loss", [0, 10000], ids=["clean", "lossy"])
@pytest.mark.parametrize("way", ["linux:linux", "weir:weir", "weir:linux", "linux:weir"])
def test_right_bytes(tmp_path, way, loss):
    need("tshark")
    capture = tmp_path / "path.pcap"
    command = [RIG, "--flow", way, "--bytes", BYTES, "--seconds", 30, "--delay", 2, "--rate", 100]
    command += ["--loss", loss, "--reorder", loss, "--capture", capture]
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=PATIENCE, check=True)
    result = json.loads(run.stdout)
    flow = result["flows"][0]
    assert flow["ended"] and flow["right"] and flow["bytes"] == BYTES
    assert result["device_drops"] == 0
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    seen = subprocess.run(
        ["tshark", "-r", capture, *checks, "-Y", BAD], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert seen.stdout == ""
