-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Both programs read first: deadlock with all queues empty",
  shows = "T3.7",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms" }

program("A", function()
  local s = connect("B", 22)
  s:read(100)
end)

program("B", function()
  local s = listen(22):accept()
  s:read(100)
end)

at("1s", function()
  mark "both wait"
  local why = stuck() or ""
  expect("T3.7", "A waits for B", why:find("A (socket A#1) is in read()", 1, true) ~= nil)
  expect("T3.7", "B waits for A", why:find("B (socket B#2) is in read()", 1, true) ~= nil)
end)
