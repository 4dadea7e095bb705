-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Nobody listens: a RST, and the call fails at once",
  shows = "T5.2",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms" }

program("A", function()
  local s, why = connect("B", 23)
  expect("T5.2", "connect fails", s, nil)
  expect("T5.2", "refused", why, "ECONNREFUSED")
  expect("T5.2", "after one way there and one back", now() >= 0.020 and now() < 0.0201)
  expect("T5.2", "no structure is left", state("A") .. state("B"), "")
end)
