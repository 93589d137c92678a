# Thin wrappers over bin/; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: run stop test check fix bench lighthouse reset-demo help setup setup-dev
VENV := .venv/bin/python

run: setup  ## Serve the site on 127.0.0.1:8000 (PORT=8010 elsewhere), with demo data
	@$(VENV) bin/run.py

stop: ## Stop the server and the database of `make run`
	@if [ -f .local/server.pid ]; then kill "$$(cat .local/server.pid)" 2>/dev/null || true; fi
	@if [ -x $(VENV) ]; then $(VENV) bin/postgres.py --cluster run stop; $(VENV) bin/postgres.py --cluster test stop; fi

test: setup-dev  ## Everything: style, types, directions, templates, and all tests
	@$(VENV) bin/test.py

check: setup-dev  ## What `make test` checks before the tests
	@$(VENV) bin/test.py --checks-only

fix: setup-dev  ## Format the code and the templates
	@.venv/bin/ruff check -q --fix . ; .venv/bin/ruff format -q . ; .venv/bin/djlint --quiet --reformat templates || true

bench: setup-dev  ## Measure the pages (benchmarks/README.md)
	@$(VENV) bin/postgres.py --cluster run exec -- $(VENV) benchmarks/bench.py $(BENCH)

lighthouse: setup  ## Score the daily pages (benchmarks/page-scores.md)
	@$(VENV) benchmarks/page_scores.py $(SCORES)

reset-demo: setup  ## Drop the demo database and load it anew
	@$(VENV) bin/reset_demo.py

setup:
	@python=$$(bin/find-python) && echo "Setting up" && "$$python" bin/setup.py

setup-dev:
	@python=$$(bin/find-python) && echo "Setting up" && "$$python" bin/setup.py --dev

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14
