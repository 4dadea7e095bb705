-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "SO_LINGER: close waits for the closing handshake, or says that the time ran out; with 0 it is a RST",
  shows = "T6.8 T6.9",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms", rate = "1Mbit/s" }

drop { from = "B", port = 1002, flags = "ACK", after = "3s" }

program("A", function()
  local s = connect("B", 22, { port = 1001, linger = "10s" })
  s:write(100000)
  local before = now()
  local ok = s:close()
  expect("T6.8", "close has waited until all was acknowledged", ok, true)
  expect("T6.8", "which took as long as the bytes did", now() - before > 0.7 and now() - before < 1.0)
  local state = sockets("A")[1].state
  expect("T6.8", "so the handshake is on its way or done", state == "FIN_WAIT_2" or state == "TIME_WAIT")

  sleep(string.format("%.6fs", 2.9 - now()))
  s = connect("B", 22, { port = 1002, linger = "2s" })
  sleep "200ms"
  s:write(1000)
  before = now()
  local closed, why = s:close()
  expect("T6.8", "no acknowledgement comes: the time is up", math.abs(now() - before - 2) < 1e-6)
  expect("T6.8", "and the program can know it", why, "EAGAIN")
  mark "the time ran out, TCP goes on"
  local found
  for _, t in ipairs(sockets("A")) do
    if t.here == "10.0.0.1:1002" then found = t end
  end
  expect("T6.8", "the view says what has not been acknowledged", found.sendq, 1000)

  s = connect("B", 22, { port = 1003, linger = "0s" })
  s:write(1000)
  s:close()
  local left = netstat("A"):find("10.0.0.1:1003", 1, true)
  expect("T6.9", "an abortive close leaves nothing behind", left, nil)
end)

program("B", function()
  local l = listen(22)
  local s = l:accept()
  s:drain()
  s:close()
  s = l:accept()
  local other = l:accept()
  local text, why = other:read(10000)
  if text then text, why = other:read(10000) end
  expect("T6.9", "the peer is told: reset", why, "ECONNRESET")
end)
