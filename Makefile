# Earshot's commands. `make demo` to look at it, `make test` before a commit.
PYTHON ?= python3
PORT ?= 8000
SIM_PORT ?= 9001

.PHONY: demo up test faults bench bench-long fuzz soak screens pictures screenshot format requirements clean python

demo: python ## A moving call centre on this machine, without a telephony account
	@$(PYTHON) scripts/virtual_environment.py requirements.txt
	@exec .venv/bin/python scripts/demo.py --port $(PORT) --sim-port $(SIM_PORT)

up: python ## PostgreSQL, Redis, 2 web processes, a worker and nginx (UP_PORT, 8080) on this machine, with made-up calls
	@sh scripts/system_packages.sh
	@command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || echo "Without nginx (apt-get install nginx) a small balancer stands in its place."
	@$(PYTHON) scripts/virtual_environment.py requirements.txt requirements-dev.txt
	@exec .venv/bin/python scripts/stack.py --port $(or $(UP_PORT),8080)

test: ## Everything that must hold: formatting, lint, types, import contracts, tests
	@sh scripts/system_packages.sh
	@$(PYTHON) scripts/virtual_environment.py requirements.txt requirements-dev.txt
	@.venv/bin/python scripts/check.py

bench: python ## Measures everything beside its floor; writes docs/benchmarks.md (13 minutes at most)
	@sh scripts/system_packages.sh
	@$(PYTHON) scripts/virtual_environment.py requirements.txt requirements-dev.txt
	@.venv/bin/python -m bench

bench-long: python ## The same with longer rounds, and the memory under MINUTES (30) of full load
	@sh scripts/system_packages.sh
	@$(PYTHON) scripts/virtual_environment.py requirements.txt requirements-dev.txt
	@.venv/bin/python -m bench --long --minutes $(or $(MINUTES),30)

fuzz: python ## Posts COUNT (200000) mutated deliveries, drawn from SEED (1), to a server of its own
	@sh scripts/system_packages.sh
	@$(PYTHON) scripts/virtual_environment.py requirements.txt requirements-dev.txt
	@FUZZ_COUNT=$(or $(COUNT),200000) FUZZ_SEED=$(or $(SEED),1) \
	  .venv/bin/pytest tests/test_fuzz.py -p no:cacheprovider -s

faults: python ## Faults of Redis, PostgreSQL and each process on a whole stack; of Telnyx with every command; every order
	@sh scripts/system_packages.sh
	@$(PYTHON) scripts/virtual_environment.py requirements.txt requirements-dev.txt
	@.venv/bin/python -m bench.faults --long
	@ALL_CASES=1 .venv/bin/pytest -n 2 --dist=load -p no:cacheprovider tests/test_faulty_telnyx.py \
	  tests/test_later_press.py tests/test_supervision_order.py tests/test_recordings.py

soak: python ## MINUTES (10) of lost, doubled and late webhooks and kills, then: is the floor still true? (SEED DUPLICATE DROP SHUFFLE KILL OPTIONS)
	@$(PYTHON) scripts/virtual_environment.py requirements.txt requirements-dev.txt
	@exec .venv/bin/python -m bench.soak --minutes $(or $(MINUTES),10) --seed $(or $(SEED),1) \
	  --duplicate $(or $(DUPLICATE),0.2) --drop $(or $(DROP),0.15) --shuffle $(or $(SHUFFLE),5) \
	  --kill-every $(or $(KILL),30) $(OPTIONS)

screens: python ## A wallboard over RESTARTS (30) ends of its server: right within 5 s each time, its memory flat
	@sh scripts/system_packages.sh
	@$(PYTHON) scripts/virtual_environment.py requirements.txt requirements-dev.txt
	@RESTARTS=$(or $(RESTARTS),30) .venv/bin/pytest -n 0 -s -p no:cacheprovider tests/browser/test_wallboards.py -k over_restarts

pictures: python ## Every page that the browser tests look at, as pictures in FOLDER (test-results/pictures)
	@sh scripts/system_packages.sh
	@$(PYTHON) scripts/virtual_environment.py requirements.txt requirements-dev.txt
	@PICTURES=$(or $(FOLDER),test-results/pictures) .venv/bin/pytest -n 0 -p no:cacheprovider tests/browser

screenshot: python ## docs/floor.png, taken from a demo of its own
	@$(PYTHON) scripts/virtual_environment.py requirements.txt requirements-dev.txt
	@.venv/bin/python scripts/screenshot.py

format: ## Rewrites the code as `make test` wants it
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

requirements: ## Pins requirements*.in with hashes; UPGRADE=1 takes the newest versions
	@sh scripts/requirements.sh $(if $(UPGRADE),--upgrade)

clean: ## Removes what these commands made
	rm -rf .venv .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results

python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Earshot needs Python 3.11 or newer and finds no $(PYTHON). On Debian: apt-get install python3 python3-venv"; \
	  echo "Or name another: make demo PYTHON=/path/to/python3"; exit 1; }
