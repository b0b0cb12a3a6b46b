# Everything that a person types. `make demo` and `make test` set up all they need by themselves.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# There while it is being made. After an interrupt pip would take half a package for a whole one.
INCOMPLETE := .venv/.incomplete
# Both cores; slow files first (testpaths), so that neither core waits for the other.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# Where bytecode is not kept, each of the many Python processes compiles all that it imports.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: lock licences demo sandbox down acceptance oracle sweep test test-slow test-unit test-mocks mutants bench check fix

PLUGINS ?= emulated

demo: $(READY)        ## from an empty account and org to a person's login and back; PLUGINS=published downloads them
	@$(BIN)/python -m sandbox demo --plugins $(PLUGINS)

sandbox: $(READY)     ## both clouds with stack dev deployed, left running
	@$(BIN)/python -m sandbox up --plugins $(PLUGINS)

down: $(READY)        ## stop what `make sandbox` left running
	@$(BIN)/python -m sandbox down

acceptance: $(READY)  ## the demo on your own org and account: docs/how-to/acceptance.md
	@$(BIN)/python -m tools.acceptance $(ACCEPTANCE_OPTIONS)

test: $(READY)        ## the tests that need no cloud account, with a spread of the slow ones
	$(PYTEST) --all

test-slow: oracle     ## what `make test` leaves out: the rest of the random stack files and of the slow tests
	$(PYTEST) -m slow

test-unit: $(READY)   ## those that need neither engine nor emulators: what `pytest` alone runs
	$(PYTEST) tests/unit

test-mocks: $(READY)  ## components and stack files under Pulumi's mocks
	$(BIN)/python -m pytest tests/unit/components tests/unit/stacks

mutants: $(READY)     ## small mistakes in the program that test-unit would not notice: an hour
	$(BIN)/python -m tools.mutants $(MUTANTS)

oracle: $(READY)      ## the access model beside the emulated clouds: all 300 random stack files
	ORACLE_SHARE=1 $(PYTEST) --all tests/integration/oracle

sweep: $(READY)       ## a deployment killed at each of its calls, and recovered, and with each fault: hours; writes two pages
	$(BIN)/python -m tests.integration.recovery.fault_sweep .sandbox/fault-sweep.jsonl
	$(BIN)/python -m tests.integration.recovery.sweep .sandbox/sweep.jsonl

bench: $(READY)       ## docs/bench and docs/scale.md: what a deployment costs at growing sizes; an hour or more
	$(BIN)/python -m tools.bench

check: $(READY)       ## format, lint, layers, types, workflow files
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy .
	cd policies && ../$(BIN)/mypy --config-file ../pyproject.toml .
	cd examples/consumer && ../../$(BIN)/mypy --config-file ../../pyproject.toml .
	$(BIN)/python -m tools.workflows

fix: $(READY)         ## what the linter can mend by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(READY)        ## requirements/locks: hashes of the versions in requirements/constraints.txt (pip install uv)
	for name in dev pipeline; do \
	    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	        --custom-compile-command 'make lock' --no-emit-index-url --constraints requirements/constraints.txt \
	        --output-file requirements/locks/$$name.txt requirements/$$name.txt || exit 1; \
	done

licences: $(READY)    ## docs/reference/licences.md: what each installed package is licensed under
	$(BIN)/python -m tools.licences

$(READY): requirements/locks/dev.txt requirements/oracle.txt
	@mkdir -p .venv && touch $(INCOMPLETE)
	$(PYTHON) -m venv $(if $(wildcard $(INCOMPLETE)),--clear) .venv
	@touch $(INCOMPLETE)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/locks/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements/oracle.txt
	@mv $(INCOMPLETE) $(READY)
