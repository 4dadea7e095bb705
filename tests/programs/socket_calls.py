# SPDX-License-Identifier: Apache-2.0
"""Socket calls of many kinds on 127.0.0.1, each result printed. Run on the kernel's sockets and on Weir's, the output must be
the same: test_calls.py compares."""

import array
import errno
import fcntl
import os
import select
import signal
import socket
import struct
import sys
import tempfile
import time

PORT = 7000


def pair(family=socket.AF_INET, host="127.0.0.1"):
    global PORT
    PORT += 1
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, PORT))
    listener.listen(5)
    client = socket.socket(family)
    client.connect((host, PORT))
    server, peer = listener.accept()
    assert peer[:2] == client.getsockname()[:2], (peer, client.getsockname())
    return listener, client, server


def outcome(call):
    try:
        return call()
    except OSError as e:
        return errno.errorcode.get(e.errno, str(e))


def events(sock, timeout=5000, want=select.POLLIN):
    """The poll mask once something of `want` (or an end) is there."""
    p = select.poll()
    p.register(sock, want)
    p.poll(timeout)
    p.modify(sock, select.POLLIN | select.POLLOUT | select.POLLRDHUP)
    return [mask for _, mask in p.poll(0)]


def names():
    listener, client, server = pair()
    print("names", client.getpeername()[1] == PORT, server.getsockname() == ("127.0.0.1", PORT))
    print("listener", listener.getsockname(), outcome(listener.getpeername))
    print("types", client.type == socket.SOCK_STREAM, client.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE),
          client.getsockopt(socket.SOL_SOCKET, 39), listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def peek_and_waitall():
    _, client, server = pair()
    client.sendall(b"hello")
    print("poll", events(server))
    print("peek", server.recv(3, socket.MSG_PEEK), server.recv(5, socket.MSG_WAITALL))
    print("empty", outcome(lambda: server.recv(1, socket.MSG_DONTWAIT)))
    client.shutdown(socket.SHUT_WR)
    print("end", server.recv(1), events(server), outcome(lambda: client.send(b"x")))
    print("other way", server.send(b"still"), client.recv(5))


def messages():
    _, client, server = pair()
    print("sendmsg", client.sendmsg([b"one", b"two", b"three"]))
    parts = [bytearray(4), bytearray(7)]
    print("recvmsg", server.recvmsg_into(parts)[0], parts)
    print("writev", os.writev(client.fileno(), [b"a", b"bc"]), server.recv(3, socket.MSG_WAITALL))


def timeouts():
    _, client, server = pair()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, array.array("l", [0, 50000]).tobytes())
    start = time.monotonic()
    print("rcvtimeo", outcome(lambda: server.recv(1)), 0.04 < time.monotonic() - start < 5)


def interrupted():
    _, client, server = pair()

    def stop(*_):
        raise InterruptedError(errno.EINTR, "signal")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    print("signal", outcome(lambda: server.recv(1)))


def descriptors():
    _, client, server = pair()
    copy = os.dup(client.fileno())
    client.close()
    print("dup", os.write(copy, b"dup"), server.recv(3))
    child = os.fork()
    if child == 0:
        os.write(copy, b"child")
        os._exit(0)
    os.waitpid(child, 0)
    print("fork", server.recv(5))
    os.set_inheritable(copy, True)
    child = os.fork()
    if child == 0:
        os.execvp("sh", ["sh", "-c", f"printf exec >&{copy}"])
    os.waitpid(child, 0)
    print("exec", server.recv(4))
    left, right = socket.socketpair()
    socket.send_fds(left, [b"fd"], [copy])
    _, fds, _, _ = socket.recv_fds(right, 2, 1)
    os.close(copy)
    print("passed", os.write(fds[0], b"passed"), server.recv(6))
    os.close(fds[0])
    print("last close", server.recv(1))


def many_ways_to_wait():
    _, client, server = pair()
    e = select.epoll()
    e.register(server, select.EPOLLIN | select.EPOLLET)
    print("epoll idle", e.poll(0))
    client.sendall(b"x")
    print("epoll", [m for _, m in e.poll(5)], e.poll(0))
    print("select", [s is server for s in select.select([server], [], [], 5)[0]])


def sendfile():
    _, client, server = pair()
    with tempfile.TemporaryFile() as f:
        f.write(b"z" * 300000)
        f.flush()
        sent = 0
        got = 0
        while sent < 300000:
            sent += os.sendfile(client.fileno(), f.fileno(), sent, 300000 - sent)
            while got < sent:
                got += len(server.recv(1 << 16))
    print("sendfile", sent, got)


def resets():
    _, client, server = pair()
    client.sendall(b"unread")
    server.recv(1)
    server.close()
    print("reset", events(client), outcome(lambda: client.recv(1)), outcome(lambda: client.recv(1)))
    _, client, server = pair()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, array.array("i", [1, 0]).tobytes())
    client.close()
    events(server)
    print("linger 0", outcome(lambda: server.recv(1)))


def refusals():
    free = socket.socket()
    print("refused", outcome(lambda: free.connect(("127.0.0.1", 1))))
    late = socket.socket()
    late.setblocking(False)
    print("started", late.connect_ex(("127.0.0.1", 1)) in (errno.EINPROGRESS, errno.ECONNREFUSED))
    listener, client, _ = pair()
    second = socket.socket()
    print("in use", outcome(lambda: second.bind(("127.0.0.1", PORT))))
    print("not ours", outcome(lambda: socket.socket().bind(("192.0.2.200", 0))))
    print("bound twice", outcome(lambda: listener.bind(("127.0.0.1", 1))))
    print("connected", outcome(lambda: client.connect(("127.0.0.1", PORT))), outcome(lambda: client.listen(1)))
    listener.setblocking(False)
    print("nobody", outcome(listener.accept))


def options():
    s = socket.socket()
    tcp = socket.IPPROTO_TCP
    print("defaults", s.getsockopt(tcp, socket.TCP_NODELAY), s.getsockopt(tcp, socket.TCP_KEEPIDLE),
          s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    s.setsockopt(tcp, socket.TCP_NODELAY, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 50000)
    print("set", s.getsockopt(tcp, socket.TCP_NODELAY), s.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF))
    print("unknown", outcome(lambda: s.setsockopt(socket.SOL_SOCKET, 9999, 1)), outcome(lambda: s.setsockopt(tcp, 2, 40)))


def tcp_options():
    s = socket.socket()

    def show(name, value):
        def put():
            s.setsockopt(socket.IPPROTO_TCP, name, value)
            return s.getsockopt(socket.IPPROTO_TCP, name)
        print("option", name, s.getsockopt(socket.IPPROTO_TCP, name), value, outcome(put))

    for name, values in (
        (socket.TCP_MAXSEG, (87, 1000, 32768)), (socket.TCP_CORK, (1, 0)), (socket.TCP_KEEPIDLE, (0, 32768, 60)),
        (socket.TCP_KEEPINTVL, (0, 60)), (socket.TCP_KEEPCNT, (128, 5)), (socket.TCP_LINGER2, (5, -3, 1000)),
        (socket.TCP_WINDOW_CLAMP, (5, 5000)), (socket.TCP_USER_TIMEOUT, (-1, 5000)),
        (socket.TCP_NOTSENT_LOWAT, (16384,)),
    ):
        for value in values:
            show(name, value)
    for value in (128, 0, 3):
        print("syncnt", outcome(lambda: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, value)))
    print("congestion", outcome(lambda: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"nonesuch")))


def at_mark(sock):
    return struct.unpack("i", fcntl.ioctl(sock, 0x8905, struct.pack("i", -1)))[0]


def exceptional(sock):
    """Waits for urgent data."""
    return len(select.select([], [], [sock], 5)[2])


def urgent():
    _, client, server = pair()
    print("none", outcome(lambda: server.recv(1, socket.MSG_OOB)), at_mark(server))
    print("sent", client.send(b"ab"), client.send(b"cU", socket.MSG_OOB), client.send(b"de"), exceptional(server))
    print("before", server.recv(100), "mark", at_mark(server))
    print("byte", server.recv(1, socket.MSG_OOB), "again", outcome(lambda: server.recv(1, socket.MSG_OOB)))
    print("behind", server.recv(100), at_mark(server))
    # Left out when it is not read.
    client.send(b"1")
    client.send(b"V", socket.MSG_OOB)
    client.send(b"2")
    exceptional(server)
    events(server)
    print("left out", server.recv(100), server.recv(100), outcome(lambda: server.recv(1, socket.MSG_OOB)))
    # In line.
    server.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    client.send(b"3")
    client.sendmsg([b"4", b"", b"W"], [], socket.MSG_OOB)
    client.send(b"5")
    exceptional(server)
    print("in line", server.recv(100), at_mark(server), end=" ")
    print(server.recv(100, socket.MSG_PEEK)[:1], at_mark(server))
    # A signal.
    told = []
    signal.signal(signal.SIGURG, lambda *_: told.append("SIGURG"))
    fcntl.fcntl(client, fcntl.F_SETOWN, os.getpid())
    server.send(b"X", socket.MSG_OOB)
    exceptional(client)
    print("signal", told, client.recv(1, socket.MSG_OOB))
    signal.signal(signal.SIGURG, signal.SIG_DFL)
    # A run of many marks: each at its place.
    for i in range(50):
        client.send(b"%02d" % i + b"!", socket.MSG_OOB)
    client.shutdown(socket.SHUT_WR)
    got = b""
    while piece := server.recv(1000):
        got += piece
    print("all", got.replace(b"5", b"", 1) if got[:1] == b"5" else got)


def dual_stack():
    _, client, server = pair(socket.AF_INET6, "::1")
    client.sendall(b"six")
    print("ipv6", server.recv(3), server.getpeername()[0])
    listener = socket.socket(socket.AF_INET6)
    listener.bind(("::", 7999))
    listener.listen(1)
    client = socket.create_connection(("127.0.0.1", 7999))
    server, peer = listener.accept()
    print("v4-mapped", peer[0], server.getsockname()[0], client.getpeername())


for part in (names, peek_and_waitall, messages, timeouts, interrupted, descriptors, many_ways_to_wait, sendfile, resets, refusals,
             options, tcp_options, urgent, dual_stack):
    print("--", part.__name__)
    part()
    sys.stdout.flush()
