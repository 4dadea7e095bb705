-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "A connection is closed: the first closer's side, and the other's",
  figure = "6.10 6.11",
  shows = "T6.1 T6.2 T6.3 T6.5 T7.1",
}

host { name = "A", address = "10.21.44.33/0" }
host { name = "B", address = "192.0.2.8/0" }
link { name = "net", "A", "B", delay = "20ms" }

program("A", function()
  local s = connect("192.0.2.8", 22, { port = 43346 })
  s:write(1000)
  sleep "100ms"
  local before = now()
  s:close()
  expect("T6.1", "close returns at once", now(), before)
  local ok, why = pcall(s.write, s, 1)
  expect("T6.5", "a closed socket cannot be written to", ok, false)
end)

program("B", function()
  local l = listen(22)
  local s = l:accept()
  l:close()
  expect("T6.1", "first all bytes", #s:read(1000), 1000)
  expect("T6.1", "then the end of the stream", s:read(1000), nil)
  sleep "200ms"
  s:close()
  expect("T6.3", "LAST_ACK after its own close", state("B"), "LAST_ACK")
end)

at("150ms", function()
  expect("T6.2", "the first closer, its FIN under way", state("A"), "FIN_WAIT_1")
end)

at("300ms", function()
  mark "figure 6.10: half closed"
  expect("T6.2", "FIN acknowledged", netstat("A"),
    "tcp        0      0 10.21.44.33:43346       192.0.2.8:22            FIN_WAIT_2")
  expect("T6.3", "the other side", netstat("B"),
    "tcp        0      0 192.0.2.8:22            10.21.44.33:43346       CLOSE_WAIT")
end)

at("500ms", function()
  mark "figure 6.11: both closed"
  expect("T6.2", "the first closer stays", state("A"), "TIME_WAIT")
  expect("T6.3", "the other side is gone", state("B"), "")
end)

at("59s", function() expect("T7.1", "still there", state("A"), "TIME_WAIT") end)
at("61s", function() expect("T7.1", "gone after the quiet time", state("A"), "") end)
