-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "The echo client that waits for all its bytes back, on a bad link; and a UDP pair that sends again",
  shows = "T6.7 T1.7",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms", loss = "5%", reorder = "5%", duplicate = "5%", corrupt = "1%" }

program("B", "TCP echo", function()
  local l = listen(7)
  while true do
    local s = l:accept()
    spawn(function()
      while true do
        local text = s:read(1000)
        if not text then break end
        s:write(text)
      end
      s:close()
    end)
  end
end)

program("B", "UDP echo", function()
  local d = udp(7)
  while true do
    local text, from, port = d:recvfrom(1000)
    d:sendto(text, from, port)
  end
end)

program("A", "TCP client", function()
  local s, back = connect("B", 7), ""
  local text = ("echo this "):rep(2000)
  local writer = spawn(function() s:write(text) end)
  while #back < #text do
    back = back .. s:read(#text - #back)
  end
  join(writer)
  expect("T6.7", "all bytes came back: so the other program had them", back == text)
  s:close()
end)

program("A", "UDP client", function()
  local d = udp()
  d:connect("B", 7)
  for i = 1, 100 do
    local wanted, tries, got = "message " .. i, 0
    repeat
      tries = tries + 1
      d:sendto(wanted)
      if #select { read = { d }, timeout = "100ms" } > 0 then got = d:recvfrom(1000) end
    until got == wanted
    most = math.max(most or 0, tries)
  end
  expect("T1.7", "some had to be sent again, by the program", most > 1)
end)
