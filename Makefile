# Two commands do everything on a machine with Python 3.11, pip, make and git:
#   make demo   sets up and answers a real question on real shopping logs
#   make test   sets up and passes the tests

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-fast golden check format setup setup-dev clean

setup: .venv/.installed
setup-dev: .venv/.installed-dev .venv-bqemulator/.installed .venv-fakesnow/.installed

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

demo: setup
	cd examples/complete-journey && ../../$(BIN)/python fetch_data.py
	cd examples/complete-journey && ../../$(BIN)/yule run beer-buyers

test: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist worksteal

# Leaves out what runs whole commands or needs a server.
test-fast: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist worksteal -m "not slow"

# Puts the ids and outputs of the golden cases on record anew, where they have changed on purpose.
golden: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python tests/golden/record.py

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src

format: setup-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .venv-bqemulator .venv-fakesnow
