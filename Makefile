# Everything a person types stands here; every target may be run again at any time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
BENCH := $(VENV)/.bench
NAMES := bot/known_names/names.bin

.DEFAULT_GOAL := help
.PHONY: help setup demo run test soak image-check lint format check bench bench-idle bench-polling bench-search bench-stories lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: $(NAMES) ## a virtual environment (.venv) with what the program needs
	@echo "Ready: $(BIN)/guetteur --help"

demo: $(NAMES) ## the whole pipeline on a sample newsroom: no token, no network
	@$(BIN)/guetteur demo

run: $(NAMES) ## the daemon, with the settings of config/ and .env
	@set -a; if [ -f .env ]; then . ./.env; fi; set +a; exec $(BIN)/guetteur run

test: $(DEV) ## the whole test suite
	@echo "Running the tests …"
	@$(BIN)/python -m pytest

soak: $(DEV) ## the tests that take minutes: a crash at every statement, real days, broadcasts, floods, kills, long runs
	@$(BIN)/python -m pytest -m soak -rP

image-check: $(DEV) ## the Dockerfile's steps without an engine: built, read-only, without rights (root, Linux; minutes)
	@$(BIN)/python -m pytest -m soak -s tests/e2e/test_image.py

lint: $(DEV) ## formatting, lint and strict types
	@echo "Formatting …" && $(BIN)/ruff format --check .
	@echo "Lint …" && $(BIN)/ruff check .
	@echo "Types …" && $(BIN)/mypy

format: $(DEV) ## mend what ruff can mend by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: lint test ## what CI does

bench: $(BENCH) ## how well and how fast names are found, beside what one would use instead (GUETTEUR_CORPUS; ARGS="--help")
	@$(BIN)/python -m benchmarks.matching $(ARGS)

bench-idle: $(NAMES) ## how soon the daemon is ready, and what it takes while nothing happens (13 minutes; ARGS="--help")
	@$(BIN)/python -m benchmarks.idle $(ARGS)

bench-polling: $(BENCH) ## what polling thousands of feeds costs, beside the package reader (GUETTEUR_CORPUS; ARGS="--help")
	@$(BIN)/python -m benchmarks.polling $(ARGS)

bench-search: $(NAMES) ## how soon /watch and /search answer beside 400,000 stored articles (builds 4 GB under var/ once; ARGS="--help")
	@$(BIN)/python -m benchmarks.search $(ARGS)

bench-stories: $(BENCH) ## how well and how fast articles are grouped, beside TF-IDF (GUETTEUR_CORPUS; ARGS="--help")
	@$(BIN)/python -m benchmarks.stories $(ARGS)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Guetteur needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version 2>&1`. Name another with: make PYTHON=python3.12 …"; exit 2; }
	@echo "Making the virtual environment $(VENV) …"
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "This Python cannot make virtual environments (on Debian: apt install python3-venv)."; rm -rf $(VENV); exit 2; }

# The locks hold all that is needed, hence --no-deps; hashes are checked for everything that comes from outside.
$(RUNTIME): requirements.lock | $(VENV)/bin/python
	@echo "Installing what the program needs (once, about a minute) …"
	@$(PIP) install --quiet --no-deps --require-hashes --requirement requirements.lock
	@touch $@

# Installing the project compiles the table of known names. Its words are folded, so it is as old as the folding.
$(NAMES): $(RUNTIME) pyproject.toml hatch_build.py bot/text.py $(wildcard bot/known_names/*.py)
	@echo "Installing Guetteur …"
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .

$(DEV): requirements-dev.lock $(RUNTIME) | $(NAMES)
	@echo "Installing what the tests need …"
	@$(PIP) install --quiet --no-deps --require-hashes --requirement requirements-dev.lock
	@touch $@

$(BENCH): requirements-bench.lock $(RUNTIME) | $(NAMES)
	@echo "Installing what the benchmark compares with (once, about 300 MB) …"
	@$(PIP) install --quiet --no-deps --require-hashes --requirement requirements-bench.lock
	@touch $@

lock: ## resolve pyproject.toml again into the lock files (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --group build pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --group build --group dev --constraints requirements.lock pyproject.toml --output-file requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --group bench --constraints requirements-dev.lock pyproject.toml --output-file requirements-bench.lock

clean: ## remove the virtual environment and what tools left behind
	rm -rf $(VENV) $(NAMES) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
