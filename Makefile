# The only front door: a writer, CI and Read the Docs run the same targets.
# `make help` lists them. Works with GNU make 3.81 (macOS) and newer.

VENV     ?= .venv
PYTHON   ?= python3
BUILDDIR ?= build

# A preview of a pull request on Read the Docs has to appear whatever is found (conf.py sets the
# gate to report there): a build that fails uploads nothing.
ifeq ($(READTHEDOCS_VERSION_TYPE),external)
SPHINXOPTS ?=
else
SPHINXOPTS ?= -W
endif

PY     := $(VENV)/bin/python
SPHINX := "$(PY)" -m sphinx
STAMP  := $(VENV)/.acuext-setup

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help setup html check review live test test-all test-sphinx browser npm accuracy accuracy-peers bench lint types format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  Variables: VENV=$(VENV) PYTHON=$(PYTHON) BUILDDIR=$(BUILDDIR) SPHINXOPTS=$(SPHINXOPTS)'

# ---- The environment ------------------------------------------------------------------------

setup: $(STAMP) ## make the virtual environment; the other targets do so themselves

# The Python below VENV is a link: when the system's Python was removed or replaced by another
# version, the packages are gone for it, and the environment is made anew.
ifneq ($(shell "$(PY)" -c 'import os, sysconfig; os.stat(sysconfig.get_path("purelib"))' 2>&1 || echo broken),)
.PHONY: $(PY)
endif

# `--clear` only where a virtual environment was: VENV may be anything by mistake.
$(PY):
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { echo 'acuext needs Python 3.11 or newer, and there is no "$(PYTHON)". Name yours: make PYTHON=python3.13 html' >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "acuext needs Python 3.11 or newer; \"$(PYTHON)\" is $$("$(PYTHON)" --version 2>&1). Name another: make PYTHON=python3.13 html" >&2; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo '"$(PYTHON)" cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 2; }
	@echo 'Making the virtual environment $(VENV) (once)'
	@"$(PYTHON)" -m venv $$(test -f "$(VENV)/pyvenv.cfg" && echo --clear) "$(VENV)"

$(STAMP): requirements.txt pyproject.toml $(PY)
	@echo 'Installing the locked packages into $(VENV)'
	@"$(PY)" -m pip install --disable-pip-version-check --quiet --quiet --require-hashes --requirement requirements.txt
	@"$(PY)" -m pip install --disable-pip-version-check --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch "$@"

lock: $(STAMP) ## bring requirements.txt up to date with pyproject.toml and the newest releases
	"$(PY)" -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade --no-config \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	  --group dev --output-file requirements.txt pyproject.toml

# ---- The site -------------------------------------------------------------------------------

html: $(STAMP) ## build the site
	@$(SPHINX) -M html docs "$(BUILDDIR)" -c . $(SPHINXOPTS)
	@echo 'Open the site: $(BUILDDIR)/html/index.html'

check: $(STAMP) ## judge the wording only, without building pages
	@$(SPHINX) -b acuext -c . docs "$(BUILDDIR)/check" $(SPHINXOPTS)

# The pages are built whatever is found, so that they can be looked at; then comes the verdict.
review: $(STAMP) ## build the site with its review pages and judge it, as CI does for a pull request
	@$(SPHINX) -M html docs "$(BUILDDIR)" -c . -D acuext_gate=report --quiet
	@echo 'Open the review: $(BUILDDIR)/html/_review/index.html'
	@"$(VENV)/bin/acuext" check $(REVIEWOPTS) docs

live: $(STAMP) ## build the site on every save and show it at http://127.0.0.1:8000
	@"$(PY)" -m sphinx_autobuild -c . --watch acuext docs "$(BUILDDIR)/live" $(LIVEOPTS)

# ---- The code -------------------------------------------------------------------------------

test: $(STAMP) ## run the tests
	@"$(PY)" -m pytest -n auto --maxprocesses 4 -m 'not slow' $(PYTESTOPTS)

# Chromium where a test is marked to need it; Playwright's own download is not used.
BROWSER := $(if $(shell grep -ls 'pytest\.mark\.browser' tests/*.py),browser)
browser:
	@command -v chromium || command -v chromium-browser || command -v google-chrome || { test "$$(id -u)" = 0 && command -v apt-get && apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium; } || \
	  { echo 'The browser tests need Chromium or Chrome on PATH. On Debian: apt-get install chromium' >&2; exit 2; }

# Programs by others that judge our reports, where a test is marked to need them.
NPM := $(if $(shell grep -ls 'pytest\.mark\.npm' tests/*.py),npm)
npm:
	@command -v npm || { test "$$(id -u)" = 0 && command -v apt-get && apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends npm; } || \
	  { echo 'The tests of the report formats need npm on PATH. On Debian: apt-get install npm' >&2; exit 2; }
	@npm install --no-audit --no-fund --loglevel error --prefix "$(BUILDDIR)/npm" \
	  @microsoft/sarif-multitool@5.7.0 @umbrelladocs/rdformat-validator@1.0.1

test-all: $(BROWSER) $(NPM) test-sphinx ## run the slow tests as well, and the tests with the oldest and the newest Sphinx
	@"$(PY)" -m pytest -n auto --maxprocesses 4 $(PYTESTOPTS)

# One environment for each end of the ranges in pyproject.toml, apart from the locked one.
test-sphinx: $(STAMP)
	@for end in lowest-direct highest; do \
	  venv="$(BUILDDIR)/sphinx-$$end"; \
	  "$(PY)" -m uv venv --quiet --clear --python "$(PY)" "$$venv" && \
	  "$(PY)" -m uv pip install --quiet --no-config --python "$$venv" --resolution $$end --editable . --group test && \
	  "$$venv/bin/python" -c 'import sphinx, docutils; print("Sphinx", sphinx.__version__, "docutils", docutils.__version__)' && \
	  "$$venv/bin/python" -m pytest -n auto --maxprocesses 4 -m 'not slow' $(PYTESTOPTS) || exit 1; \
	done

# Labelled sentences of public data sets, which are not ours to pass on; without them nothing is
# measured, and the results of the last run stay.
DATA ?= ../shared/data/dev

accuracy: $(STAMP) ## measure how often the judgement is right, where the sentences in DATA are there
	@"$(PY)" benchmarks/accuracy.py --data "$(DATA)" --write docs/explanation

accuracy-peers: $(STAMP) ## the same sentences through other linters, installed with npm and pip
	@"$(PY)" benchmarks/peers.py --data "$(DATA)" --tools "$(BUILDDIR)/peers" --write docs/explanation

# SMALL=1 takes under a minute.
bench: $(STAMP) ## measure how fast it is, beside other linters; SMALL=1 for a first look
	@"$(PY)" benchmarks/speed.py $(if $(SMALL),--small,--peers "$(BUILDDIR)/peers" --write docs/explanation)

lint: $(STAMP) ## check the code's style
	@"$(PY)" -m ruff check
	@"$(PY)" -m ruff format --check

types: $(STAMP) ## check the code's types
	@"$(PY)" -m mypy

format: $(STAMP) ## put the code into the house style
	@"$(PY)" -m ruff check --fix
	@"$(PY)" -m ruff format

clean: ## remove what was built; the virtual environment stays
	@rm -rf "$(BUILDDIR)" .hypothesis .mypy_cache .pytest_cache .ruff_cache
