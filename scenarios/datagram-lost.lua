-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "A datagram that has been sent is the network's: it may be lost without a word, but not uncounted",
  shows = "T1.7",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24", rcvbuf = 2500 }
link { name = "lan", "A", "B", delay = "10ms" }

drop { udp = true, from = "A", nth = 2 }

program("A", function()
  local d = udp()
  for i = 1, 5 do
    expect("T1.7", "send returns at once", d:sendto(string.rep(tostring(i), 1000), "B", 9), 1000)
    expect("T1.7", "and nothing waits in SendQ", sockets("A")[1].sendq, 0)
  end
  expect("T1.7", "no time has passed", now(), 0.0)
end)

program("B", function()
  local d = udp(9)
  sleep "1s"
  mark "five were sent"
  local got = ""
  d:nonblock()
  for _ = 1, 5 do
    local text = d:recvfrom(2000)
    if text then got = got .. text:sub(1, 1) end
  end
  expect("T1.7", "the second was lost on the way, the last two found RecvQ full", got, "13")
  for _, wire in ipairs(wires()) do
    if wire.name == "A>lan" then expect("T1.7", "the wire counts one", wire.lost, 1) end
  end
  expect("T1.7", "the socket counts the others", sockets("B")[1].dropped, 2)
end)
