-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "A write copies into SendQ and says nothing of the network; the copy stays until the other TCP has it",
  shows = "T1.5",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms" }

cut { link = "lan", after = "1s", before = "31s" }

program("A", function()
  local s = connect("B", 22)
  sleep "2s"
  local before = now()
  expect("T1.5", "the cable is cut, and write returns", s:write(5000), 5000)
  expect("T1.5", "at once", now(), before)
  mark "written, not transmitted"
  sleep "20s"
  expect("T1.5", "the copy is kept, however often it is sent again", sockets("A")[1].sendq, 5000)
  expect("T1.5", "and it is", sockets("A")[1].resent > 3)
  sleep "60s"
  mark "the cable is whole again"
  expect("T1.5", "dropped once it has been acknowledged", sockets("A")[1].sendq, 0)
  s:close()
end)

program("B", function()
  local s = listen(22):accept()
  expect("T1.5", "not one byte is missing", s:drain(), 5000)
end)
