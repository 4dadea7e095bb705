-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Which addresses and ports a socket has: given, picked, filled in by the handshake, or wildcards",
  shows = "T8.5 T5.1",
}

host { name = "A", address = { "10.0.0.1/24", "fd00::1/64" } }
host { name = "M", address = { "10.0.0.5/24" } }
host { name = "B", address = { "10.0.0.2/24", "fd00::2/64" } }
link { name = "lan", "A", "B", "M", delay = "1ms" }

local function ends(s)
  local address, port = s:address()
  return address, port
end

program("B", "server", function()
  local l = listen(0)
  local address, port = ends(l)
  expect("T8.5", "ServerSocket: port 0 picks one", port > 1023)
  expect("T8.5", "no local address: the wildcard", address, "0.0.0.0")
  expect("T8.5", "remote: the wildcard", netstat("B"):find("0.0.0.0:*", 1, true) ~= nil)
  served = port
  local s = l:accept()
  address, port = ends(s)
  expect("T8.5", "accepted: the packet's destination", address, "10.0.0.2")
  expect("T8.5", "accepted: the listener's port", port, served)
  expect("T8.5", "accepted: the packet's source", s:peer(), "10.0.0.1")
  s:read(1)
end)

program("B", "server of IPv6", function()
  local s = listen(22, { address = "fd00::2" }):accept()
  expect("T8.5", "a given local address", s:address(), "fd00::2")
  s:read(1)
end)

program("A", function()
  local s = connect("B", served)
  local address, port = ends(s)
  expect("T8.5", "Socket: a port above 1023 is picked", port > 1023)
  expect("T8.5", "Socket: the address of the interface towards the server", address, "10.0.0.1")
  local t = connect("B", served, { port = 5555 })
  expect("T8.5", "Socket: or the one that was named", t:peer() == "10.0.0.2" and select(2, ends(t)) == 5555)
  local six = connect("fd00::2", 22)
  expect("T8.5", "IPv6 alike", six:address(), "fd00::1")

  local d = udp()
  expect("T8.5", "DatagramSocket: bound to nothing", d:address(), "0.0.0.0")
  expect("T8.5", "its remote end is a wildcard", d:peer(), nil)
  d:connect("B", 9)
  expect("T8.5", "until connect fixes it", select(2, d:peer()), 9)
  expect("T8.5", "which picks the local ones too", d:address() == "10.0.0.1" and select(2, d:address()) > 1023)
end, { start = "10ms" })
