# Two commands: `make demo` and `make test`. Everything else is written on top of them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DO_NOT_TRACK := true
export MLFLOW_DISABLE_TELEMETRY := true
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.PHONY: help demo test test-fast lint docs lock install clean

help:
	@echo "make demo    a whole study on a simulated organisation"
	@echo "make test    the whole test suite"
	@echo "make test-fast  the tests for the loop at the desk: under a minute of CPU"
	@echo "make lint    ruff, mypy and vulture"
	@echo "make docs    remake the reference pages from the code, and run the examples"
	@echo "make lock    remake requirements.lock (needs uv)"

install: $(VENV)/installed

# The lock file is complete, so pip need not resolve anything: --no-deps, and every file checked by its hash.
$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed; set PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies (a few minutes the first time) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pipelines.environment
	@touch $@

demo: install
	@$(BIN)/python -m pipelines.study configs/studies/demo.yaml

test: install
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

# tests/slow.txt names what is left out.
test-fast: install
	$(BIN)/python -m pytest tests -q -m "not slow and not data and not browser"

lint: install
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/mypy
	$(BIN)/python -m vulture

docs: install
	$(BIN)/python docs/make_reference.py
	$(BIN)/python docs/make_examples.py

lock:
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) var build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache
