/* SPDX-License-Identifier: Apache-2.0
 *
 * The one table of commands: what each is called, takes and means. Help is printed from it, options are parsed by it.
 * A command stands here when it works, not before.
 */
#include "cli/cli.h"

#include "cli/look.h"

#include <string.h>

const struct cli_command cli_weir = {
    .name = "weir",
    .usage = "weir [-S PATH] [-Hq] [--json] COMMAND [ARGUMENT ...]",
    .about = "A TCP/IP stack that runs programs unchanged and can say where every byte is.",
    .stops_at_word = true,
};

static const struct cli_option run_options[] = {
    {CLI_RUN_HOST, "host", "NAME", "the host of the world that the program runs on"},
    {CLI_RUN_EXACT, "exact", NULL, "queues exact to the byte, at a question a write"},
    {CLI_RUN_HOW, "how", NULL, "say by which path the program gets its sockets"},
    {0, NULL, NULL, NULL},
};

static const char *const run_examples[] = {
    "weir run --host a -- nginx -g 'daemon off;'",
    "weir run --host b -- curl http://a:8080/",
    NULL,
};

static const struct cli_option up_options[] = {
    {CLI_UP_WORLD, "world", "FILE", "the world file, like FILE"},
    {CLI_UP_FOREGROUND, "foreground", NULL, "stay in front; Ctrl-C stops the world"},
    {0, NULL, NULL, NULL},
};

static const char *const up_examples[] = {"weir up", "weir -S /tmp/two.sock up two-hosts.lua", NULL};

static const struct cli_option sim_options[] = {
    {CLI_SIM_LIST, "list", NULL, "the scenarios that come with Weir"},
    {CLI_SIM_CHECK, "check", NULL, "run as tests: only whether the expectations hold"},
    {CLI_SIM_ALL, "all", NULL, "with --check: every scenario that comes with Weir"},
    {CLI_SIM_BRIEF, "brief", NULL, "without the timeline: what the script prints, marks and expects"},
    {CLI_SIM_SEED, "seed", "N", "the seed of everything that is left to chance (1)"},
    {CLI_SIM_SEEDS, "seeds", "N..M", "as tests, with each of these seeds"},
    {CLI_SIM_SHARD, "shard", "I/N", "of all runs every N-th, from the I-th on: for N jobs side by side"},
    {0, NULL, NULL, NULL},
};

static const char *const sim_examples[] = {"weir sim --list",
                                           "weir sim fig-6.5",
                                           "weir sim --seed 7 mine.lua",
                                           "weir sim --check --all",
                                           "weir sim --seeds 1..1000 --shard 2/8 mine.lua",
                                           NULL};

static const char *const new_examples[] = {"weir new mine", "weir sim mine.lua", NULL};

static const struct cli_option experiment_options[] = {
    {CLI_EXPERIMENT_SVG, "svg", "FILE", "where the plot goes (NAME.svg here)"},
    {CLI_EXPERIMENT_RATE, "rate", "RATE", "of the link, as 100Mbit/s"},
    {CLI_EXPERIMENT_DELAY, "delay", "TIME", "of the link, one way, as 10ms"},
    {0, NULL, NULL, NULL},
};

static const char *const experiment_examples[] = {"weir experiment buffers",
                                                  "weir experiment buffers --rate 1Gbit/s --delay 1ms",
                                                  "weir experiment writes --svg /tmp/writes.svg", NULL};

static const struct cli_option netstat_options[] = {
    {'t', "tcp", NULL, "TCP only"},
    {'u', "udp", NULL, "UDP only"},
    {'a', "all", NULL, "listening sockets too"},
    {'l', "listening", NULL, "listening sockets only"},
    {'n', "numeric", NULL, "numbers instead of names: always so"},
    {'o', "timers", NULL, "a column with the running timer"},
    {'p', "programs", NULL, "a column with the program"},
    {'e', "extend", NULL, "columns with user and inode"},
    {'W', "wide", NULL, "long addresses whole"},
    {'4', "inet", NULL, "tcp and udp, not tcp6 and udp6"},
    {'6', "inet6", NULL, "tcp6 and udp6 only"},
    {LOOK_HOST, "host", "NAME", "this host, like HOST"},
    {LOOK_AS, "as", "SPELLING", "linux: as net-tools prints it; book: SYN_RCVD, LISTENING, 0.0.0.0:0"},
    {LOOK_MORE, "more", NULL, "Weir's own columns: delivered bytes, exact or inferred, the socket's id"},
    {LOOK_KERNEL_COUNTS, "kernel-counts", NULL, "count SYN and FIN in the queues, as Linux does"},
    {0, NULL, NULL, NULL},
};

static const char *const netstat_examples[] = {"weir netstat -tan", "weir netstat -tanop a",
                                               "weir netstat -tan --as book", "weir --json netstat -ta", NULL};

static const struct cli_option ss_options[] = {
    {'t', "tcp", NULL, "TCP only"},
    {'u', "udp", NULL, "UDP only"},
    {'a', "all", NULL, "sockets in every state"},
    {'l', "listening", NULL, "listening sockets only"},
    {'n', "numeric", NULL, "rates as plain numbers; addresses and ports are so always"},
    {'o', "options", NULL, "the running timer"},
    {'e', "extended", NULL, "user, inode and cookie"},
    {'m', "memory", NULL, "what the queues hold and may hold"},
    {'i', "info", NULL, "TCP's numbers, then Weir's own (weir_...)"},
    {'p', "processes", NULL, "the program: always shown"},
    {'O', "oneline", NULL, "each socket on one line"},
    {'H', "no-header", NULL, "no header line"},
    {'4', "ipv4", NULL, "sockets of IPv4 only"},
    {'6', "ipv6", NULL, "sockets of IPv6 only"},
    {LOOK_HOST, "host", "NAME", "this host, like HOST"},
    {LOOK_KERNEL_COUNTS, "kernel-counts", NULL, "count SYN and FIN in the queues, as Linux does"},
    {0, NULL, NULL, NULL},
};

static const char *const ss_examples[] = {"weir ss -tino", "weir ss -tln a",
                                          "weir ss -tn state established 'sport = :80'",
                                          "weir ss -ta a '( dport = :22 or src 10.0.0.0/8 )'", NULL};

static const struct cli_option queues_options[] = {
    {LOOK_HOST, "host", "NAME", "the host, when ID is a number"},
    {0, NULL, NULL, NULL},
};

static const char *const queues_examples[] = {"weir queues a#3", "weir queues --host a 3", "weir --json queues a#3",
                                              NULL};

const struct cli_command cli_commands[] = {
    {.name = "run",
     .section = "run",
     .summary = "run an ordinary program, its sockets on Weir",
     .usage = "weir run [--host NAME] [--exact] [--how] [--] COMMAND [ARGUMENT ...]",
     .about =
         "Starts COMMAND with its sockets on a host of the running world; starts the default world when none runs.\n"
         "The status is COMMAND's own, 128+N for a signal, 125 when Weir failed, 126 or 127 when COMMAND could\n"
         "not be run or found.",
     .options = run_options,
     .examples = run_examples,
     .run = cmd_run,
     .stops_at_word = true},
    {.name = "up",
     .section = "run",
     .summary = "start a world, the default one or that of a file",
     .usage = "weir up [--foreground] [[--world] FILE]",
     .about =
         "A world is hosts and the links between them. It runs until `weir down`. Without FILE: hosts a and b on one\n"
         "link (10.0.0.1, fd00::1 and 10.0.0.2, fd00::2). FILE is Lua; it may say\n"
         "  world { name = \"wan\" }\n"
         "  host { name = \"a\", address = { \"10.0.0.1/24\", \"fd00::1/64\" }, time_wait = \"60s\", sndbuf = "
         "\"64KiB\" }\n"
         "  host { name = \"b\", address = \"10.0.0.2/24\", route = { { to = \"0.0.0.0/0\", via = \"10.0.0.9\" } } }\n"
         "  link { name = \"lan\", \"a\", \"b\", delay = \"20ms\", jitter = \"1ms\", loss = \"1%\", reorder = \"1%\",\n"
         "         duplicate = 0.01, corrupt = 0, rate = \"10Mbit/s\", queue = 50, seed = 1, mtu = 1500 }\n"
         "  link { \"a\", \"b\", mark = \"1%\", mark_queue = \"50KiB\", max_packet = 1280 }\n"
         "  tap { host = \"b\", name = \"weir0\", address = \"10.9.0.1/24\" }\n"
         "Delay, loss and the others befall each direction. mark and mark_queue (who finds more in the queue) tell "
         "hosts\n"
         "with ecn = true of congestion; larger IP packets than max_packet do not pass. A host on a second link needs\n"
         "an address for it:\n"
         "  link { \"a\", { host = \"b\", address = \"10.1.0.2/24\" } }",
     .options = up_options,
     .examples = up_examples,
     .run = cmd_up},
    {.name = "down",
     .section = "run",
     .summary = "stop the world",
     .usage = "weir down",
     .about = "Stops the running world; its sockets go with it.",
     .run = cmd_down},
    {.name = "sim",
     .section = "run",
     .summary = "run a scenario in virtual time; print what happens",
     .usage =
         "weir sim [--brief] [--seed N] NAME|FILE | --list | --check [--seed N | --seeds N..M] NAME|FILE ...|--all",
     .about =
         "A scenario is a Lua script: a world, programs in it, and what must come out. One seed, one outcome, byte "
         "for\n"
         "byte. It describes, and then its programs run; NAME may be fig-6.5, a figure of the textbook. It may say\n"
         "  scenario { title = \"...\", figure = \"6.2\", shows = \"T2.3\", stop = \"10s\" }\n"
         "  host, link                        as in a world file (weir help up)\n"
         "  trunk { \"left\", \"right\", rate = \"1Gbit/s\" }   joins two links: many hosts, one bottleneck; with "
         "too_big =\n"
         "                                    true it tells who sent more than max_packet\n"
         "  program(\"A\", [name,] function() ... end [, { start = \"1s\" }])    at(\"50ms\", function() ... end)\n"
         "in a program, where calls block in virtual time and what fails returns nil and the error's name\n"
         "  connect(host, port [, settings])  listen(port [, settings])  tcp([settings])  udp([port [, settings]])\n"
         "  s:connect(host, port)  s:bind(port [, address])  s:listen([backlog])  s:accept()  s:address()  s:peer()\n"
         "  s:read(n)  s:drain()  s:write(n or text)  s:try_read(n)  s:try_write(n)  s:sendto(text, host, port)  "
         "s:recvfrom([n])\n"
         "  s:join(group)  s:leave(group)  s:nonblock()\n"
         "  select { read = { s }, write = { s }, except = { s }, timeout = \"1s\" }\n"
         "  s:shutdown([\"write\", \"read\", \"both\"])  s:close()  s:abort()  s:set { ... }  s:get(name)\n"
         "  sleep(\"10ms\")  now()  spawn(function)  join(thread)\n"
         "  settings: port, address, backlog, nonblock, sndbuf, rcvbuf, mss, nodelay, cork, quickack, reuse, "
         "reuseport,\n"
         "  linger, keepalive, keepidle, keepintvl, keepcnt, user_timeout, congestion, broadcast, ttl, tos and others\n"
         "accidents: freeze(name), thaw(name), crash(name) of programs; kill(host), boot(host)\n"
         "faults aimed at segments, beside the link's own\n"
         "  drop { from = \"A\", flags = \"FIN\", nth = 1 }      delay { flags = \"SYN,ACK\", nth = 2, by = \"5s\" }\n"
         "  hold { from = \"A\", data = true, nth = 4, onward = true }, then release(\"A\")    duplicate, corrupt\n"
         "  cut { link = \"lan\", after = \"1s\", before = \"3s\" }      others: to, port, udp, byte (of the stream)\n"
         "raw segments\n"
         "  inject { from = \"10.0.0.9:1000\", to = \"B:22\", flags = \"SYN\", seq = 7, ack = 1, win = 500, text = "
         "\"...\" }\n"
         "  expect_segment { from = \"B\", to = \"A:1000\", flags = \"SYN,ACK\", ack = 1, within = \"1s\" }\n"
         "  expect_no_segment { ... }\n"
         "what can be looked at, and judged\n"
         "  mark(\"figure 6.2\")  netstat(host)  queues()  state(host)  sockets(host)  stuck()\n"
         "  wires()  demux(host, \"172.16.1.10:56789\", \"10.1.2.3:99\")  expect(\"T2.3\", what, got [, wanted])  "
         "print(...)\n"
         "docs/SCENARIOS.md tells each word.\n"
         "The status is 1 when an expectation does not hold, 4 when the script is wrong; the message names its line.\n"
         "What fails is printed with its seed and the command that shows it again. --json is for --list and --check.",
     .options = sim_options,
     .examples = sim_examples,
     .run = cmd_sim},
    {.name = "new",
     .section = "run",
     .summary = "write a commented scenario to edit",
     .usage = "weir new NAME",
     .about = "Writes NAME.lua: a scenario that passes, with a word on each part. A file that is there is left alone.",
     .examples = new_examples,
     .run = cmd_new},
    {.name = "experiment",
     .section = "run",
     .summary = "throughput against the sizes of queues or writes: a table and a plot",
     .usage = "weir experiment [--svg FILE] [--rate RATE] [--delay TIME] [--json] buffers|writes",
     .about =
         "The experiment of the textbook's chapter 6.3. A program on one host writes as fast as it can, one on "
         "another\n"
         "host reads, under virtual time: the same numbers on every machine.\n"
         "  buffers   against SO_SNDBUF and SO_RCVBUF: where the knee is, and the bandwidth-delay product\n"
         "  writes    against the bytes of one write: what calls cost; writes larger than SendQ go in chunks\n"
         "The programs' processors are a model: a call costs 1 us, waking up in it 5 us, a byte copied 0.1 ns. The "
         "link\n"
         "of buffers has 100 Mbit/s and 10 ms each way, that of writes 10 Gbit/s and 25 us; neither loses anything.",
     .options = experiment_options,
     .examples = experiment_examples,
     .run = cmd_experiment},
    {.name = "netstat",
     .section = "look",
     .summary = "sockets, as netstat prints them",
     .usage = "weir netstat [-tualnopeW46] [--as linux|book] [--more] [--kernel-counts] [--json] [HOST]",
     .about =
         "One table for each host, in the format of net-tools. A queue counts bytes of data. What the world cannot\n"
         "see exactly, because it lies in the program's own stream, is counted in and named as inferred.",
     .options = netstat_options,
     .examples = netstat_examples,
     .run = cmd_netstat},
    {.name = "ss",
     .section = "look",
     .summary = "sockets, as ss prints them",
     .usage = "weir ss [-tulnoaemipHO46] [--kernel-counts] [--json] [HOST] [state STATE] [FILTER]",
     .about =
         "Columns and words are those of iproute2; Weir's own words come last and begin with weir_. FILTER is that\n"
         "of ss: sport, dport, src, dst with =, !=, <, >, <=, >=, joined by and, or, not and ( ).",
     .options = ss_options,
     .examples = ss_examples,
     .run = cmd_ss},
    {.name = "queues",
     .section = "look",
     .summary = "SendQ, RecvQ, Delivered of a connection, by write",
     .usage = "weir queues [--ascii] [--json] HOST#ID",
     .about = "Where the bytes are that one end of a connection has written. `weir netstat --more` shows the ids.",
     .options = queues_options,
     .examples = queues_examples,
     .run = cmd_queues},
    {.name = "help",
     .section = "rest",
     .summary = "what a command does, and its options",
     .usage = "weir help [COMMAND]",
     .about = "Without COMMAND: all commands.",
     .run = cmd_help},
    {.name = "version",
     .section = "rest",
     .summary = "the version of this command",
     .usage = "weir version",
     .about = "Prints the name and the version.",
     .run = cmd_version},
    {.name = NULL},
};

const struct cli_command *cli_command_find(const char *name)
{
	for (const struct cli_command *command = cli_commands; command->name; command++) {
		if (strcmp(command->name, name) == 0)
			return command;
	}
	return NULL;
}
