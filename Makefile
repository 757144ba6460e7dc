# The five commands. Each is a script in scripts/, so that it can be read and run on its own.
#
#   make demo     a server on this machine with real sample data (ARGS=--once: without staying)
#   make test     everything that proves the project: web, and Rust on both databases
#   make check    what to run after each edit: format, lints, types, quick tests
#   make dev      server and pages, rebuilt and reloaded as files change
#   make bench    measures, prints one table, writes bench/results/*.json

.PHONY: help demo test check dev bench setup web build

help:
	@sed -n 's/^#   make /  make /p' Makefile

demo:
	@scripts/demo $(ARGS)

test:
	@scripts/test

check:
	@scripts/check

dev:
	@scripts/dev $(ARGS)

bench:
	@scripts/bench $(ARGS)

# Steps of the above, for those who want one alone.

setup:
	@scripts/setup

web: setup
	@cd web && npm run --silent build

build: web
	@cargo build --release --locked -p fairmark
