-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "A structure outlives the program: what it wrote is still sent, and TIME_WAIT is nobody's",
  shows = "T1.3 T6.1",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms", rate = "1Mbit/s" }

program("A", "client", function()
  local s = connect("B", 22)
  s:write(100000)
  -- the program ends here, which closes its socket: the bytes need 0.8 s more
end)

program("B", "server", function()
  local l = listen(22)
  local s = l:accept()
  l:close()
  expect("T1.3", "every byte, and the end of the stream", s:drain(), 100000)
  s:close()
end)

at("200ms", function()
  mark "the client program is gone"
  local s = sockets("A")[1]
  expect("T1.3", "its structure is not", s.state, "FIN_WAIT_1")
  expect("T1.3", "nobody holds it", s.has_program, false)
  expect("T1.3", "SendQ has what was written and not yet received", s.sendq > 0)
end)

at("2s", function()
  mark "all has been sent"
  expect("T1.3", "TIME_WAIT without a program", state("A"), "TIME_WAIT")
end)
