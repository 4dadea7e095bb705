-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Both programs write 1500 bytes before they read, SQS = RQS = 500: deadlock",
  figure = "6.5",
  shows = "T3.1 T3.2 T3.3",
}

host { name = "A", address = "10.0.0.1/24", sndbuf = 500, rcvbuf = 500 }
host { name = "B", address = "10.0.0.2/24", sndbuf = 500, rcvbuf = 500 }
link { name = "lan", "A", "B", delay = "10ms" }

program("A", function()
  local s = connect("B", 22, { port = 43346 })
  s:write(1500)
  print "never reached"
  s:read(1500)
end)

program("B", function()
  local l = listen(22)
  local s = l:accept()
  s:write(1500)
  print "never reached"
  s:read(1500)
end)

local function is_stuck(when)
  local a, b = sockets("A")[1], sockets("B")[2]
  for _, s in ipairs { a, b } do
    expect("T3.3", "SendQ " .. when, s.sendq, 500)
    expect("T3.3", "RecvQ " .. when, s.recvq, 500)
    expect("T3.3", "Delivered " .. when, s.delivered, 0)
    expect("T3.3", "copied of 1500 " .. when, s.written, 1000)
    expect("T3.3", "state " .. when, s.state, "ESTABLISHED")
  end
  local why = stuck() or ""
  expect("T3.3", "it is said, of A", why:find("A (socket A#1) is in write(1500) with 500 bytes left", 1, true) ~= nil)
  expect("T3.3", "it is said, of B", why:find("B (socket B#2) is in write(1500) with 500 bytes left", 1, true) ~= nil)
  expect("T3.3", "with the queues", why:find("SendQ is full (500/500)", 1, true) ~= nil)
  expect("T3.3", "with the cure", why:find("cure: one side reads", 1, true) ~= nil)
end

at("2s", function()
  mark "figure 6.5"
  is_stuck "after 2 s"
end)

at("600s", function()
  is_stuck "after 10 min: for ever"
end)
