-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "TIME_WAIT: a server that closed first restarts at once with SO_REUSEADDR",
  shows = "T7.2",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms" }

program("B", "server", function()
  local l = listen(22, { reuse = true })
  local s = l:accept()
  s:close()
  l:close()
  sleep "1s"
  expect("T7.2", "the old connection", state("B"), "TIME_WAIT")
  local again, why = listen(22)
  expect("T7.2", "without SO_REUSEADDR", why, "EADDRINUSE")
  again, why = listen(22, { reuse = true })
  expect("T7.2", "with it", why, nil)
  mark "listening again, beside TIME_WAIT"
  expect("T7.2", "both are there", state("B"), "TIME_WAIT LISTEN")
end)

program("A", "client", function()
  local s = connect("B", 22)
  s:read(1)
  s:close()
end)
