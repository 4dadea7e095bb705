-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Two programs on one host compete for a port; which pairs of addresses may share one",
  shows = "T1.2 T8.1 T8.4",
}

host { name = "A", address = { "10.0.0.1/24", "10.0.0.7/24" } }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B" }

program("A", "first", function()
  local l = listen(80)
  sleep "1s"
  l:close()
end)

program("A", "second", function()
  sleep "100ms"
  local l, why = listen(80)
  expect("T1.2", "the other program has the port", why, "EADDRINUSE")
  mark "one structure holds port 80"
  sleep "1s"
  l, why = listen(80)
  expect("T1.2", "it is free when that one is gone", why, nil)
  l:close()
  sleep "100ms"

  local one = listen(99, { address = "10.0.0.1" })
  local other
  other, why = listen(99, { address = "10.0.0.7" })
  expect("T8.4", "one port at two addresses: two structures", why, nil)
  expect("T8.1", "both have the port", netstat("A"),
    "tcp        0      0 10.0.0.1:99             0.0.0.0:*               LISTEN\n" ..
    "tcp        0      0 10.0.0.7:99             0.0.0.0:*               LISTEN")
  expect("T8.4", "the same address is an error", select(2, listen(99, { address = "10.0.0.7" })), "EADDRINUSE")
  expect("T8.4", "and so is every address", select(2, listen(99)), "EADDRINUSE")
  one:close()
  other:close()
end)
