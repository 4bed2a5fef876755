# All it takes is a machine with Python 3.11, pip, make and git. A target with a line behind ## is shown by `make help`.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test test-fast golden check format hooks setup setup-dev clean

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed ## Install Yule into .venv
setup-dev: .venv/.installed-dev .venv-bqemulator/.installed .venv-fakesnow/.installed ## Install it with all that the tests need

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[neural]'
	touch $@

.venv/.installed-dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@# The tests of registries and of PostgreSQL run against Debian's own; without them they are skipped.
	@command -v docker-registry >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
		|| (apt-get update -qq && apt-get install -y -qq docker-registry postgresql) >/dev/null 2>&1 || true
	touch $@ .venv/.installed

# The emulator of BigQuery needs libraries of other versions than ours; without it its tests are skipped.
.venv-bqemulator/.installed:
	@$(PYTHON) -m venv .venv-bqemulator \
		&& .venv-bqemulator/bin/pip install --quiet 'bqemulator[compression]==1.4.0' numpy duckdb==2.0.0 \
		&& touch $@ \
		|| echo 'bqemulator cannot be installed: tests against the emulator of BigQuery will be skipped.'

# So does the stand-in for Snowflake.
.venv-fakesnow/.installed:
	@$(PYTHON) -m venv .venv-fakesnow \
		&& .venv-fakesnow/bin/pip install --quiet 'fakesnow[server]==0.12.1' 'snowflake-connector-python<5' \
		&& touch $@ \
		|| echo 'fakesnow cannot be installed: tests against the stand-in for Snowflake will be skipped.'

demo: setup ## Answer a real question on real shopping logs
	cd examples/complete-journey && ../../$(BIN)/python fetch_data.py
	cd examples/complete-journey && ../../$(BIN)/yule run beer-buyers

test: setup-dev ## Run all tests
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist worksteal

test-fast: setup-dev ## Run the tests that need no server, run no whole command and try one example each
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist worksteal -m "not slow"

golden: setup-dev ## Put ids and outputs of the golden cases on record anew, changed on purpose
	OMP_NUM_THREADS=1 $(BIN)/python tests/golden/record.py

check: setup-dev ## Check format, style, types, imports and dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src

format: setup-dev ## Format the code, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

hooks: setup-dev ## Have git run the checks before each commit (needs pre-commit)
	pre-commit install

clean: ## Remove the environments
	rm -rf .venv .venv-bqemulator .venv-fakesnow
