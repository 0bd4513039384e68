# Komshu: `make run` and `make test` need git, make and Python 3.11 with pip; they bring the rest.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help run test test-fast lint format bench setup

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## create both environments from the lock
	@$(PYTHON) deploy/bootstrap.py

run: setup ## start the whole assistant: make run OFFICE=timisoara
	@exec $(BIN)/komshu run

test: setup ## the whole suite: units, contracts, the running assistant, Chromium
	@deploy/install-browser.sh
	@.venv-rasa/bin/python -m pytest tests/bot -q --confcutdir=tests/bot -c tests/bot/pytest.ini
	@tests/units.sh
	@$(BIN)/python -m pytest tests --ignore=tests/bot -m "stack or browser"

test-fast: setup ## only what needs no running assistant: about a minute
	@.venv-rasa/bin/python -m pytest tests/bot -q --confcutdir=tests/bot -c tests/bot/pytest.ini
	@tests/units.sh

lint: setup ## ruff, mypy strict, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: setup ## let ruff put the code in order
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: setup ## measure against stock Rasa, side by side
	@$(BIN)/python -m benchmarks.compare
