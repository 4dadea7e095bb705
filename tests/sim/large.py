#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A large world runs: so many hosts on one link, so many connections between them, open all at once. Prints TAP.

    tests/sim/large.py build/weir 1000 10000
"""

import os
import subprocess
import sys
import tempfile

SCRIPT = """
local hosts, connections, bytes = %d, %d, 2000
local lan = { name = "lan", delay = "1ms", rate = "1Gbit/s", loss = "0.1%%" }
for i = 1, hosts do
  local address = i %% 2 == 1 and "10.%%d.%%d.1/8" or "10.%%d.%%d.2/8"
  host { name = "h" .. i, address = { address:format(i // 200, i %% 200 + 1), string.format("fd00::%%x/64", i) } }
  lan[i] = "h" .. i
end
link(lan)

local open, most, whole = 0, 0, 0

for i = 1, hosts do
  program("h" .. i, "server", function()
    local l = assert(listen(7, { address = "::", backlog = 100 }))
    while true do
      local s = assert(l:accept())
      spawn(function()
        repeat
          local text = s:read(4000)
          if text then s:write(text) end
        until not text
        s:close()
      end)
    end
  end)
end

for i = 1, connections do
  program("h" .. (i - 1) %% hosts + 1, "client", function()
    local peer = (i * 7919) %% hosts + 1
    local s = assert(connect(i %% 2 == 0 and "h" .. peer or string.format("fd00::%%x", peer), 7))
    open = open + 1
    most = math.max(most, open)
    sleep "10s" -- until all are open
    s:write(bytes)
    local n = 0
    while n < bytes do n = n + #assert(s:read(4000)) end
    s:close()
    open = open - 1
    whole = whole + 1
  end, { start = (100 + i %% 1000) .. "ms" })
end

at("100s", function()
  expect("large", "all connections at once", most, connections)
  expect("large", "each came back whole", whole, connections)
end)
"""


def main():
    weir, hosts, connections = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    print("1..1")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "large.lua")
        with open(path, "w", encoding="utf-8") as file:
            file.write(SCRIPT % (hosts, connections))
        run = subprocess.run([weir, "sim", "--check", path], capture_output=True, text=True)
    good = run.returncode == 0 and "2 expectations" in run.stdout
    print(f"{'ok' if good else 'not ok'} 1 - {hosts} hosts, {connections} connections")
    for line in (run.stdout + run.stderr).splitlines():
        print(f"# {line}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
