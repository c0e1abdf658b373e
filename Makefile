# SPDX-License-Identifier: MIT
# The front door: every target installs what it needs first (scripts/packages), then hands over to
# CMake. Folders: build/release (make, run, bench, install), build/debug (test), build/fuzz.
.DEFAULT_GOAL := build
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

.PHONY: build run test bench fuzz lint install clean help
.NOTPARALLEL:

build:
	@scripts/packages build
	@scripts/build release $(JOBS)

run:
	@scripts/packages run
	@scripts/build release $(JOBS)
	@build/release/tools/schannel demo

test:
	@scripts/packages test
	@scripts/build debug $(JOBS)
	@ctest --test-dir build/debug --output-on-failure -j $(JOBS)

bench:
	@scripts/packages bench
	@scripts/build release $(JOBS)
	@if [ -x build/release/bench/schannel-bench ]; then build/release/bench/schannel-bench; \
	else echo "bench: there is no build/release/bench/schannel-bench"; exit 1; fi

fuzz:
	@scripts/packages fuzz
	@scripts/build fuzz $(JOBS)
	@scripts/fuzz build/fuzz/fuzz $(FUZZ_SECONDS)

lint:
	@scripts/packages lint
	@scripts/lint

install:
	@scripts/packages install
	@scripts/build release $(JOBS) -DCMAKE_INSTALL_PREFIX=$(PREFIX)
	@DESTDIR=$(DESTDIR) cmake --install build/release --prefix $(PREFIX)
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" -eq 0 ]; then ldconfig; fi

clean:
	rm -rf build

help:
	@echo "make            build the library and the program (build/release)"
	@echo "make run        build, then show a client and a server exchange tokens"
	@echo "make test       build, then run every test"
	@echo "make bench      build, then measure against libssl and libcrypto"
	@echo "make fuzz       run each fuzz target for FUZZ_SECONDS=$(FUZZ_SECONDS)"
	@echo "make lint       rooms, bans, shape, rfc, formatting, cppcheck"
	@echo "make install    install under PREFIX=$(PREFIX), staged below DESTDIR if that is given"
	@echo "make clean      remove build/"
