-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "close does not wait for delivery: if either end dies first, bytes are lost and the sender never learns; an echo tells",
  shows = "T6.7",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms", rate = "1Mbit/s" }

local function believes_in_close()
  local s = connect("B", 22)
  expect("T6.7", "all of it is written", s:write(50000), 50000)
  expect("T6.7", "close says that all is well", s:close(), true)
  mark "A has closed, and believes that it is done"
  expect("T6.7", "most of it is still in SendQ", sockets("A")[1].sendq > 30000)
end

local function server() -- counts, and echoes what has come in pieces
  local l = listen(22)
  while true do
    local s = l:accept()
    repeat
      local text = s:read(1000)
      if text and echoing then s:write(text) end
      received = (received or 0) + (text and #text or 0)
    until not text
    s:close()
  end
end

program("A", "sender", believes_in_close)
program("B", "server", server)

at("200ms", function()
  kill "A" -- the sending host dies: what is in SendQ dies with it
end)

at("10s", function()
  mark "B waits for the rest"
  expect("T6.7", "only a part has reached B", received > 0 and received < 50000)
  kill "B"
  boot "A"
  boot "B"
  received, echoing = 0, false
  program("B", "server", server)
  program("A", "sender", believes_in_close)
end)

at("10200ms", function()
  kill "B" -- now the receiving host dies: nobody tells A's program, which has gone
end)

at("20s", function()
  expect("T6.7", "again only a part", received > 0 and received < 50000)
  kill "A"
  boot "A"
  boot "B"
  received, echoing = 0, true
  program("B", "server", server)
  program("A", "waits for its echo", function()
    local s = connect("B", 22)
    local writer = spawn(function() s:write(50000) s:shutdown() end)
    local back, text = 0
    repeat
      text = s:read(1000)
      back = back + (text and #text or 0)
    until not text
    join(writer)
    expect("T6.7", "the cure: not all has come back, so not all was received", back < 50000)
  end)
end)

at("20200ms", function() crash "server" end)
