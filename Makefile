# make run    install, import the examples into ./perfkg-library if there is none, serve on 127.0.0.1:8000
# make test   install with the test tools, check style and types, run the tests

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check clean

run: .venv/installed
	@test -e perfkg-library/ledger.db || $(BIN)/perfkg import examples
	$(BIN)/perfkg serve

test: check
	$(BIN)/python -m pytest

check: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/mypy

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

.venv/tested: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@
