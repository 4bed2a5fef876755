# Two commands do everything on a machine with Python 3.11, pip, make and git:
#   make demo   sets up and answers a real question on real shopping logs
#   make test   sets up and passes the tests

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check format setup setup-dev clean

setup: .venv/.installed
setup-dev: .venv/.installed-dev

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/.installed-dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@# The tests of registries run against Debian's own; without it they are skipped.
	@command -v docker-registry >/dev/null || (apt-get update -qq && apt-get install -y -qq docker-registry) >/dev/null 2>&1 || true
	touch $@ .venv/.installed

demo: setup
	cd examples/complete-journey && ../../$(BIN)/python fetch_data.py
	cd examples/complete-journey && ../../$(BIN)/yule run beer-buyers

test: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2

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
	rm -rf .venv
