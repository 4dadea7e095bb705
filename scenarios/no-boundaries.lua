-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "TCP keeps bytes, not messages: one write in two reads, two writes in one; a datagram stays one",
  shows = "T1.6 T2.2 T2.4",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms" }

program("A", function()
  local s = connect("B", 22)
  s:write "GET "
  s:write "/index"
  sleep "100ms"
  s:write "0123456789"
  s:close()
  local d = udp()
  d:sendto("GET ", "B", 9)
  d:sendto("/index", "B", 9)
end)

program("B", "streams", function()
  local s = listen(22):accept()
  sleep "80ms"
  expect("T1.6", "two writes come out of one read", s:read(100), "GET /index")
  expect("T2.2", "one write", s:read(4), "0123")
  expect("T2.2", "comes out of two reads", s:read(100), "456789")
  expect("T1.6", "the end", s:read(1), nil)
end)

program("B", "datagrams", function()
  local d = udp(9)
  sleep "1s"
  expect("T1.6", "UDP keeps them apart", d:recvfrom(100), "GET ")
  expect("T1.6", "each its own", d:recvfrom(100), "/index")
end)
