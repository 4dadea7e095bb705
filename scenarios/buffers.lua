-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Larger queues: more throughput, until the path is full; a write far beyond SQS goes in chunks",
  shows = "T4.1 T4.2",
  stop = "120s",
}

-- The path holds 10 Mbit/s x 40 ms = 50000 bytes.
host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
for i = 1, 8 do
  host { name = "A" .. i, address = "10.0." .. i .. ".1/24" }
  host { name = "B" .. i, address = "10.0." .. i .. ".2/24" }
  link { name = "path " .. i, "A" .. i, "B" .. i, delay = "20ms", rate = "10Mbit/s" }
end
link { name = "lan", "A", "B" }

local sizes = { 1000, 4000, 8000, 16000, 32000, 64000, 128000, 256000 }
local rate = {}

for i, size in ipairs(sizes) do
  program("B" .. i, function()
    local s = listen(22, { rcvbuf = size }):accept()
    local begin = now()
    local bytes = s:drain()
    rate[i] = bytes * 8 / (now() - begin) / 1e6
  end)
  program("A" .. i, function()
    local s = connect("B" .. i, 22)
    s:set { sndbuf = size }
    expect("T4.2", "SO_SNDBUF sets the bound", s:get "sndbuf", size)
    s:write(size < 8000 and 200000 or 4000000)
    s:close()
  end)
end

-- A write of a million bytes through a SendQ of 10000.
program("B", function() listen(22):accept():drain() end)
program("A", function()
  local s = connect("B", 22, { sndbuf = 10000 })
  s:write(1000000)
  local most = sockets("A")[1].sendq
  expect("T4.1", "one write, many times as large as SQS, worked off", sockets("A")[1].written, 1000000)
  expect("T4.1", "never more than SQS of it copied", most <= 10000)
  s:close()
end)

at("100s", function()
  print "queues   Mbit/s of 10"
  for i, size in ipairs(sizes) do print(("%6d   %.2f"):format(size, rate[i])) end
  for i = 2, 5 do
    expect("T4.1", sizes[i] .. " bytes: faster than " .. sizes[i - 1], rate[i] > 1.5 * rate[i - 1])
  end
  local one = 8000 * 8 / 0.040 / 1e6
  expect("T4.1", "at most one RecvQ a round trip, and most of that", rate[3] > 0.65 * one and rate[3] <= one)
  expect("T4.1", "from the path's own 50000 bytes on, the path is the limit", rate[8] < 1.1 * rate[6])
  expect("T4.1", "which is full", rate[8] > 9)
end)
