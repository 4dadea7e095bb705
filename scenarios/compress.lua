-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "The compression pair: a client that writes all before it reads hangs; two cures, a thread and a selector",
  shows = "T3.4 T3.5 T3.6",
  stop = "600s",
}

-- All four queues hold 500 bytes; the file has 10000 and shrinks to half.
host { name = "A", address = "10.0.0.1/24", sndbuf = 500, rcvbuf = 500 }
host { name = "B", address = "10.0.0.2/24", sndbuf = 500, rcvbuf = 500 }
link { name = "lan", "A", "B", delay = "1ms" }

local BUFFER = 250

-- A file of pairs "aabbcc...": the compressor leaves one of each, the other way doubles it.
local pairs_of = {}
for i = 1, 5000 do pairs_of[i] = string.char(97 + i * 7 % 26):rep(2) end
local file = table.concat(pairs_of)
local function compress(text) return (text:gsub("(.)%1", "%1")) end
local function decompress(text) return (text:gsub(".", "%0%0")) end

-- CompressServer: writes back what it has compressed as it goes.
local function server(port)
  program("B", "server " .. port, function()
    local s = listen(port):accept()
    local odd = ""
    while true do
      local text = s:read(BUFFER)
      if not text then break end
      text = odd .. text
      odd = #text % 2 == 1 and text:sub(-1) or ""
      s:write(compress(text:sub(1, #text - #odd)))
    end
    s:close()
  end)
end
server(1)
server(2)
server(3)

local log = { "", "", "" }
local function said(i, letter) log[i] = log[i] .. letter end

-- CompressClient: first it sends the whole file, then it reads.
program("A", "CompressClient", function()
  local s = connect("B", 1)
  for at = 1, #file, BUFFER do
    s:write(file:sub(at, at + BUFFER - 1))
    said(1, "W")
  end
  s:shutdown()
  while s:read(BUFFER) do said(1, "R") end
end)

-- CompressClientNoDeadlock: a second thread writes.
program("A", "with a thread", function()
  local s, got = connect("B", 2), ""
  local writer = spawn(function()
    for at = 1, #file, BUFFER do
      s:write(file:sub(at, at + BUFFER - 1))
      said(2, "W")
    end
    s:shutdown()
  end)
  while true do
    local text = s:read(BUFFER)
    if not text then break end
    said(2, "R")
    got = got .. text
  end
  join(writer)
  expect("T3.5", "it finishes", log[2]:find("R", 1, true) ~= nil)
  expect("T3.5", "and what comes back decompresses to the file", decompress(got) == file)
  s:close()
end)

-- One thread, without blocking: write what can be written, read what can be read.
program("A", "with a selector", function()
  local s, got, at = connect("B", 3), "", 1
  s:nonblock()
  while true do
    local readable, writable = select { read = { s }, write = at <= #file and { s } or {} }
    if #writable > 0 then
      local n = s:write(file:sub(at, at + BUFFER - 1))
      if n then
        at = at + n
        said(3, "W")
        if at > #file then s:shutdown() end
      end
    end
    if #readable > 0 then
      local text, why = s:read(BUFFER)
      if text then
        said(3, "R")
        got = got .. text
      elseif why ~= "EAGAIN" then
        break
      end
    end
  end
  expect("T3.6", "it finishes", at > #file)
  expect("T3.6", "and what comes back decompresses to the file", decompress(got) == file)
  s:close()
end)

at("300s", function()
  mark "CompressClient hangs"
  print("CompressClient:    " .. log[1])
  print("with a thread:     " .. log[2])
  print("with a selector:   " .. log[3])
  expect("T3.4", "Ws, and never an R", log[1]:match "^W+$" ~= nil)
  local client, peer
  for _, s in ipairs(sockets("A")) do if s.there == "10.0.0.2:1" then client = s end end
  for _, s in ipairs(sockets("B")) do if s.here == "10.0.0.2:1" and s.state ~= "LISTEN" then peer = s end end
  expect("T3.4", "the client's SendQ is full", client.sendq, 500)
  expect("T3.4", "the server's RecvQ is full", peer.recvq, 500)
  expect("T3.4", "the server's SendQ is full", peer.sendq, 500)
  expect("T3.4", "the client's RecvQ is full", client.recvq, 500)
  expect("T3.4", "1000 compressed bytes are stuck: of 2000 read, and what the server holds in its hands",
    peer.delivered, 2250)
  expect("T3.4", "the client got rid of that and of 1000 more", client.written, peer.delivered + 1000)
  local why = stuck() or ""
  expect("T3.4", "it is said", why:find("CompressClient", 1, true) ~= nil and why:find("server 1", 1, true) ~= nil)
end)
