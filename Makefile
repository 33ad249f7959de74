# Every target sets up what it needs in .venv: on a fresh machine with make
# and Python 3.10-3.12, `make demo` and `make test` are the whole install.
#   make demo PYTHON=python3.11      choose the interpreter of .venv

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
HEADLESS := 'opencv-python-headless<4.13'

# Two processes with two threads each on two cores spend their time waiting
# for one another, up to a hundred times slower than with one thread each.
OMP_NUM_THREADS ?= 1
export OMP_NUM_THREADS

STUDY := materials materials_easy materials_hard settings cifar10 coco
# CIFAR-10 and photographs of COCO are yours to bring.
SMALL := materials $(notdir $(wildcard data/cifar10)) \
  $(if $(wildcard data/coco_first100),coco)

.DEFAULT_GOAL := help
.PHONY: help demo study study-small test docs lint format clean

help:
	@echo 'make demo    pretrain, evaluate, and write work_dirs/demo/report.md'
	@echo 'make study   measure what docs/study has no record of'
	@echo 'make study-small  the quick part, beside docs/study'
	@echo 'make test    run the tests'
	@echo 'make docs    build the documentation as build/site/index.html'
	@echo 'make lint    check style and formatting with ruff'
	@echo 'make format  mend style and formatting with ruff'
	@echo 'make clean   remove .venv and caches; data/ and work_dirs/ stay'

demo: $(INSTALLED)
	$(BIN)/python tools/compare.py configs/comparisons/demo.py $(ARGS)

study: $(INSTALLED)
	$(BIN)/python tools/compare.py $(STUDY:%=configs/comparisons/%.py) $(ARGS)

study-small: $(INSTALLED)
	$(BIN)/python tools/compare.py $(SMALL:%=configs/comparisons/%.py) \
	  --small $(ARGS)

test: $(INSTALLED)
	$(BIN)/python -m pytest tests -n 2 --dist loadfile \
	  --no-loadscope-reorder $(ARGS)

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache
	find configs mmsca tests tools -name __pycache__ -type d -prune \
	  -exec rm -rf {} +

$(INSTALLED): setup.cfg pyproject.toml
	@$(PYTHON) -c "$$CHECK_PYTHON"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -e '.[tests]'
	@# onedl-mmdetection asks for both builds of OpenCV. They share a folder;
	@# the one without windows has to be the last, as it needs no libGL.
	$(BIN)/python -m pip install --force-reinstall --no-deps $(HEADLESS)
	@# Two processes that write this cache of yapf at a time break each other.
	@$(BIN)/python -c 'import yapf'
	touch $@

$(VENV)/.docs: $(INSTALLED)
	$(BIN)/python -m pip install -e '.[docs]'
	touch $@

define CHECK_PYTHON
import sys
if not (3, 10) <= sys.version_info[:2] <= (3, 12):
    sys.exit('mmsca needs Python 3.10, 3.11 or 3.12, but $(PYTHON) is Python '
             '%d.%d. Choose one: make PYTHON=python3.11' % sys.version_info[:2])
endef
export CHECK_PYTHON
