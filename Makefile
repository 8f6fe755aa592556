# One command a chore, the same at home and in CI. Needs only python3 (3.11 or newer) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
PINS ?= --constraint constraints.txt
SLOW := browser acceptance chaos test_notebooks.py
# plugins of libraries take a second each to load, in each process; the one test that needs one
# starts a process of its own
PLUGINS := -p no:schemathesis -p no:zarr
QUICK := -q -n 2 --dist worksteal -m "not slow" $(PLUGINS) $(SLOW:%=--ignore=tests/%)
# processes that the tests start would each compile csserv anew
unexport PYTHONDONTWRITEBYTECODE
export CSSERV_HOME ?= $(CURDIR)/csserv-home
export CSSERV_DATA ?= $(CURDIR)/csserv-data

.PHONY: help demo test quick lowest check wheel docs notebooks languages screenshots chaos benchmark bench install clean

help:               ## list the chores
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: $(VENV)/.demo ## install, make the sample data, and run the demo on two workers
	@$(BIN)/csserv demo

test: $(VENV)/.test ## run all tests
	@scripts/browser.sh $(BIN)
	@$(BIN)/python -m pytest -q -n 4 --dist loadscope --no-loadscope-reorder $(PLUGINS)

quick: $(VENV)/.test ## run what is quick: all but browsers, acceptance, chaos, pages, and what is marked slow
	@$(BIN)/python -m pytest $(QUICK)

lowest: $(LOWEST)/.test ## the same with the lowest versions that pyproject.toml allows; Python 3.11
	@$(LOWEST)/bin/python -m pytest $(QUICK)

check: $(VENV)/.test ## lint, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

wheel:              ## build the wheel into dist/, and run the demo from it in an empty environment
	@scripts/wheel.sh $(PYTHON)

docs: $(VENV)/.docs ## run all pages of notebooks/ and build the site, .docs/site; some minutes
	$(BIN)/python -m scripts.pages

notebooks: $(VENV)/.docs ## open the pages in JupyterLab, with sample data
	@$(BIN)/csserv sample-data
	@$(BIN)/jupyter lab notebooks

languages: $(VENV)/.test ## bring the catalogs of translations up to date with the code
	@$(BIN)/python -m scripts.languages

screenshots: $(VENV)/.test ## take pictures of the dashboard, into notebooks/how_to/images
	@scripts/browser.sh $(BIN)
	@$(BIN)/python -m scripts.screenshots

chaos: $(VENV)/.test ## 500 tasks; kills, stops, damage, power cuts; prints what was lost (nothing)
	$(BIN)/python -m tests.chaos

benchmark: $(VENV)/.test ## how fast the task log is, against the bare disk
	$(BIN)/python benchmarks/tasklog.py --folder .

bench: $(VENV)/.bench ## how fast engine and server are, against their peers; 7 GB of disk, an hour
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.http
	$(BIN)/python -m benchmarks.dashboard
	$(BIN)/python -m benchmarks.slow_lines
	$(BIN)/python -m benchmarks.indices
	$(BIN)/python -m benchmarks.normals
	$(BIN)/python -m benchmarks.many_zones
	$(BIN)/python -m benchmarks.kept
	$(BIN)/python -m benchmarks.sums
	$(BIN)/python -m benchmarks.others_issues
	$(BIN)/python -m benchmarks.small_requests

install: $(VENV)/.test ## make .venv with everything in it

$(VENV)/bin/python:
	@echo "making $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "csserv needs Python 3.11 or newer; set PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing csserv into $(VENV) (a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PINS) --editable '.[samples]'
	@touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing csserv and its test tools into $(VENV) (a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PINS) --editable '.[samples,test]'
	@touch $@ $(VENV)/.demo

$(VENV)/.docs: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing csserv, JupyterLab and what makes the site into $(VENV) (a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PINS) --editable '.[samples,docs]'
	@touch $@ $(VENV)/.demo

$(VENV)/.bench: $(VENV)/.test
	@echo "installing what the engine is compared with"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PINS) --editable '.[samples,test,bench]'
	@touch $@

$(LOWEST)/.test: pyproject.toml
	@echo "installing csserv with the lowest versions of all it needs into $(LOWEST) (a minute or two)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "the lowest versions are those for Python 3.11; set PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv --clear $(LOWEST)
	@$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	@$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --editable '.[samples,test]'
	@touch $@

clean:              ## remove .venv, sample data and results of this folder
	rm -rf $(VENV) $(LOWEST) dist .docs csserv-home csserv-data
