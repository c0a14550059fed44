# Every target does its own set-up: what is missing is installed (as root) or named (otherwise).
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
JOBS ?= $(shell nproc)
export JOBS
# A test mostly waits for a server or a process of its own.
TEST_JOBS ?= $(shell echo $$(((3 * $(JOBS) + 1) / 2)))
# configure OPTION...: prints CMake's output only if it fails.
CONFIGURE = mkdir -p build && { cmake --preset release $(1) >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }; }
MIGRATIONS ?= migrations/orders
PROGRAMS := gauntlet gauntlet-migrate gauntlet-keeper orders-service
VERIFY_FLAGS ?=
export TEST_DATABASE_URL

# The sample set has a service that embeds it; the main job boots that for real.
ifeq ($(MIGRATIONS),migrations/orders)
SERVICE := --service build/bin/orders-service --health-url /healthz
endif
# The same over a SQLite file: its service has a step as code, so it is the runner, too.
ifeq ($(MIGRATIONS),migrations/store)
PROGRAMS += store-service
SERVICE := --runner 'build/bin/store-service --migrate-only' --service build/bin/store-service --health-url /healthz
endif

.PHONY: help setup build package verify-migrations verify-mig test test-unit bench format golden peers check check-full tidy fuzz clean

help:
	@echo 'make verify-migrations TEST_DATABASE_URL=ephemeral [MIGRATIONS=dir]   the main job, on a throwaway server'
	@echo 'make test          every test, each on a server that it starts itself'
	@echo 'make test-unit     the tests that need no server'
	@echo 'make bench         figures, as ratios against a floor of the same run; BENCH_FLAGS=--full: all of them'
	@echo 'make bench-report  the same as a page with pictures;  make bench-compare BASE=rev: two builds, side by side'
	@echo 'make check         what CI runs;  make check-full: sanitizers and everything else'
	@echo 'make fuzz          ten minutes of any bytes against the wire codec'
	@echo 'make build | setup | format | golden | tidy | clean'

setup:
	@.ci/setup test

# The programs alone need neither the test libraries nor other people's runners. Once the tests have
# been configured they stay so.
build/build.ninja: CMakePresets.json
	@.ci/setup build
	@$(call CONFIGURE,-DGAUNTLET_TESTS=OFF)

build/with-tests: CMakePresets.json
	@.ci/setup test
	@$(call CONFIGURE,-DGAUNTLET_TESTS=ON)
	@touch $@

build: build/build.ninja
	@.ci/setup build
	@.ci/build $(PROGRAMS)

ifeq ($(TEST_DATABASE_URL),)
verify-migrations:
	@echo 'error[no-database]: no database was given'; \
	echo '  fix:   make $@ TEST_DATABASE_URL=ephemeral   starts a throwaway server, or'; \
	echo '         make $@ TEST_DATABASE_URL=postgresql://user@host/scratch   uses a scratch server of yours'; \
	echo 'verdict: unknown (exit 2)'; exit 2
else
verify-migrations: build
	@build/bin/gauntlet verify --migrations $(MIGRATIONS) $(SERVICE) $(VERIFY_FLAGS)
endif

verify-mig: verify-migrations

test: build/with-tests
	@.ci/setup test
	@.ci/build all
	@ctest --test-dir build -j$(TEST_JOBS) --output-on-failure --no-tests=error --schedule-random

test-unit: build/with-tests
	@.ci/setup test
	@.ci/build unit_tests
	@ctest --test-dir build -j$(TEST_JOBS) -L unit --output-on-failure --no-tests=error --schedule-random

# A few minutes; BENCH_FLAGS=--full measures at the sizes that the goals speak of, which takes longer.
# The figures stay in build/bench, in Google Benchmark's own format.
BENCH_FLAGS ?=
BENCH_FLEETS ?= --replicas 1,16,32,64,128 --rounds 7
RUNNER_BENCHMARKS := startup apply replicas takeover history
bench: bench-programs
	@for room in arena verify; do build/bin/$${room}_benchmark --benchmark_counters_tabular=true --benchmark_out=build/bench/$$room.json; done
	@for room in $(RUNNER_BENCHMARKS); do build/bin/$${room}_benchmark $(BENCH_FLAGS) --benchmark_out=build/bench/$$room.json; done
	@rm -f build/bench/contention.json build/bench/storm.json
	@$(MAKE) --no-print-directory build/bench/contention.json build/bench/storm.json

.PHONY: bench-programs bench-compare bench-report
bench-programs: build/with-tests
	@.ci/setup test
	@.ci/build benchmarks gauntlet
	@mkdir -p build/bench

build/bench/contention.json: | bench-programs
	@build/bin/contention_benchmark $(BENCH_FLAGS) --json $@
build/bench/storm.json: | bench-programs
	@build/bin/gauntlet bench --database ephemeral $(BENCH_FLEETS) --json $@

# One page of what `make bench` measured last; it is measured now if it was not.
bench-report: build/bench/contention.json build/bench/storm.json
	@build/bin/gauntlet bench --read build/bench/contention.json --read build/bench/storm.json \
	  --html build/bench/report.html >build/bench/report.txt
	@echo 'build/bench/report.html, build/bench/report.txt'

# Two builds of the runner, taking turns: the one here and that of BASE.
BASE ?=
bench-compare: build
	@.ci/build gauntlet-bare
	@.ci/bench-compare $(BASE)

format:
	@.ci/setup check
	@git ls-files '*.h' '*.cpp' | xargs clang-format -i

golden: build/with-tests
	@.ci/build report_test
	@GAUNTLET_GOLDEN=renew build/bin/report_test --gtest_brief=1
	@git --no-pager diff --stat

# The files to tidy: all of them, or with TIDY_SINCE=REV those changed since.
TIDY_SINCE ?=
tidy:
	@.ci/setup check
	@cmake --preset dev >/dev/null
	@.ci/tidy $(TIDY_SINCE)

# Any bytes against the wire codec, from the small files that are kept; what it finds lands in build/fuzz.
FUZZ_SECONDS ?= 600
fuzz:
	@.ci/setup fuzz
	@cmake --preset release -B build/fuzz -DCMAKE_CXX_COMPILER=clang++-16 -DGAUNTLET_FUZZ=ON >/dev/null
	@ninja -C build/fuzz -j$(JOBS) --quiet wire_fuzz >&2
	@mkdir -p build/fuzz/found
	@build/fuzz/bin/wire_fuzz -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=4096 \
	  -print_final_stats=1 -artifact_prefix=build/fuzz/ build/fuzz/found harness/wire/corpus

# Servers of other major versions, for --server-version: from npm, some 60 MB each.
peers:
	@.ci/peers $(PEERS)

# A .deb and a .tar.gz, in build/package.
package: build
	@.ci/build gauntlet gauntlet-bare
	@harness/package/package build

check:
	@.ci/check

check-full:
	@.ci/check-full

clean:
	@rm -rf build
