# What a person types. `make run` and `make test` work on a fresh Debian machine with Rust.

.PHONY: run test bench lint pictures looks fuzz

# Installs what is missing, builds, and opens the demo; without a display it plays 10 s into demo.mkv.
run:
	scripts/setup
	cargo run --release -- play presets/demo/demo.toml

# Installs what tests need as well, and passes all tests. A missing adapter is a failure.
test:
	scripts/setup test
	REQUIRE_GPU=1 cargo test

# Prints ratios, each measured within one run. One of them opens a window: it gets a screen of its own.
BENCH_PYTHON = $(HOME)/.cache/residua-bench/bin/python
bench:
	scripts/setup test
	scripts/bench-python
	RESIDUA_BENCH_PYTHON=$(BENCH_PYTHON) xvfb-run --auto-servernum cargo bench

lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --lib --benches --no-default-features -- -D warnings

# Makes the README's pictures with the program itself.
pictures:
	scripts/setup test
	cargo build --release
	scripts/pictures

# Makes a contact sheet of all looks on three clips.
looks:
	scripts/setup test
	cargo build --release
	scripts/looks

# Throws broken streams and clip folders at their readers, so many seconds per target (needs Rust's
# nightly toolchain; installs cargo-fuzz).
FUZZ_SECS = 600
fuzz:
	fuzz/run $(FUZZ_SECS)
