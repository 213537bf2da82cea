# Two commands matter: `make run` starts the demo county, `make test` proves the service. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
CONSOLE_SOURCES := $(shell find console -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: $(VENV)/.installed api/static/index.html ## Start the demo county: looks, a flag and an alert within a minute.
	@$(BIN)/patrol demo $(ARGS)

install: $(VENV)/.installed ## The virtual environment with the pinned packages.

console: api/static/index.html ## Build the web console.

test: $(VENV)/.tests-installed system-packages check console-test ## Checks and every test that is not marked long.
	@scripts/run-tests $(ARGS)

test-long: $(VENV)/.tests-installed system-packages api/static/index.html ## The slow proofs: two weeks of 100,000 cameras, a search for broken promises.
	@$(BIN)/python -m pytest -m long -s $(ARGS)
	@PATROL_SEARCH=1 $(BIN)/python -m pytest --timeout=3600 tests/unit/rotation/test_promises.py tests/unit/rotation/test_together.py $(ARGS)

check: $(VENV)/.tests-installed ## Formatter, lint, types, import contracts: the same for people and CI.
	@scripts/check

format: $(VENV)/.tests-installed ## Let ruff mend what it can.
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

console-test: api/static/index.html ## The console's types and tests.
	@cd console && npm run --silent check

system-packages: ## What the tests need beside Python: broker, RTSP server, PostgreSQL, browser.
	@scripts/system-packages

bench: $(VENV)/.bench-installed ## What one look costs, beside the bare minimum and ultralytics `track`.
	@$(BIN)/patrol bench visit $(ARGS)

lock: ## Pin again: hashes, no index address.
	@scripts/lock

wheel: $(VENV)/.tests-installed api/static/index.html ## A wheel with the built console in it.
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove what was built.
	@rm -rf $(VENV) api/static build dist *.egg-info console/node_modules

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed and was not found on PATH" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "make: $(PYTHON) has no venv module; on Debian: apt install python3-venv" >&2; exit 1; }

$(VENV)/.installed: requirements/lock.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing the pinned packages …"
	@$(PIP_INSTALL) -r requirements/lock.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tests-installed: requirements/dev.txt $(VENV)/.installed
	@$(PIP_INSTALL) -r requirements/dev.txt
	@touch $@

# torch first and by its exact version: left to itself pip takes the newest build with several GB of CUDA beside it.
$(VENV)/.bench-installed: requirements/ultralytics.txt $(VENV)/.tests-installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements/ultralytics.txt torch torchvision ultralytics lap
	@touch $@

api/static/index.html: $(CONSOLE_SOURCES)
	@command -v node >/dev/null && node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' \
		|| { echo "make: Node.js 20 or newer is needed to build the console and was not found on PATH" >&2; exit 1; }
	@echo "Building the console …"
	@cd console && npm ci --silent --no-audit --no-fund && npm run --silent build
	@touch $@

.PHONY: help run install console test test-long check format console-test system-packages bench lock wheel clean
