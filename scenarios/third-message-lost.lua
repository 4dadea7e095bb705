-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "The third message never comes: the structure stays SYN_RCVD, is never accepted, and goes in the end",
  shows = "T5.5",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms" }

program("B", function()
  local l = listen(22)
  l:accept()
  print "never reached"
end)

-- a host that asks, and does not exist
at("100ms", function()
  inject { from = "10.0.0.9:1000", to = "B:22", flags = "SYN", seq = 0, mss = 1460 }
  expect_segment { from = "B:22", flags = "SYN,ACK", id = "T5.4", what = "it is answered" }
  mark "half open"
  expect("T5.5", "a structure for it", state("B"), "LISTEN SYN_RCVD")
  expect("T5.5", "on the list of incomplete ones", sockets("B")[1].incomplete, 1)
  expect("T5.5", "not for accept to take", sockets("B")[1].accept_list, 0)
  expect_segment { from = "B:22", flags = "SYN,ACK", within = "2s", id = "T5.2", what = "repeated" }
end)

at("10s", function() expect("T5.5", "still there", state("B"), "LISTEN SYN_RCVD") end)
at("120s", function() expect("T5.5", "removed in the end", state("B"), "LISTEN") end)
