# SPDX-License-Identifier: Apache-2.0
"""Processes that tests leave behind: found, ended, and told.

tests/run makes itself the one to whom orphans of all that it starts are given, so nothing that a test
started, and lost, can run on and slow down or upset whatever comes after it.
"""

import ctypes
import os
import select
import signal
import time

PR_SET_CHILD_SUBREAPER = 36
GRACE_SECONDS = 10


def adopt():
    """From here on this process is the parent of all orphans below it."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def children():
    """The process ids of this process's children, those included that ended and were not waited for."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                parent = file.read().rsplit(")", 1)[1].split()[1]
        except OSError:
            continue  # it ended while we looked
        if int(parent) == os.getpid():
            found.append(int(name))
    return found


def command_of(pid):
    with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
        return file.read().replace("\0", " ").strip()


def ended_within(pid, seconds):
    """Waits for a child to end, for so long; whether it did."""
    watch = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(watch, select.POLLIN)
        ended = bool(poll.poll(max(seconds, 0) * 1000))
    finally:
        os.close(watch)
    if ended:
        os.waitpid(pid, 0)
    return ended


def end_all():
    """Waits a little for orphans that are about to end, kills the others; returns what these were."""
    killed = []
    deadline = time.monotonic() + GRACE_SECONDS
    while pids := children():
        for pid in pids:
            if not ended_within(pid, deadline - time.monotonic()):
                killed.append(f"{pid}: {command_of(pid)}")
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
    return killed
