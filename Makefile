# The commands of this project. `make demo` and `make test` set up all they need.
.PHONY: help demo test check engines bench lab serve lock clean

help:
	@echo "make demo    set up, load the sample retailer, make its first reports"
	@echo "make serve   open the apps          make lab    open the notebooks in JupyterLab"
	@echo "make test    set up, check the code and run all tests"
	@echo "make engines ask every question of Polars, DuckDB and Spark; the tests leave out the longest"
	@echo "make bench   measure speed and memory, in two hours and forty minutes; not part of the tests"
	@echo "make lock    pin all packages again  make clean  remove what was set up and made"

demo: .venv/run
	.venv/bin/workbench demo

serve lab: .venv/run
	.venv/bin/workbench $@

test: .venv/test check
	.venv/bin/python -m pytest --numprocesses 2 --dist loadgroup

check: .venv/test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

engines: .venv/test
	.venv/bin/python -m pytest tests/test_every_engine.py -m "long or not long"

bench: .venv/test .venv-bench/peer/made
	.venv/bin/python tests/benchmarks/lake.py 10
	.venv/bin/python tests/benchmarks/lake.py 50 100 --ways scan lines marts peer
	.venv/bin/python tests/benchmarks/every.py 10 100
	.venv/bin/python tests/benchmarks/reports.py 100
	.venv/bin/python tests/benchmarks/apps.py
	.venv/bin/python tests/benchmarks/door.py

lock:
	.ci/lock --upgrade

clean:
	rm -rf .venv .venv-bench .workbench .workbench-bench

.venv-bench/peer/made: requirements/bench.txt
	.venv/bin/python -m venv .venv-bench/peer
	.venv-bench/peer/bin/pip install --quiet --require-hashes -r requirements/bench.txt
	@touch $@

.venv/run: requirements/run.txt pyproject.toml
	.ci/setup run

.venv/test: requirements/test.txt pyproject.toml
	.ci/setup test
	@touch .venv/run
