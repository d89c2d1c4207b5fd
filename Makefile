# What a person needs: run, test, check, fix. README.md tells when.
# PYTHON       which Python makes the environment (3.11 or newer)
# TORCH_INDEX  package index with the CPU build of PyTorch, where the default one can't be reached

PYTHON ?= python3
TORCH_INDEX ?=
TORCH_VERSION := 2.13.0
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
CUDA_PARTS := torch triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc \
	nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver nvidia-cusparse \
	nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx
COMPILE = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-header --quiet $(CUDA_PARTS:%=--no-emit-package %)

.PHONY: run install test check fix lock

# An ingest that could not read a document exits with 1; the others are served all the same.
run: install
	-$(BIN)/faktasvar ingest
	$(BIN)/faktasvar serve

install: $(VENV)/.installed

test: $(VENV)/.installed-test
	tools/chromium.sh
	tools/tesseract.sh
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: $(VENV)/.installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Run after a change of the dependencies in pyproject.toml.
lock: $(VENV)/.torch
	$(PIP) install --quiet uv
	$(COMPILE) --group build --output-file requirements.lock
	$(COMPILE) --group build --group test --constraint requirements.lock --output-file requirements-test.lock

$(VENV)/.torch:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	TORCH_INDEX="$(TORCH_INDEX)" tools/torch.sh $(TORCH_VERSION) $(PIP)
	touch $@

$(VENV)/.installed: $(VENV)/.torch requirements.lock pyproject.toml
	$(PIP) install --quiet --require-hashes --no-deps -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed requirements-test.lock
	$(PIP) install --quiet --require-hashes --no-deps -r requirements-test.lock
	touch $@
