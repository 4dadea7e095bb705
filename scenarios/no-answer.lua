-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "Nobody answers: after minutes the call fails",
  shows = "T5.2",
}

host { name = "A", address = "10.0.0.1/24" }
host { name = "B", address = "10.0.0.2/24" }
link { name = "lan", "A", "B", delay = "10ms" }

cut { link = "lan" }

program("A", function()
  local s, why = connect("B", 22)
  expect("T5.2", "connect fails", s, nil)
  expect("T5.2", "for want of an answer", why, "ETIMEDOUT")
  expect("T5.2", "after minutes", now() > 180)
  expect("T5.2", "the structure is gone", state("A"), "")
end)
