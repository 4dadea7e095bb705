-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "The first two SYNs are lost: they are repeated at growing intervals",
  shows = "T5.2",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms" }

drop { from = "A", flags = "SYN", nth = 1 }
drop { from = "A", flags = "SYN", nth = 2 }

program("A", function()
  local s, why = connect("B", 22)
  expect("T5.2", "the third gets through", why, nil)
  expect("T5.2", "after 1 s and 2 s more", now() >= 3 and now() < 3.2)
  s:close()
end)

program("B", function()
  local s = listen(22):accept()
  s:read(1)
end)

at("2s", function()
  mark "waiting for an answer"
  expect("T5.2", "netstat says so", state("A"), "SYN_SENT")
end)
