-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "TIME_WAIT: a restarted client that insists on its port must wait",
  shows = "T7.2",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms" }

program("B", "server", function()
  local l = listen(22)
  for _ = 1, 2 do
    local s = l:accept()
    s:read(1)
    s:close()
  end
  l:close()
end)

program("A", "client", function()
  local s = connect("B", 22, { port = 43346 })
  s:close() -- first, so TIME_WAIT is here
  sleep "1s"
  mark "the client starts again"
  expect("T7.2", "its old connection", state("A"), "TIME_WAIT")
  local again, why = connect("B", 22, { port = 43346 })
  expect("T7.2", "the port cannot be bound", again, nil)
  expect("T7.2", "because it is in use", why, "EADDRINUSE")
  sleep "58s"
  again, why = connect("B", 22, { port = 43346 })
  expect("T7.2", "nor a minute later, almost", why, "EADDRINUSE")
  sleep "2s"
  again, why = connect("B", 22, { port = 43346 })
  expect("T7.2", "but then", why, nil)
  if again then again:close() end
end)
