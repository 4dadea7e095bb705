-- SPDX-License-Identifier: Apache-2.0
--
-- Ten flows meet at one bottleneck. bench/simulators measures how fast it is simulated, beside ns3.cc, which is the
-- same world in ns-3.
scenario { title = "A dumbbell: ten flows, one bottleneck of 1 Gbit/s and 10 ms", stop = "10s" }

local FLOWS = 10

for i = 1, FLOWS do
  host { name = "L" .. i, address = "10.0.0." .. i .. "/24", sndbuf = 600000, rcvbuf = 600000 }
  host { name = "R" .. i, address = "10.0.0." .. 100 + i .. "/24", sndbuf = 600000, rcvbuf = 600000 }
end
local function access(name, side)
  local settings = { name = name, delay = "100us", rate = "10Gbit/s" }
  for i = 1, FLOWS do settings[i] = side .. i end
  link(settings)
end
access("left", "L")
access("right", "R")
trunk { name = "bottleneck", "left", "right", delay = "10ms", rate = "1Gbit/s", queue = 2500000 }

for i = 1, FLOWS do
  program("R" .. i, function()
    listen(5000):accept():drain()
  end)
  program("L" .. i, function()
    connect("R" .. i, 5000):write(10000000000)
  end)
end

at("9999ms", function()
  local delivered, crossed = 0, 0
  for i = 1, FLOWS do
    delivered = delivered + sockets("R" .. i)[2].delivered
  end
  for _, wire in ipairs(wires()) do crossed = crossed + wire.delivered end
  expect("T4.1", "the bottleneck is full", delivered > 0.85 * 125000000 * 10)
  print(("bytes %d crossed %d"):format(delivered, crossed))
end)
