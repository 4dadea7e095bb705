-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Three writes of 1000, 2000 and 5000 bytes: SendQ, RecvQ, Delivered",
  figure = "6.2 6.3 6.4",
  shows = "T2.1 T2.2 T2.3 T2.4",
}

host { name = "A", address = "10.0.0.1/24", timestamps = false }
host { name = "B", address = "10.0.0.2/24", timestamps = false }
link { name = "lan", "A", "B", delay = "1ms" }

-- Three segments of 500 bytes arrive; the others are held until the figure has been seen, the last is lost at first.
-- A segment suffers the first fault that fits it.
drop { from = "A", byte = 7999, before = "200ms" }
hold { from = "A", data = true, nth = 4, onward = true }

program("A", function()
  local s = connect("B", 22, { port = 43346, mss = 500 })
  s:write(1000)
  s:write(2000)
  s:write(5000)
  sleep "10s"
  s:close()
end)

local function queues_are(sendq, recvq, delivered)
  local a, b = sockets("A")[1], sockets("B")[2]
  expect("T2.3", "SendQ", a.sendq, sendq)
  expect("T2.3", "RecvQ", b.recvq, recvq)
  expect("T2.3", "Delivered", b.delivered, delivered)
  expect("T2.3", "netstat at A", netstat("A"), string.format(
    "tcp        0 %6d 10.0.0.1:43346          10.0.0.2:22             ESTABLISHED", sendq))
  expect("T2.3", "netstat at B", netstat("B"):match("\n(.*)"), string.format(
    "tcp   %6d      0 10.0.0.2:22             10.0.0.1:43346          ESTABLISHED", recvq))
end

program("B", function()
  local l = listen(22, { mss = 500 })
  local s = l:accept()
  sleep "50ms"
  mark "figure 6.2"
  queues_are(6500, 1500, 0)

  expect("T2.3", "read with a buffer of 2000 bytes", #s:read(2000), 1500)
  release "A"
  sleep "50ms"
  mark "figure 6.3"
  queues_are(500, 6000, 1500)
  expect("T2.3", "bytes by write", queues():find("500 of #2", 1, true) ~= nil)

  expect("T2.2", "read with a buffer of 4000 bytes: of two writes", #s:read(4000), 4000)
  mark "figure 6.4"
  queues_are(500, 2000, 5500)

  sleep "5s"
  expect("T2.3", "the rest, once the lost segment was sent again", #s:read(4000), 2500)
  expect("T2.3", "8000 bytes in all", sockets("B")[2].delivered, 8000)
  expect("T6.1", "end of stream", s:read(1), nil)
  s:close()
  l:close()
end)
