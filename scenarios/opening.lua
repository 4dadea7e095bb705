-- SPDX-License-Identifier: Apache-2.0
scenario {
  title = "A connection is opened: the client's side, the server's side, accept",
  figure = "6.6 6.7 6.8 6.9",
  shows = "T5.1 T5.3 T5.4 T5.5 T5.6 T5.7",
}

host { name = "A", address = "10.21.44.33/0", port_low = 43346, port_high = 43346 }
host { name = "B", address = "192.0.2.8/0" }
link { name = "net", "A", "B", delay = "20ms" }

program("B", "server", function()
  local l = listen(22, { backlog = 5 })
  mark "figure 6.7: the server's structure"
  expect("T5.3", "the server listens on every address", netstat("B"),
    "tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN")
  sleep "200ms" -- busy: accept comes later
  local s = l:accept()
  expect("T5.6", "accept takes the structure off the list", sockets("B")[1].accept_list, 0)
  expect("T5.6", "its port is the listener's", sockets("B")[2].here, "192.0.2.8:22")
  expect("T5.7", "what came before accept is there", #s:read(1000), 300)
  sleep "100ms"
  s:close()
  l:close()
end)

program("A", "client", function()
  local s = connect("192.0.2.8", 22)
  expect("T5.1", "connect returns when the answer is there", now() >= 0.050 and now() < 0.0501)
  expect("T5.1", "ESTABLISHED at once", state("A"), "ESTABLISHED")
  s:write(300)
  expect("T5.7", "data may be sent long before accept", sockets("A")[1].written, 300)
  expect("T6.1", "the server closes", s:read(1), nil)
  s:close()
end, { start = "10ms" })

at("29ms", function()
  mark "figure 6.6: the client's structure, first message sent"
  expect("T5.1", "addresses filled in, a port picked", netstat("A"),
    "tcp        0      0 10.21.44.33:43346       192.0.2.8:22            SYN_SENT")
end)

at("40ms", function()
  mark "figure 6.8: the request has arrived"
  expect("T5.4", "a new structure; the listener's own does not change", netstat("B"),
    "tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN\n" ..
    "tcp        0      0 192.0.2.8:22            10.21.44.33:43346       SYN_RCVD")
  expect("T5.4", "on the list of incomplete connections", sockets("B")[1].incomplete, 1)
  expect("T5.4", "not on the accept list", sockets("B")[1].accept_list, 0)
end)

at("150ms", function()
  mark "figure 6.9: the third message has arrived, accept has not been called"
  expect("T5.5", "ESTABLISHED by the third message", state("B"), "LISTEN ESTABLISHED")
  expect("T5.5", "moved to the accept list", sockets("B")[1].accept_list, 1)
  expect("T5.5", "off the list of incomplete ones", sockets("B")[1].incomplete, 0)
  expect("T5.7", "data waits in its RecvQ", sockets("B")[2].recvq, 300)
end)
