-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "The peer vanishes while half closed: FIN_WAIT_2 for ever, and what helps",
  shows = "T6.6",
  stop = "30h",
}

-- fin_wait_2 = "0s": the protocol's own way, no time-out for structures without a program.
host { name = "A", address = "10.0.0.1/24", fin_wait_2 = "0s" }
host { name = "C", address = "10.0.0.3/24" } -- the usual 60 s
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", "C", delay = "10ms" }

program("B", "server", function()
  local l = listen(22)
  for _ = 1, 4 do l:accept() end
  sleep "40h"
end)

local function client(host, name, settings, act)
  program(host, name, function()
    local s = connect("B", 22, settings)
    act(s)
    sleep "40h"
  end)
end

client("A", "closes", { port = 1001 }, function(s) s:close() end)
client("A", "half-closes", { port = 1002 }, function(s) s:shutdown() end)
client("A", "half-closes, keep-alive", { port = 1003, keepalive = true }, function(s)
  s:shutdown()
  local text, why = s:read(1)
  expect("T6.6", "keep-alive notices that nobody is there", why, "ETIMEDOUT")
  expect("T6.6", "after two hours and nine probes", now() > 7200 and now() < 9000)
end)
client("C", "closes, orphan time-out", { port = 1004 }, function(s) s:close() end)

at("1s", function()
  mark "half closed"
  expect("T6.6", "all are in FIN_WAIT_2", state("A"), "FIN_WAIT_2 FIN_WAIT_2 FIN_WAIT_2")
  kill "B"
end)

at("90s", function()
  expect("T6.6", "the orphan time-out has removed the one at C", state("C"), "")
  expect("T6.6", "at A it is switched off", state("A"), "FIN_WAIT_2 FIN_WAIT_2 FIN_WAIT_2")
end)

at("29h", function()
  mark "a day later"
  expect("T6.6", "the book's behaviour: they stay", state("A"), "FIN_WAIT_2 FIN_WAIT_2")
end)
