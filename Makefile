# Every target makes what it needs first; see `make help`.

SHELL := /bin/bash
PYTHON ?= python3
RUN := source scripts/env.sh &&

# Nothing leaves this machine and nothing of another ROS 2 system is heard.
export ROS_AUTOMATIC_DISCOVERY_RANGE := LOCALHOST
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test coverage check format faults bench clean distclean

help:
	@echo 'make setup               make .venv, install the pinned packages, build'
	@echo 'make demo                render a drive, label it through ROS 2, write out/demo/'
	@echo 'make demo DRIVE=FILE     the same with your own video, bag or folder of images'
	@echo 'make test                run every test'
	@echo 'make test ARGS="-k bag"  run some of them; ARGS go to pytest; -n 0 runs one at a time'
	@echo 'make coverage            how much of core its tests run; fails below 95 %'
	@echo 'make check               format, lint and types'
	@echo 'make format              format and fix what can be fixed'
	@echo 'make faults              try faults as often as docs/reliability.md tells, write its table'
	@echo 'make bench               measure speed beside a baseline; ONLY=name,... for some'
	@echo 'make clean               remove the build and all results'
	@echo 'make distclean           remove .venv, too'
	@echo
	@echo 'PYTHON=python3.12 chooses the interpreter of .venv. A sourced ROS 2 is used if there is one.'

setup:
	@$(PYTHON) scripts/setup_env.py

demo: setup
	@$(RUN) scene-clip demo $(if $(DRIVE),"$(DRIVE)") $(ARGS)

# A file stays in one worker, which makes what its tests share once; a worker needs up to 2 GB.
test: setup
	@$(RUN) pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

coverage: setup
	@$(RUN) coverage run -m pytest test/core -q && coverage report

check: setup
	@$(RUN) ruff format --check . && ruff check . && mypy

format: setup
	@$(RUN) ruff format . && ruff check --fix .

# One after the other: signals and floods would disturb one another's figures. 25 minutes.
faults: setup
	@$(RUN) pytest test/nodes/faults --thorough --fault-table out/faults.md $(ARGS)

bench: setup
	@$(RUN) python benchmarks/run.py $(if $(ONLY),--only $(ONLY)) $(ARGS)

clean:
	rm -rf build install log out dist *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache

distclean: clean
	rm -rf .venv
