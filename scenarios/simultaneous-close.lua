-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Both programs close at once: the FINs cross",
  shows = "T6.4",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "20ms" }

program("A", function()
  local s = connect("B", 22, { port = 43346 })
  sleep "60ms" -- from 40 ms to 100 ms
  s:close()
end)

program("B", function()
  local l = listen(22)
  local s = l:accept()
  l:close()
  sleep "40ms" -- from 60 ms to 100 ms
  s:close()
end)

at("110ms", function()
  mark "the FINs are under way"
  expect("T6.4", "A", state("A"), "FIN_WAIT_1")
  expect("T6.4", "B", state("B"), "FIN_WAIT_1")
end)

at("130ms", function()
  mark "the FINs have crossed"
  expect("T6.4", "A", state("A"), "CLOSING")
  expect("T6.4", "B", state("B"), "CLOSING")
end)

at("150ms", function()
  mark "both acknowledged"
  expect("T6.4", "A", state("A"), "TIME_WAIT")
  expect("T6.4", "B", state("B"), "TIME_WAIT")
end)

at("62s", function()
  expect("T6.4", "both gone", state("A") .. state("B"), "")
end)
