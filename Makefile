# Two commands on a machine with Python 3.11 and pip: `make demo` and `make test`. Everything else is for those who work on it.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo day test bench soak lint pictures clean

help:
	@echo "make demo   buy a token and enter it into a meter, each step shown"
	@echo "make day    play a whole business day with faults and tell it in day.html"
	@echo "make test   the whole test-suite"
	@echo "make bench  speed, as ratios against yardsticks of the same run"
	@echo "make soak   the long tests that kill processes"
	@echo "make lint   style, types, import rules"
	@echo "make pictures   the pictures of README and docs, from the current code"
	@echo "make clean  remove what the other targets made"

demo: $(VENV)/installed
	@BIN=$(BIN) sh docs/demo.sh

day: $(VENV)/installed-day
	$(BIN)/pln-sim day --output day.html

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n auto

bench: $(VENV)/installed-dev
	$(BIN)/python tests/bench/run.py $(PARTS)

soak: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m soak

pictures: $(VENV)/installed-dev
	$(BIN)/python docs/pictures.py

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "meter-emu needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "setting up $(VENV) (once; takes a minute)"
	@# Where the system's Python comes without ensurepip, its own pip fills the environment.
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { $(PYTHON) -m venv --without-pip $(VENV) && \
		$(PYTHON) -m pip --python $(VENV)/bin/python install --quiet pip; }

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@$(PIP) --editable .
	@$(BIN)/python -m compileall -q meter_emu firmware_proto gui tools
	@touch $@

$(VENV)/installed-day: pyproject.toml $(VENV)/installed
	@$(PIP) --editable '.[audit,recon]'
	@touch $@

$(VENV)/installed-dev: pyproject.toml $(VENV)/installed
	@$(PIP) --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache day.html
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
