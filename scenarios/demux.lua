-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Which structure gets a packet: the one that fits with the fewest wildcards",
  figure = "6.12",
  shows = "T8.1 T8.2 T8.3",
}

host { name = "A", address = "172.16.1.10/0" }
host { name = "B", address = { "10.1.2.3/0", "192.168.3.2/0" } }
link { name = "net", "A", "B", delay = "5ms" }

local zero, one, two, three -- ids, in the figure's order

-- Two listeners on overlapping addresses need SO_REUSEPORT; the figure takes it for granted.
program("B", "structure 0", function()
  local l = listen(99, { reuseport = true })
  zero = l:id()
  local s = l:accept()
  two = s:id()
  s:read(1)
end)

program("B", "structure 1", function()
  local l = listen(99, { address = "10.1.2.3", reuseport = true })
  one = l:id()
  local s = l:accept()
  three = s:id()
  s:read(1)
end)

program("A", "first client", function()
  local s = connect("192.168.3.2", 99, { port = 30001 })
  sleep "1s"
  s:close()
end)

at("500ms", function()
  mark "figure 6.12"
  local id, wildcards = demux("B", "172.16.1.10:56789", "10.1.2.3:99")
  expect("T8.3", "the packet goes to structure 1", id, one)
  expect("T8.2", "which has the fewest wildcards that fit", wildcards, 2)
  id, wildcards = demux("B", "172.16.1.10:56789", "192.168.3.2:99")
  expect("T8.3", "to the other address: structure 0", id, zero)
  expect("T8.2", "with three", wildcards, 3)
  id, wildcards = demux("B", "172.16.1.10:30001", "192.168.3.2:99")
  expect("T8.3", "of a connection: structure 2", id, two)
  expect("T8.2", "with none", wildcards, 0)
  expect("T8.2", "another port: nobody", demux("B", "172.16.1.10:56789", "10.1.2.3:98"), 0)
end)

-- and the packet itself
program("A", "second client", function()
  local s = connect("10.1.2.3", 99, { port = 56789 })
  expect("T8.3", "structure 1 has accepted it", sockets("B")[4].here, "10.1.2.3:99")
  expect("T8.1", "all of them share the port", sockets("B")[3].here, "192.168.3.2:99")
  sleep "100ms"
  expect("T8.3", "by its program", three, sockets("B")[4].id)
  s:close()
end, { start = "600ms" })
