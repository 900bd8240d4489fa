# Everything runs in .venv, made from the hashed locks; uv is used where it is installed, else pip.
PYTHON ?= python3
BIN := .venv/bin
# All but spark, which is large and needs Java.
EXTRAS := --extra lab --extra postgres --extra mysql --extra excel --extra seal --extra docs
LOCK := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --group build

ifneq ($(shell command -v uv),)
MAKE_VENV := uv venv --quiet --python $(PYTHON) .venv
INSTALL := uv pip install --quiet --python $(BIN)/python --no-deps --compile-bytecode
else
# Debian's python3 comes without ensurepip; its own pip then brings pip into .venv.
MAKE_VENV := $(PYTHON) -m venv .venv >/dev/null || \
	{ $(PYTHON) -m venv --clear --without-pip .venv && \
	$(PYTHON) -m pip --python $(BIN)/python install -qq pip; }
INSTALL := $(BIN)/python -m pip install -qq --no-deps
endif

.PHONY: help audit lab docs test lint simulate spark-test bench bench-large kills fuzz lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 10

audit: .venv/run.stamp ## audit the recorded export data/rails/sidekiq_cached
	@$(BIN)/settle audit data/rails/sidekiq_cached --profile rails || [ $$? -eq 1 ] # 1: findings

lab: .venv/dev.stamp ## open the audit in JupyterLab
	@$(BIN)/settle lab

docs: .venv/dev.stamp ## the documentation as a site in site/, built without a network
	@$(BIN)/sphinx-build -q -W -b html -c docs/site . site/html
	@echo site/html/docs/index.html

test: lint ## lint, then all tests and the doc notebooks
	@$(BIN)/python -m pytest tests $(wildcard notebooks/docs) --nbval --nbval-current-env \
		--numprocesses=2 --dist=loadfile --no-loadscope-reorder

lint: .venv/dev.stamp ## ruff and mypy
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

simulate: .venv/dev.stamp ## audit some 90 kinds of simulated system, and hold each to its truth
	@PYTHONPATH=tests/support $(BIN)/python tests/support/simulate.py
	@PYTHONPATH=tests/support $(BIN)/python tests/support/two_paths.py

spark-test: .venv/dev.stamp ## install the extra spark (700 MB, needs Java 17), and test it
	@$(patsubst %--no-deps,%,$(INSTALL)) 'pyarrow>=20' 'pyspark>=4.3,<5' 'sqlglot>=30'
	@$(BIN)/python -m pytest -q tests/spark

FUZZ := 40000
fuzz: .venv/dev.stamp ## over 100,000 hostile inputs of every kind; FUZZ=4000 for a tenth (hours)
	@SETTLE_FUZZ=$(FUZZ) $(BIN)/python -m pytest -q tests/hostile/test_fuzz.py
	@SETTLE_FUZZ=$(FUZZ) $(BIN)/python -m pytest -q tests/exports/test_any_export.py

bench: .venv/dev.stamp ## measure audit, plan, Book and logs next to what else would do the work
	@$(BIN)/python bench/audit.py
	@$(BIN)/python bench/rounds.py
	@$(BIN)/python bench/rounds.py --entries 1000000 --format csv
	@$(BIN)/python bench/memory.py --entries 1000000 5000000
	@$(BIN)/python bench/crowd.py
	@$(BIN)/python bench/plan.py
	@$(BIN)/python bench/book.py
	@$(BIN)/python bench/flows.py
	@$(BIN)/python bench/logs.py

bench-large: .venv/dev.stamp ## the audit at 100 million entries, also within 4 GiB (an hour)
	@$(BIN)/python bench/memory.py --entries 100000000 --limits 4GiB
	@$(BIN)/python bench/rounds.py --entries 100000000 --rounds 1

kills: .venv/dev.stamp ## stop 100 audits at random moments, and look at what they leave (20 min)
	@PYTHONPATH=tests/support $(BIN)/python bench/kills.py

lock: ## make requirements/*.txt anew (needs uv); UPGRADE=--upgrade takes newer versions
	$(LOCK) $(UPGRADE) --group test $(EXTRAS) -o requirements/dev.txt
	$(LOCK) $(UPGRADE) --extra excel --constraints requirements/dev.txt \
		-o requirements/run.txt

clean: ## remove .venv, runs and caches
	rm -rf .venv runs site .hypothesis .mypy_cache .pytest_cache .ruff_cache

# The package itself is installed editable; its build backend is in the locks.
.venv/%.stamp: requirements/%.txt pyproject.toml .venv/pyvenv.cfg
	@echo "installing requirements/$*.txt into .venv"
	@$(INSTALL) --require-hashes -r $<
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is \
	needed, this is %d.%d: try make PYTHON=python3.12" % sys.version_info[:2])'
	@rm -rf .venv
	@$(MAKE_VENV)
