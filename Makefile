# Everything that is done to the course is a target of this file; `make` lists them.
# It asks for Python 3.11 to 3.13, git and make, and runs with GNU make 3.81 (macOS) too.

SHELL := /bin/sh
PY := .venv/bin/python
PYTHONS = $(or $(PYTHON),.venv/bin/python python3 python3.13 python3.12 python3.11 python)
FITS = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PORT ?= 8000
.DEFAULT_GOAL := help
.PHONY: help setup book serve release test test-colab test-long assignment grade results lint tidy lock clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup:  ## make .venv with the locked packages and the library (PYTHON=/path/to/python3.12)
	@for p in $(PYTHONS); do \
		if $$p -c '$(FITS)' 2>/dev/null; then exec $$p book/install.py; fi; \
	done; \
	echo "No Python 3.11, 3.12 or 3.13 found (TensorFlow runs on these); tried: $(PYTHONS)." \
		"Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1

book: setup  ## run the chapters that changed and build the pages
	@$(PY) book/build.py

serve: book  ## show the book in a browser (PORT=8000)
	@echo "The book is at http://localhost:$(PORT)/ until you press Ctrl-C."
	@$(PY) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html >/dev/null 2>&1 || \
		{ echo "Port $(PORT) is taken; choose another one: make serve PORT=8001" >&2; exit 1; }

release: book  ## put the wheel, the book as a zip, the weights and their hashes into dist
	@$(PY) book/release.py '$(TAG)'

test: setup  ## lint, build the book and run all tests
	@$(PY) tests/run.py

test-colab: setup  ## run every notebook with the package versions of Colab's current runtime
	@$(PY) -m pytest tests/colab -n 2 --dist worksteal

test-long: setup  ## run the slow tests, then check that the daily ones reach 90 % of the library's lines
	@$(PY) -m pytest -m long tests
	@$(PY) tests/run.py --cov

assignment: setup  ## a folder to hand out: CHAPTER=04, or CHAPTERS="02 03 04" (DEADLINE="2026-12-04 18:00" LATE=10)
	@$(PY) book/assignment.py --chapters "$(or $(CHAPTERS),$(CHAPTER))" --out "$(OUT)" \
		--deadline "$(DEADLINE)" --late "$(LATE)"

grade: setup  ## grade a folder of submitted notebooks: CHAPTER=04 SUBMISSIONS=folder (STUDENT=name: only this one)
	@$(PY) book/grade.py --chapter "$(CHAPTER)" --submissions "$(SUBMISSIONS)" --out "$(OUT)" --student "$(STUDENT)" \
		--deadline "$(DEADLINE)" --late "$(LATE)" --worksheet "$(WORKSHEET)" \
		$(if $(filter yes,$(HIDDEN)),--hidden) $(if $(filter yes,$(UNSAFE)),--unsafe)

results: setup  ## say which results files are current; measure shipped weights again (COLORIZE_DATA=...)
	@.venv/bin/colorize results

lint: setup  ## check style, types and stored notebooks, as the commit hooks do
	@$(PY) -m pre_commit run --all-files

tidy: setup  ## put notebooks and code into the form that lint asks for
	@$(PY) book/tidy.py
	@$(PY) -m ruff check --fix --quiet .
	@$(PY) -m ruff format --quiet .
	@$(PY) book/javascript.py

lock: setup  ## compile requirements.txt anew from pyproject.toml
	@$(PY) -m venv build/lock
	@build/lock/bin/python -m pip install --quiet uv
	build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --group book --group test pyproject.toml \
		--no-emit-index-url --no-annotate --no-header -o requirements.txt

clean:  ## remove what was built (.venv stays)
	rm -rf _build build dist .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
