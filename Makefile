# Two commands are enough: `make demo` and `make test`. Each sets up what it needs; a second call is quick.
# The set-up lives in .venv; `make clean` takes it away again.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
EXAMPLE := examples/train_digits.py

# A checkout with links is installed as one line in a .pth file. Without links (a zip download, Windows) pip's
# own finder maps the two linked folders; it costs 12 ms at every start of Python, a .pth file costs nothing.
EDITABLE := $(shell test -d footprint/collectors && echo '--config-settings editable_mode=compat')

.PHONY: help demo test trainers bench lint clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

demo: .venv/.demo ## train a small model under measurement and show what it took
	@echo 'Training on the handwritten digits of scikit-learn, under footprint run:'
	@$(BIN)/footprint run --name digits --project demo -- $(BIN)/python $(EXAMPLE)
	@$(BIN)/python -c 'import os; from footprint import config; print("\nKept in", config.home(os.environ), "with all your runs.")'
	@echo 'Open the dashboard with this run in it:    $(BIN)/footprint dashboard'
	@echo 'See how each figure came about:            $(BIN)/footprint explain last'
	@echo 'Closer figures for where you are, as here: $(BIN)/footprint run --region FR -- $(BIN)/python $(EXAMPLE)'

test: .venv/.dev ## all tests
	@.ci/system-packages
	@$(BIN)/python -m pytest

trainers: .venv-trainers/.made ## the callbacks for transformers and lightning, on the real libraries (a gigabyte and more)
	@.venv-trainers/bin/python -m pytest tests/e2e/test_real_trainers.py

bench: .venv/.dev .venv-codecarbon/.made ## measure our own cost beside CodeCarbon's and renew benchmarks/RESULTS.md
	@$(BIN)/python benchmarks/run.py

lint: .venv/.dev ## formatting, lint, types and the floors of the architecture
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

clean: ## remove what make has set up; runs are kept
	rm -rf .venv .venv-codecarbon .venv-trainers build *.egg-info

# --- set-up: one stamp a step, renewed when what it depends on is newer ---

define NEED_PYTHON
import sys
sys.exit(None if sys.version_info >= (3, 11) else "make: $(PYTHON) is Python %d.%d: 3.11 or newer is needed; name one with make PYTHON=python3.12" % sys.version_info[:2])
endef
export NEED_PYTHON

# Debian's python3 may lack ensurepip: then the machine's own pip puts one into the new environment.
.venv/.made:
	@command -v $(PYTHON) >/dev/null || { echo 'make: no $(PYTHON) here: 3.11 or newer is needed; name one with make PYTHON=/path/to/python3'; exit 1; }
	@$(PYTHON) -c "$$NEED_PYTHON"
	@echo 'Setting up .venv (once) ...'
	@$(PYTHON) -m venv .venv 2>/dev/null || { $(PYTHON) -m venv --without-pip --clear .venv && $(PYTHON) -m pip --quiet --python $(BIN)/python install pip; }
	@$(PIP) install 'pip>=25.1'
	@touch $@

.venv/.demo: .venv/.made pyproject.toml constraints.txt
	@echo 'Installing footprint with its dashboard, and scikit-learn for the demo ...'
	@$(call INSTALL,--group demo)
	@$(COMPILE)
	@touch $@

.venv/.dev: .venv/.made pyproject.toml constraints.txt
	@echo 'Installing footprint with its dashboard, and what tests and lint need ...'
	@$(call INSTALL,--group demo --group test --group lint)
	@$(COMPILE)
	@touch $@ .venv/.demo

# Compiled once here, so that it starts as quickly where Python may not write (PYTHONDONTWRITEBYTECODE, other users).
COMPILE = $(BIN)/python -m compileall -q footprint collectors dashboard

# CodeCarbon in an environment of its own, so that its cost is its own.
.venv-codecarbon/.made:
	@echo 'Setting up .venv-codecarbon (once) ...'
	@$(PYTHON) -m venv .venv-codecarbon
	@.venv-codecarbon/bin/python -m pip --disable-pip-version-check --quiet install codecarbon==3.3.2
	@touch $@

# A CPU build of torch is enough: PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make trainers
.venv-trainers/.made: pyproject.toml
	@echo 'Setting up .venv-trainers (once) ...'
	@$(PYTHON) -m venv .venv-trainers
	@.venv-trainers/bin/python -m pip --disable-pip-version-check --quiet install 'pip>=25.1'
	@.venv-trainers/bin/python -m pip --disable-pip-version-check --quiet install --editable . --group trainers
	@touch $@

# The versions that were tested; where an index lacks one of them, the newest that pyproject.toml allows, and it is said.
# The last line is for a setuptools without that way of installing.
INSTALL = $(PIP) install --constraint constraints.txt --editable '.[dashboard]' $(EDITABLE) $(1) \
	|| { echo 'NOTE: that did not work; trying the newest versions that pyproject.toml allows, not the tested ones ...'; \
	     $(PIP) install --editable '.[dashboard]' $(EDITABLE) $(1) || $(PIP) install --editable '.[dashboard]' $(1); }
