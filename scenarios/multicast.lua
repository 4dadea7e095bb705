-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "A group: several sockets share its port, and each gets a copy; IPv4 and IPv6 alike",
  shows = "T8.5 T8.6",
}

host { name = "A", address = { "10.0.0.1/24", "fd00::1/64" } }
host { name = "B", address = { "10.0.0.2/24", "fd00::2/64" } }
host { name = "C", address = { "10.0.0.3/24", "fd00::3/64" } }
link { name = "lan", "A", "B", "C", delay = "1ms" }

local families = {
  { any = "0.0.0.0", group = "239.1.2.3", from = "10.0.0.1" },
  { any = "::", group = "ff15::123", from = "fd00::1" },
}

for i, family in ipairs(families) do
  local port = 6000 + i

  local function member(host, name)
    program(host, name .. i, function()
      local s = assert(udp(port, { address = family.any, reuse = true }))
      assert(s:join(family.group))
      local text, from = s:recvfrom()
      expect("T8.6", name .. " gets a copy", text, "to the group")
      expect("T8.6", "from", from, family.from)
      s:leave(family.group)
      local ready = select { read = { s }, timeout = "1s" }
      expect("T8.6", name .. " has left", #ready, 0)
      s:close()
    end)
  end

  member("B", "first")
  member("B", "second")

  program("B", "stranger" .. i, function()
    local s, why = udp(port, { address = family.any })
    expect("T8.4", "the port is for those who share it", why, "EADDRINUSE")
  end, { start = "10ms" })

  -- C listens on the port, but has not joined: its interface does not even hear the group.
  program("C", "bystander" .. i, function()
    local s = udp(port, { address = family.any })
    local ready = select { read = { s }, timeout = "1s" }
    expect("T8.6", "who has not joined gets nothing", #ready, 0)
  end)

  program("A", "sender" .. i, function()
    local s = udp(nil, { address = family.any })
    s:sendto("to the group", family.group, port)
    sleep "100ms"
    s:sendto("to nobody", family.group, port)
  end, { start = "100ms" })
end

at("50ms", function()
  mark "the members wait"
end)
