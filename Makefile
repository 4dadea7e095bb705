# SPDX-License-Identifier: Apache-2.0
#
# A thin front to Meson and Ninja. Every target does all that it needs on a fresh Debian 12 machine,
# missing packages included (tools/deps), and says nothing of what is already done.
#
#   make                    build/weir, the command, with build/libweir-shim.so and
#                           build/libweir-packetdrill.so beside it
#   make demo               two ordinary programs talk over Weir, and can be watched
#   make test               all tests, as CI runs them; SUITE=unit|protocol|sim|programs|lint for one suite
#   make check              the same, and ten million steps of the model check
#   make bench              measurements against lwIP and the kernel, in one run
#   make ledger             each requirement of RFC 9293: where it is met, which test shows it
#   make goodput            the table of goodputs over simulated paths, against the one kept
#   make bench-simulators   how fast Weir simulates, beside ns-3
#   make sweep              10,000 random schedules of faults over echo and compression transfers; SEEDS=1..10000,
#                           SHARD=1/8
#   make fuzz               the fuzzer, for SECONDS=60; it goes on from what it learned before
#   make format             clang-format over all C sources
#   make install            to PREFIX (/usr/local), under DESTDIR if set
#   make clean              removes the build directories
#
# See docs/HACKING.md.

export PATH := $(PATH):/usr/sbin:/sbin
PREFIX ?= /usr/local
SECONDS ?= 60
SEEDS ?= 1..10000
C_DIRS = $(wildcard src include tests bench fuzz examples)

all:
	@tools/deps build
	@tools/configure build
	@ninja -C build weir libweir-shim.so libweir-packetdrill.so

demo:
	@tools/deps demo
	@tools/configure build
	@ninja -C build weir libweir-shim.so
	@demo/run

test:
	@tools/deps test
	@tests/run $(addprefix --suite ,$(SUITE))

check: test
	@build/tests/model/model --steps 10000000

bench:
	@tools/deps bench
	@tools/configure build bench
	@ninja -C build
	@bench/run

goodput:
	@tools/deps test
	@tools/configure build tests
	@ninja -C build tests/sim/goodput-table
	@tests/sim/goodput.py build/tests/sim/goodput-table --all $(if $(KEEP),--keep)

sweep:
	@tools/deps build
	@tools/configure build
	@ninja -C build weir
	@build/weir sim --seeds $(SEEDS) $(if $(SHARD),--shard $(SHARD)) tests/sim/sweep.lua

ledger:
	@tests/lint/ledger.py

bench-simulators:
	@tools/deps simulators
	@tools/configure build
	@ninja -C build weir
	@bench/simulators

fuzz:
	@tools/deps test
	@tools/configure build-fuzz
	@ninja -C build-fuzz fuzz/fuzz-stack-input
	@mkdir -p build-fuzz/corpus
	@cd build-fuzz && fuzz/fuzz-stack-input -max_total_time=$(SECONDS) -max_len=2000 -timeout=10 corpus

format:
	@tools/deps format
	@find $(C_DIRS) -name '*.[ch]' -print0 | xargs -0 clang-format -i

install: all
	@meson configure build --prefix=$(PREFIX)
	@meson install -C build

clean:
	@rm -rf build build-asan build-clang build-fuzz

.PHONY: all demo test check bench bench-simulators goodput sweep ledger fuzz format install clean
