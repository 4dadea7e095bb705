-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Every state that netstat shows, each on a connection of its own",
  shows = "T1.4",
}

host { name = "A", address = { "10.0.0.1/24", "fd00::1/64" } }
host { name = "B", address = { "10.0.0.2/24", "fd00::2/64" } }
link { name = "lan", "A", "B", delay = "10ms" }

-- what keeps each connection where it is
drop { from = "B", flags = "SYN,ACK", port = 1001 } -- SYN_SENT: no answer
drop { from = "A", flags = "ACK", port = 2002 } -- SYN_RCVD: no third message
drop { from = "B", flags = "ACK", port = 1004, after = "305ms" } -- FIN_WAIT_1: the FIN is not acknowledged
drop { from = "A", flags = "ACK", port = 2007, after = "305ms" } -- CLOSING: the FINs cross, their ACKs are lost
drop { from = "B", flags = "ACK", port = 1007, after = "305ms" }
drop { from = "A", flags = "ACK", port = 2008, after = "315ms" } -- LAST_ACK: the last message is lost

local function client(name, port, remote, act)
  program("A", name, function()
    local s = connect("B", remote, { port = port })
    if s then act(s) end
    sleep "10min"
  end)
end

local function server(name, port, act)
  program("B", name, function()
    local l = listen(port)
    local s = l:accept()
    act(s)
    sleep "10min"
  end)
end

local function wait(s) sleep "1s" end

local function at_300ms(f)
  return function(s) sleep(string.format("%.6fs", 0.3 - now())) f(s) end
end

client("syn sent", 1001, 2001, wait)
server("syn sent", 2001, wait)
client("syn received", 1002, 2002, wait)
server("syn received", 2002, wait)
client("established", 1003, 2003, wait)
server("established", 2003, wait)
client("fin wait 1", 1004, 2004, at_300ms(function(s) s:shutdown() end))
server("fin wait 1", 2004, wait)
client("fin wait 2", 1005, 2005, at_300ms(function(s) s:shutdown() end))
server("close wait", 2005, wait)
client("time wait", 1006, 2006, at_300ms(function(s) s:close() end))
server("time wait", 2006, function(s) s:read(1) s:close() end)

client("closing", 1007, 2007, at_300ms(function(s) s:shutdown() end))
server("closing", 2007, at_300ms(function(s) s:shutdown() end))
client("last ack", 1008, 2008, at_300ms(function(s) s:close() end))
server("last ack", 2008, function(s) s:read(1) s:close() end)

at("500ms", function()
  mark "every state"
  local function has(host, state, port)
    local found
    for _, s in ipairs(sockets(host)) do
      found = found or s.state == state and (s.here .. " " .. s.there):find(":" .. port, 1, true) ~= nil
    end
    expect("T1.4", state .. " at " .. host, found)
    expect("T1.4", state .. " in netstat", netstat(host):find(state, 1, true) ~= nil)
  end
  has("B", "LISTEN", 2003)
  has("A", "SYN_SENT", 1001)
  has("B", "SYN_RCVD", 1002)
  has("A", "ESTABLISHED", 1003)
  has("A", "FIN_WAIT_1", 1004)
  has("A", "FIN_WAIT_2", 1005)
  has("B", "CLOSE_WAIT", 1005)
  has("A", "TIME_WAIT", 1006)
  has("A", "CLOSING", 1007)
  has("B", "LAST_ACK", 1008)
  expect("T1.4", "wildcards", netstat("B"):find("0.0.0.0:2003            0.0.0.0:*", 1, true) ~= nil)
end)
