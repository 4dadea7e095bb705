-- SPDX-License-Identifier: Apache-2.0
--
-- A random schedule of faults over echo and compression transfers, drawn from the seed: loss, duplication, reordering,
-- corruption, cuts, held and lost SYNs and FINs, frozen programs, queues from one byte up whose bounds change, both
-- families. Whatever is drawn: no byte is lost, doubled or out of order, every program comes to its end, and no structure
-- is left.
--
--	weir sim --seeds 1..10000 tests/sim/sweep.lua
scenario { title = "Any faults: each byte once, in order, and an end", shows = "T1.5 T2.1 T3.5 T3.6", stop = "20000s" }

local random = math.random

local function chance(percent)
  return random(100) <= percent
end

local function pick(list)
  return list[random(#list)]
end

local function ms(n)
  return n .. "ms"
end

local v6 = chance(50)
local loss = pick { 0, 0, 1, 3, 10 }

-- An opening that all is dropped of for 20 s, and then some by chance, is given up sooner than is wanted here.
local patience = 10
host {
  name = "A", address = v6 and "fd00::1/64" or "10.0.0.1/24",
  timestamps = chance(80), window_scaling = chance(80), syn_retries = patience,
}
host {
  name = "B", address = v6 and "fd00::2/64" or "10.0.0.2/24",
  timestamps = chance(80), sack = chance(80), synack_retries = patience,
}
link {
  name = "lan", "A", "B",
  delay = ms(pick { 0, 1, 10, 50, 200 }),
  jitter = ms(pick { 0, 0, 5 }),
  rate = pick { "100kbit/s", "1Mbit/s", "100Mbit/s" },
  queue = random(4, 60),
  mtu = v6 and pick { 1280, 1500, 9000 } or pick { 576, 1500, 9000 },
  loss = loss .. "%",
  duplicate = pick { 0, 0, 1, 5 } .. "%",
  reorder = pick { 0, 0, 1, 5, 20 } .. "%",
  reorder_delay = ms(pick { 1, 10, 100 }),
  corrupt = pick { 0, 0, 1, 5 } .. "%",
}

-- Aimed at single segments.
for _ = 1, random(0, 4) do
  local aim = {
    from = pick { "A", "B" },
    flags = pick { "SYN", "SYN,ACK", "FIN", "ACK" },
    data = chance(20) or nil,
    nth = random(1, 4),
    onward = chance(10) or nil,
    before = "20s",
  }
  local word = random(5)
  if aim.data then aim.flags = nil end
  if word == 1 then drop(aim)
  elseif word == 2 then duplicate(aim)
  elseif word == 3 then corrupt(aim)
  elseif word == 4 then aim.by = ms(random(1, 3000)); delay(aim)
  else
    local from = aim.from
    hold(aim)
    at(ms(random(100, 5000)), function() release(from) end)
  end
end
for _ = 1, pick { 0, 0, 1, 2 } do
  local from = random(0, 5000)
  cut { link = "lan", after = ms(from), before = ms(from + random(1, 4000)) }
end

-- The book's pairs. The bytes of a message tell their place.
local kinds = {
  echo = { ratio = 1, turn = function(text) return text end },
  compress = { ratio = 2 },
}

-- Every second byte, across the borders of reads.
local function compressor()
  local carry = ""
  return function(text)
    text = carry .. text
    carry = #text % 2 == 1 and text:sub(-1) or ""
    return (text:sub(1, #text - #carry):gsub("(.).", "%1"))
  end
end

local function make_message(bytes)
  local parts = {}
  for i = 1, bytes // 6 + 1 do parts[i] = string.format("%05d;", i) end
  return table.concat(parts):sub(1, bytes)
end

local function queues()
  local one = function() return pick { 1, 7, 100, 500, 3000, 65536, 300000 } end
  return { sndbuf = one(), rcvbuf = one(), nodelay = chance(30) }
end

-- Now and then the bounds change under way.
local function rebound(s)
  if chance(3) then
    assert(s:set { rcvbuf = pick { 100, 500, 3000, 65536 }, sndbuf = pick { 100, 500, 3000, 65536 } })
  end
end

local transfers, ended, whole = random(1, 3), 0, 0

local function check(expected, from, text)
  if expected:sub(from + 1, from + #text) ~= text then
    error("other bytes at " .. from)
  end
  return from + #text
end

-- Ways of the client that cannot deadlock.
local ways = {}

-- writes in a second thread
function ways.thread(s, message, expected, size)
  local got = 0
  local writer = spawn(function()
    for at = 1, #message, size do assert(s:write(message:sub(at, at + size - 1))) end
    assert(s:shutdown())
  end)
  while true do
    local text, why = s:read(size)
    if not text then
      assert(not why, why)
      break
    end
    got = check(expected, got, text)
    rebound(s)
  end
  join(writer)
  return got
end

-- one thread, not blocking, with a selector
function ways.selector(s, message, expected, size)
  local sent, got, open = 0, 0, true
  s:nonblock()
  while true do
    if sent == #message and open then
      assert(s:shutdown())
      open = false
    end
    local r, w = select { read = { s }, write = sent < #message and { s } or {} }
    if w[1] then
      local n, why = s:write(message:sub(sent + 1, sent + size))
      assert(n or why == "EAGAIN", why)
      sent = sent + (n or 0)
    end
    if r[1] then
      local text, why = s:read(size)
      if text then
        got = check(expected, got, text)
      elseif why ~= "EAGAIN" then
        assert(not why, why)
        return got
      end
    end
  end
end

-- waits for each piece before the next
function ways.piecewise(s, message, expected, size, ratio)
  local got, sent = 0, 0
  while sent < #message do
    local piece = message:sub(sent + 1, sent + math.min(size, 400))
    assert(s:write(piece))
    sent = sent + #piece
    while got < sent // ratio do
      local text, why = s:read(size)
      assert(text, why or "end of stream")
      got = check(expected, got, text)
    end
  end
  assert(s:shutdown())
  local text, why = s:read(1)
  assert(not text and not why, why or "more than was sent")
  return got
end

for i = 1, transfers do
  local kind = pick { "echo", "compress" }
  local client, server = queues(), queues()
  local least = math.min(client.sndbuf, client.rcvbuf, server.sndbuf, server.rcvbuf)
  local bytes = least < 100 and random(0, 40 * least + 20) or random(0, pick { 100, 5000, 60000 })
  local size, way = random(1, math.max(2, 2 * least)), pick { "thread", "selector", "piecewise" }
  local message = make_message(bytes)
  local expected = kind == "echo" and message or compressor()(message)
  local port = 6 + i

  size = math.max(size, bytes // 2000)
  program("B", "server" .. i, function()
    server.address = v6 and "::" or nil
    local l = assert(listen(port, server))
    local s = assert(l:accept())
    local turn = kind == "echo" and function(text) return text end or compressor()
    l:close()
    while true do
      local text, why = s:read(size)
      if not text then
        assert(not why, why)
        break
      end
      assert(s:write(turn(text)))
      rebound(s)
    end
    s:close()
    ended = ended + 1
  end)

  program("A", "client" .. i, function()
    local s = assert(connect("B", port, client))
    local got = ways[way](s, message, expected, size, kind == "echo" and 1 or 2)
    s:close()
    ended = ended + 1
    whole = whole + (got == #expected and 1 or 0)
  end, { start = ms(random(0, 300)) })

  for _ = 1, pick { 0, 0, 1, 2 } do
    local who, from = pick { "server", "client" } .. i, random(1, 3000)
    at(ms(from), function() pcall(freeze, who) end)
    at(ms(from + random(1, 5000)), function() pcall(thaw, who) end)
  end
end

at("19900s", function()
  expect("T2.1", "each transfer came back whole", whole, transfers)
  expect("T3.5", "each program came to its end", ended, 2 * transfers)
  expect("T7.1", "no structure is left", state("A") .. state("B"), "")
end)
