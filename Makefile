# `make help` lists the targets. Written for GNU make 3.81 (macOS) and newer.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help setup setup-dev run practice test check fmt bench soak lock clean pytest
.NOTPARALLEL:

# PYTHON=... chooses the Python that .venv is made with; else scripts/find-python does.
export PYTHON
BIN := .venv/bin
ARGS ?=
# Half of the tests wait for processes most of the time: three at a time keep two cores busy.
WORKERS ?= 3

help: ## List the targets
	@echo "make run is all it takes; the others:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the arena into .venv from its lock
	@scripts/setup runtime

setup-dev: ## Install the tools for working on it as well
	@scripts/setup dev

run: setup ## Start the arena and its control room; ARGS=--no-serve ends after the leaderboard
	@exec $(BIN)/arena up $(ARGS)

practice: setup ## See it all at work without a key or a cent; ARGS=--no-serve ends after the board
	@exec $(BIN)/arena practice $(ARGS)

# Pytest comes last: its closing line, with how many tests ran, is the last thing to be seen.
test: check pytest ## Everything that must hold: check, then all tests; ARGS go to pytest

pytest: setup-dev
	@echo "== pytest"
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: setup-dev ## Format, lint, types, import rules, Dagster definitions
	@echo "== ruff"
	@$(BIN)/ruff format --check --output-format concise . || { echo "To put it right: make fmt"; exit 1; }
	@$(BIN)/ruff check --output-format concise .
	@echo "== mypy"
	@$(BIN)/mypy
	@echo "== import rules"
	@$(BIN)/lint-imports --no-logo
	@echo "== Dagster definitions"
	@scripts/check-defs

fmt: setup-dev ## Format the code and fix what ruff can fix
	@$(BIN)/ruff check --quiet --fix --exit-zero .
	@$(BIN)/ruff format .

bench: setup-dev ## Run each benchmark in turn; ratios, not tests
	@failed=0; for file in benchmarks/bench_*.py; do \
		echo "== $$file"; \
		PYTHONPATH=. $(BIN)/python "$$file" $(ARGS) || failed=1; \
	done; exit $$failed

soak: setup-dev ## Run the long drills (killed processes, full disks); minutes to hours
	@exec $(BIN)/python -m pytest -m soak --timeout 7200 $(ARGS)

lock: setup-dev ## Write both locks anew from pyproject.toml; UPGRADE=1 takes the newest versions
	@UPGRADE=$(UPGRADE) scripts/lock

clean: ## Remove .venv and what the tools left behind; never the data directory
	@rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis *.egg-info
	@find arena_pipeline arena_pipeline_tests -name __pycache__ -type d -prune -exec rm -rf {} +
