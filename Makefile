# Flotilla. `make run` starts a node; `make test` checks everything.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export FLOTILLA_STATE_DIR ?= $(CURDIR)/var
# compiled modules are kept, whatever the shell says: to compile the tests takes a worker some seconds
TEST := env -u FLOTILLA_STATE_DIR -u PYTHONDONTWRITEBYTECODE DJANGO_SETTINGS_MODULE=tests.settings
# unit tests wait for no disk; the lab's do
IN_MEMORY := TMPDIR=$(firstword $(wildcard /dev/shm) /tmp)
UNSAID := $(addprefix --ignore=,.venv build docs tests var agent styleguide drf_spectacular)
AUDIT_PROOFS := $(addprefix tests/audit/test_,processes.py filters.py search.py hostile_requests.py export_memory.py)

.PHONY: setup setup-dev run join test lint types style messages unit unit-postgresql lab-tests browser-tests lab faults audit-proofs bench pictures lighthouse lock schema clean

setup: $(VENV)/.installed  ## virtual environment and dependencies

$(VENV)/.installed: requirements.txt
	@deploy/debian-packages run
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Flotilla needs Python 3.11 or newer: make PYTHON=... run")'
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "Installing the Python dependencies ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

setup-dev: $(VENV)/.installed-dev build/checkers/.installed

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@deploy/debian-packages test
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

build/checkers/.installed: tests/checkers/package-lock.json
	@deploy/debian-packages test
	@mkdir -p build/checkers
	@cp tests/checkers/package.json tests/checkers/package-lock.json build/checkers/
	@npm ci --prefix build/checkers --ignore-scripts --no-audit --no-fund --silent
	@touch $@

build/lighthouse/.installed: tests/checkers/lighthouse/package-lock.json
	@mkdir -p build/lighthouse
	@cp tests/checkers/lighthouse/package.json tests/checkers/lighthouse/package-lock.json build/lighthouse/
	@npm ci --prefix build/lighthouse --ignore-scripts --no-audit --no-fund --silent
	@touch $@

build/quadlet: deploy/quadlet
	@deploy/quadlet $@
	@touch $@

run: setup  ## a node on this machine, in the foreground
	@$(BIN)/python -m config.prepare
	@exec $(BIN)/python -m config.supervise

join: setup  ## join the cluster whose join code you have (the node runs in another terminal)
	@$(BIN)/python manage.py join_cluster

lint: setup-dev  # at once what takes one processor each; what one of them says comes in one piece
	@$(MAKE) --no-print-directory --jobs 2 --output-sync types style

types: setup-dev
	$(TEST) $(BIN)/mypy .

style: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(TEST) $(BIN)/python manage.py makemigrations --check --dry-run
	$(TEST) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@mkdir -p build
	$(TEST) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file build/openapi.yaml
	diff -u docs/openapi.yaml build/openapi.yaml

pictures: setup-dev  ## make the pictures of README and manual anew (root)
	$(TEST) $(BIN)/python -m tests.browser.illustrating

lighthouse: setup-dev build/lighthouse/.installed  ## every page by Lighthouse, at least 95 of each mark (root)
	$(TEST) $(BIN)/python -m tests.browser.lighthouse_round

schema: setup-dev  ## write docs/openapi.yaml anew
	$(TEST) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

messages: setup-dev  ## collect what is to be translated, and compile what is translated
	$(TEST) $(BIN)/python manage.py makemessages --locale it --no-obsolete --no-location --no-wrap $(UNSAID)
	$(TEST) $(BIN)/python manage.py compilemessages --locale it --ignore .venv

unit: setup-dev
	$(TEST) $(IN_MEMORY) $(BIN)/python -m pytest -n 2 -m "not lab and not browser and not faults"

unit-postgresql: setup-dev
	$(TEST) $(IN_MEMORY) $(BIN)/python -m tests.postgres -- $(BIN)/python -m pytest -n 2 -m "not lab and not browser and not faults"

lab-tests: setup-dev build/quadlet  ## whatever needs a lab: its own tests, browsers, a part of the fault matrix
	$(TEST) FLOTILLA_FAULTS=third $(BIN)/python -m pytest -p no:randomly -n 3 --dist loadfile -m "lab or faults or browser"

browser-tests: setup-dev
	$(TEST) $(BIN)/python -m pytest -p no:randomly -n 2 --dist loadfile -m browser

test: lint unit unit-postgresql lab-tests  ## everything; exit 0 only if all of it ran

lab: setup-dev  ## three joined nodes on this machine (root)
	$(TEST) $(BIN)/python -m tests.lab up --nodes 3

faults: setup-dev  ## the whole fault matrix (root)
	$(TEST) FLOTILLA_FAULTS=all $(BIN)/python -m pytest -p no:randomly -n 3 --dist loadfile -m faults

audit-proofs: setup-dev  ## the audit trail's hard proofs in full: a million events, a hundred kills
	$(TEST) FLOTILLA_PROOFS=full $(IN_MEMORY) $(BIN)/python -m pytest -p no:randomly $(AUDIT_PROOFS)
	$(TEST) FLOTILLA_PROOFS=full $(IN_MEMORY) $(BIN)/python -m tests.postgres -- $(BIN)/python -m pytest -p no:randomly $(AUDIT_PROOFS)

bench: setup-dev  ## measured figures against their targets (root)
	$(TEST) $(BIN)/python -m tests.bench

lock: setup-dev  ## resolve the dependencies anew
	$(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet uv
	build/lock/bin/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-header requirements.in -o requirements.txt
	build/lock/bin/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-header requirements-dev.in -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf build $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis
