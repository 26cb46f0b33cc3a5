# Every target sets up what it needs; nothing else has to be run first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Compiled modules are kept beside their sources, whatever the shell says: every server and worker of
# the tests would compile all of them again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install demo run test coverage lint bench lock clean

# For a machine that serves: nothing of what tests need.
install: $(VENV)/.runtime

demo: $(VENV)/.runtime
	$(BIN)/witness-vault demo

run: $(VENV)/.runtime
	$(BIN)/witness-vault serve --dir var --init-if-missing

# Three processes on two cores: some tests wait for a clock or a server. Each file is run by one of
# them, so that its servers are started once; tests/conftest.py says which files begin.
SHARED := --dist loadfile --no-loadscope-reorder

test: $(VENV)/.dev
	$(BIN)/pytest -n 3 $(SHARED)

# The same tests, with lines and branches counted; a third slower.
coverage: $(VENV)/.dev
	$(BIN)/pytest -n 2 $(SHARED) --cov --cov-report=term

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# Locks carry hashes and no registry addresses.
lock: $(VENV)/.venv
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header -o requirements.lock requirements.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header -o requirements-dev.lock requirements-dev.in

$(VENV)/.venv:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.runtime: $(VENV)/.venv requirements.lock pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.venv requirements-dev.lock pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.runtime

clean:
	rm -rf $(VENV)
