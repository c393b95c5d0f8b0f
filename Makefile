# Needs make and Python 3.11 or later. Everything goes into .venv/ of this checkout.

.DEFAULT_GOAL := help
.PHONY: help serve test test-clients check bench bench-detection bench-routing native lock clean install install-dev

BIN := .venv/bin
# The tests of what is compiled, for once more without.
PURE := tests/bench tests/router $(addprefix tests/gateway/,access config dialects egress pipeline serving/http telemetry wire \
  $(addprefix accounting/test_,asked.py entry.py journal.py machine.py money.py prices.py sharing.py tariff.py) \
  accounting/audit/test_chain.py cache/test_key.py $(addprefix test_,admission.py asgi.py occupancy.py presence.py))

# Only what stands on make's command line counts: HOST and PORT are set in many people's environments.
given = $(filter command line,$(origin $(1)))
# make hands such variables on in the environment, so "$$NAME" is safe with spaces and quotes in it.
SERVE_FLAGS := \
  $(if $(call given,CONFIG),--config "$$CONFIG") \
  $(if $(call given,HOST),--host "$$HOST") \
  $(if $(call given,PORT),--port "$$PORT") \
  $(if $(call given,WORKERS),--workers "$$WORKERS")

serve: install ## install and start the gateway; MODEL=file.gguf or owner/repo:file.gguf, CONFIG=, HOST=, PORT=, WORKERS=
	@$(BIN)/python deploy/make/native.py --later
	@exec env $(if $(call given,MODEL),TIDEGATE_MODEL="$$MODEL") $(BIN)/tidegate serve $(SERVE_FLAGS)

test: install-dev ## run the tests, against real servers; ARGS= for pytest
	@$(BIN)/python deploy/make/native.py --once
	@sh deploy/make/servers.sh
	@$(BIN)/python -m pytest $(ARGS)
	@if [ -z "$(ARGS)" ] && [ -e $(BIN)/../lib/python3*/site-packages/tidegate_compiled ]; then \
	  echo 'the same without what is compiled: decisions, and the way of a request'; TIDEGATE_PURE=1 $(BIN)/python -m pytest -q $(PURE); fi

test-clients: install-dev ## run real clients, each in an environment of its own; ARGS= names or --write
	@$(BIN)/python -m tests.clients $(ARGS)

check: install-dev ## lint, format, types, and which part may import which
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(if $(filter list,$(BENCH)),,native) ## ratios beside bare passthroughs and other gateways; BENCH=name ARGS=…; BENCH=list: which there are
ifeq ($(BENCH),list)
	@for file in bench/[a-z]*.py bench/[a-z]*/__main__.py; do name=$${file%/__main__.py}; \
	  printf '%-20s %s\n' "$$(basename "$$name" .py)" "$$(sed -n '1s/"""//gp' "$$file")"; done
else
	@$(BIN)/python -m bench.$(or $(BENCH),load) $(ARGS)
endif

bench-detection: native ## what detection finds and costs, beside the goals; DATA: a directory of labelled rows
	@$(BIN)/python -m bench.detection $(or $(DATA),$(error DATA=directory of dev_*.jsonl.gz))

bench-routing: native ## how well difficulty is estimated and what it costs, beside the goals; DATA: a directory with train/ and dev/
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m bench.routing $(or $(DATA),$(error DATA=directory with train/ and dev/))

native: install-dev ## compile what requests go through for this Python, where a C compiler is there; serve and bench do it too
	@$(BIN)/python deploy/make/native.py

lock: install-dev ## write requirements/*.txt from pyproject.toml; UPGRADE=1 for the newest versions
	@UPGRADE="$(UPGRADE)" sh deploy/make/lock.sh

clean: ## remove .venv, .venv-clients and caches; ledger, journal and keys (.tidegate/) stay
	rm -rf .venv .venv-clients .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
	  printf '  make %-12s %s\n' "$$name" "$$text"; done

install:
	@python=$$(sh deploy/make/python.sh) && "$$python" deploy/make/install.py serve

install-dev:
	@python=$$(sh deploy/make/python.sh) && "$$python" deploy/make/install.py dev
