# salesnb. `make run` and `make test` set up what is missing, in .venv, and nothing outside this folder:
# `make run` what running needs, the other targets what developers and analysts need beside it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
TOOLS := $(VENV)/tools
PIP := $(BIN)/python -m pip --disable-pip-version-check

# Notebooks run in this environment's own kernel, whatever kernels and paths the user has elsewhere; what is compiled once
# is kept, as every notebook is a process of its own.
export JUPYTER_PREFER_ENV_PATH := 1
unexport JUPYTER_PATH PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test lab refresh lint

help: ## Say what there is
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

setup: $(TOOLS) ## Set up .venv with everything; the other targets do so by themselves

run: $(READY) ## Run the sample company's latest period, all teams, both languages; print the index's path
	$(BIN)/salesnb run --data sample --period latest --lang both --out reports

test: lint ## Check style and types, run every test, hold the notebooks to their checked sentences
	$(BIN)/python -m pytest -p no:nbval -n 2 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval-lax --nbval-current-env notebooks

lab: $(TOOLS) ## Open JupyterLab on the notebooks
	$(BIN)/jupyter lab --notebook-dir=. notebooks

refresh: $(TOOLS) ## Rewrite what is derived: notebooks' prose and sentences, data dictionary, settings page, environment.yml
	$(BIN)/python -m tools.environment
	$(BIN)/python -m tools.dictionary
	$(BIN)/python -m tools.settings_page
	$(BIN)/python -m tools.notebooks

lint: $(TOOLS) ## Check style and types only
	$(BIN)/ruff check .
	$(BIN)/mypy

$(TOOLS): $(READY) requirements-dev.lock
	@echo "Adding what developers and analysts need ..."
	$(PIP) install --quiet --no-deps --requirement requirements-dev.lock
	@touch $@

# The stamps come last, so that a set-up that was broken off begins anew, and one that was finished is not repeated.
$(READY): $(VENV)/packages pyproject.toml
	$(PIP) install --quiet --no-deps --editable .
	@touch $@

$(VENV)/packages: requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed. salesnb needs Python 3.11 or later."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "salesnb needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) (once, a few minutes) ..."
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || { \
	  $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
	$(PIP) install --quiet --no-deps --requirement requirements.lock
	@touch $@
