-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "What a socket's structure holds, and how it fills: from CLOSED to a connection, and to a datagram socket",
  figure = "6.1",
  shows = "T1.1 T1.4",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms" }

program("A", function()
  local s = tcp { sndbuf = 5000 }
  local fresh = sockets("A")[1]
  expect("T1.1", "a fresh structure is not in netstat yet", fresh, nil)
  s:connect("B", 22)
  s:write(3000)
  local d = udp(9)
  mark "figure 6.1: structures of host A"
  local t = sockets("A")
  expect("T1.1", "local address and port", t[1].here, "10.0.0.1:" .. select(2, s:address()))
  expect("T1.1", "remote address and port", t[1].there, "10.0.0.2:22")
  expect("T1.1", "state of the handshakes", t[1].state, "ESTABLISHED")
  expect("T1.1", "SendQ", t[1].sendq, 3000)
  expect("T1.1", "RecvQ", t[1].recvq, 0)
  expect("T1.4", "a row for each, UDP beside TCP", netstat("A"), string.format(
    "tcp        0   3000 %-23s 10.0.0.2:22             ESTABLISHED\n" ..
    "udp        0      0 0.0.0.0:9               0.0.0.0:*               ", t[1].here))
  sleep "100ms"
  expect("T1.1", "and once it has been acknowledged", sockets("A")[1].sendq, 0)
  s:close()
  d:close()
end)

program("B", function()
  local l = listen(22)
  local s = l:accept()
  sleep "50ms"
  expect("T1.1", "RecvQ of the other end", sockets("B")[2].recvq, 3000)
  s:drain()
end)
