-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "When a blocking write of n bytes returns, over a grid of n, SQS and RQS",
  shows = "T3.1 T3.2 T4.1",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "1ms" }

local cells = {}
for _, sqs in ipairs { 1, 2, 500, 1000 } do
  for _, rqs in ipairs { 1, 3, 500, 1000 } do
    for _, n in ipairs { 1, sqs, sqs + 1, sqs + rqs - 1, sqs + rqs, sqs + rqs + 1, 2 * (sqs + rqs), 5000 } do
      table.insert(cells, { sqs = sqs, rqs = rqs, n = n, port = 1000 + #cells })
    end
  end
end

-- What the writer sees of the other side at this instant: RecvQ and Delivered.
local function other_side(cell)
  for _, s in ipairs(sockets("B")) do
    if s.here == "10.0.0.2:" .. cell.port and s.state ~= "LISTEN" then return s.recvq, s.delivered end
  end
  return 0, 0
end

local function judge(cell)
  local recvq, delivered = other_side(cell)
  local name = ("n = %d, SQS = %d, RQS = %d: "):format(cell.n, cell.sqs, cell.rqs)
  expect("T3.2", name .. "n - SQS bytes have reached RecvQ", recvq + delivered >= cell.n - cell.sqs)
  expect("T3.2", name .. "n - (SQS + RQS) bytes have been read", delivered >= cell.n - cell.sqs - cell.rqs)
end

for _, cell in ipairs(cells) do
  program("A", "writes " .. cell.n .. " to " .. cell.port, function()
    local s = connect("B", cell.port, { sndbuf = cell.sqs })
    s:write(cell.n)
    cell.returned = now()
    judge(cell)
    s:close()
  end)
  program("B", "reads at " .. cell.port, function()
    local l = listen(cell.port, { rcvbuf = cell.rqs })
    local s = l:accept()
    sleep "100s" -- reads nothing
    local most = cell.n - cell.sqs - cell.rqs -- one byte less than lets the writer go
    local got = 0
    while got < most - 1 do
      local text = s:read(most - 1 - got)
      got = got + #text
    end
    sleep "100s"
    if most > 0 then
      expect("T3.2", ("n = %d, SQS = %d, RQS = %d: one byte short, it waits"):format(cell.n, cell.sqs, cell.rqs),
        cell.returned, nil)
    end
    s:drain()
  end)
end

at("99s", function()
  mark "nobody has read a byte"
  for _, cell in ipairs(cells) do
    local name = ("n = %d, SQS = %d, RQS = %d: "):format(cell.n, cell.sqs, cell.rqs)
    local fits = cell.n <= cell.sqs + cell.rqs
    expect("T3.2", name .. (fits and "returned" or "waits for the reader"), cell.returned ~= nil, fits)
    if not fits then
      expect("T3.1", name .. "RecvQ is full, and not more than that", other_side(cell), cell.rqs)
    end
  end
end)

at("600s", function()
  for _, cell in ipairs(cells) do
    expect("T3.2", ("n = %d, SQS = %d, RQS = %d: returned in the end"):format(cell.n, cell.sqs, cell.rqs),
      cell.returned ~= nil)
  end
end)
