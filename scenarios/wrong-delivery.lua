-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Why TIME_WAIT: with no quiet time, a delayed segment of the old connection becomes data of the new one",
  shows = "T7.1",
}

-- The same twice: A has no quiet time, C the usual one. Timestamps are off: where both ends have them, they give the old
-- segment away.
host { name = "A", address = "10.0.0.1/24", time_wait = "0s", timestamps = false }
host { name = "C", address = "10.0.0.3/24", time_wait = "60s", timestamps = false }
host { name = "B", address = "10.0.0.2/24", timestamps = false }
link { name = "lan", "A", "B", "C", delay = "1ms" }

-- One segment of each old connection takes 3 s. Its repetition overtakes it, so nothing is missing.
delay { from = "A", byte = 150000, nth = 1, by = "3s" }
delay { from = "C", byte = 150000, nth = 1, by = "3s" }

local received = { ["10.0.0.1"] = {}, ["10.0.0.3"] = {} }

local function read_all(s)
  local all = {}
  repeat
    local text = s:read(65536)
    table.insert(all, text or "")
  until not text
  table.insert(received[s:peer()], table.concat(all))
  s:close()
end

program("B", "server", function()
  local l = listen(22)
  while true do
    local s = l:accept()
    spawn(function() read_all(s) end)
  end
end)

-- Initial sequence numbers grow by one each 4 us: half a second later the new connection's numbers begin 125000
-- higher, among those that the old one has used.
local function talk(host)
  program(host, function()
    local s = connect("B", 22, { port = 43346 })
    s:write(("o"):rep(200000))
    s:close()
    sleep "500ms"
    local again, why
    repeat
      again, why = connect("B", 22, { port = 43346 })
      if not again then sleep "1s" end
    until again
    reconnected = reconnected or {}
    reconnected[host] = now()
    sleep "10s"
    again:write(("n"):rep(200000))
    again:close()
  end)
end
talk "A"
talk "C"

at("2s", function()
  mark "the old segment is still under way"
  expect("T7.1", "quiet time 0: the new connection is there at once", reconnected.A < 0.6)
  expect("T7.1", "otherwise the pair is not free yet", reconnected.C, nil)
end)

at("200s", function()
  local a, c = received["10.0.0.1"], received["10.0.0.3"]
  expect("T7.1", "both old connections were received right", a[1] == ("o"):rep(200000) and a[1] == c[1])
  local _, wrong = a[2]:gsub("o", "")
  expect("T7.1", "quiet time 0: old bytes in the new stream", wrong > 0)
  print("bytes of the old connection delivered as the new one's: " .. wrong)
  expect("T7.1", "... and as many of its own never arrive", select(2, a[2]:gsub("n", "")), 200000 - wrong)
  expect("T7.1", "with a quiet time the new connection came later", reconnected.C > 60)
  expect("T7.1", "and got its own bytes, all of them", c[2] == ("n"):rep(200000))
end)
