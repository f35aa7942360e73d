# Needs Python 3.11 or later, make and git. Every target makes .venv and installs the locked packages if they are missing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo

# Tests start hundreds of programs: none should compile the same modules again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports unit docs bench lock messages format clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The locks hold hashes and no addresses; the project itself is installed without looking at its dependencies again.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.run

demo: $(VENV)/.run ## Generate a permit service's log, import and audit it
	$(BIN)/potok demo --permits --out $(DEMO)

test: $(VENV)/.dev ## Run the tests (without Java, Spark is skipped and left out of coverage)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup --durations=20 --durations-min=5 --cov --cov-report=term:skip-covered

check: lint types imports test docs ## Everything that CI runs

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python tools/messages.py --check

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports --config pyproject.toml

docs: $(VENV)/.dev ## Build the documentation; warnings are errors, examples are run
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

STUDIES := run compare_models layout_time waiting_causes whole_audit every_log extraneous_delay silo_index drift comparison superfluous process_register alignments known_rules simulation_fit simulation_speed prosimos_models what_if what_if_simod verification_series verification_panels verification_gaming verification_speed verification

bench: $(VENV)/.dev ## Measure against hand-written queries, peers and known truth; writes benchmarks/*.md
	@failed=""; for study in $(STUDIES); do \
		echo "benchmarks/$$study.py"; $(BIN)/python benchmarks/$$study.py || failed="$$failed $$study"; \
	done; test -z "$$failed" || { echo "bars missed:$$failed"; exit 1; }

lock: ## Write the locks anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --output-file requirements/run.txt pyproject.toml requirements/build.in
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra dev --output-file requirements/dev.txt pyproject.toml requirements/build.in

messages: $(VENV)/.dev ## Collect messages into the catalogues and compile them
	$(BIN)/python tools/messages.py

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf build docs/_build .coverage .mypy_cache .ruff_cache .pytest_cache
