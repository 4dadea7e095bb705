-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Datagrams find their socket by the same rules, over IPv4 and IPv6: the fewest wildcards win",
  shows = "T8.2 T8.6",
}

host { name = "A", address = { "10.0.0.1/24", "10.0.0.7/24", "fd00::1/64" } }
host { name = "B", address = { "10.0.0.2/24", "fd00::2/64" } }
host { name = "C", address = { "10.0.0.3/24", "fd00::3/64" } }
link { name = "lan", "A", "B", "C", delay = "1ms" }

local function receives(name, settings, remote, wanted, id)
  program("A", name, function()
    local d = udp(99, settings)
    if remote then d:connect(remote, 99) end
    sleep "100ms"
    d:nonblock()
    local all = ""
    while true do
      local text = d:recvfrom(100)
      if not text then break end
      all = all .. text
    end
    expect(id or "T8.6", name .. " gets its own", all, wanted)
  end)
end

receives("one connected to B", { address = "10.0.0.1", reuse = true }, "B", "b1")
receives("one at 10.0.0.1", { address = "10.0.0.1", reuse = true }, nil, "c1")
receives("one at every address", { reuse = true }, nil, "b7c7")
receives("one of IPv6", { address = "fd00::1" }, nil, "b6c6")

for _, from in ipairs { "B", "C" } do
  program(from, function()
    local d = udp(99)
    d:sendto(from:lower() .. "1", "10.0.0.1", 99)
    d:sendto(from:lower() .. "7", "10.0.0.7", 99)
    local six = udp(99, { address = from == "B" and "fd00::2" or "fd00::3" })
    six:sendto(from:lower() .. "6", "fd00::1", 99)
    -- nobody there: the sender is told, at its next call
    local e = udp()
    e:connect("10.0.0.1", 98)
    e:sendto "x"
    sleep "10ms"
    local text, why = e:recvfrom(10)
    expect("T8.2", "no structure fits: port unreachable", why, "ECONNREFUSED")
  end, { start = from == "B" and "10ms" or "20ms" })
end

at("5ms", function()
  local id, wildcards = demux("A", "10.0.0.2:99", "10.0.0.1:99")
  mark "sockets of A"
  expect("T8.2", "TCP has none of these", id, 0)
end)
